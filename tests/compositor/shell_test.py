#!/usr/bin/env python3
"""Bars, launchers and messages, real ones, on a desk. Usage: shell_test.py BUILD"""

import json
import pathlib
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))
from bus import start_bus  # noqa: E402
from client import Client  # noqa: E402
from desk import Desk, DeskError, answers, box_of  # noqa: E402
from desk_test import BUILD, DeskTest  # noqa: E402

BAR = {"layer": "top", "position": "top", "height": 32, "modules-left": ["custom/hello"],
       "custom/hello": {"format": "hello"}}


class Shell(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = Desk(BUILD)
        path = desk.runtime / "config.scfg"
        path.write_text("output * {\n\tmode 800x600\n}\n")
        desk.arguments = ["--no-machines", "--config", str(path)]
        return desk

    def run_client(self, *words, **options):
        return self.enterContext(Client(self.desk, *words, **options))

    def start_bus(self):
        return start_bus(self.desk, self.run_client)

    def file(self, text):
        path = self.desk.runtime / "input"
        path.write_text(text)
        return self.enterContext(open(path, "rb"))

    def click(self, x, y):
        self.desk.run("wlrctl", "pointer", "move", -10000, -10000)
        self.desk.run("wlrctl", "pointer", "move", x, y)
        self.desk.run("wlrctl", "pointer", "click")

    def layers(self):
        (output,) = self.desk.ctl("outputs")
        return {layer["namespace"]: layer for layer in output["layers"]}

    def wait_layer(self, name):
        return self.desk.until(lambda: self.layers().get(name), f"a layer surface of {name}")

    def wait_no_layer(self, name):
        self.desk.until(lambda: name not in self.layers(), f"the end of {name}")

    def test_bar(self):
        window = self.run_client("foot").window()
        self.assertEqual(window["box"], {"x": 0, "y": 0, "width": 800, "height": 600})
        path = self.desk.runtime / "bar.json"
        path.write_text(json.dumps(BAR))
        with Client(self.desk, "waybar", "-c", path, environment=self.start_bus()) as bar:
            layer = self.wait_layer("waybar")
            self.assertEqual(layer["layer"], "top")
            self.assertEqual(box_of(layer["box"]), (0, 0, 800, 32))
            (output,) = self.desk.ctl("outputs")
            self.assertEqual(box_of(output["usable"]), (0, 32, 800, 568))
            (window,) = self.desk.ctl("windows")
            self.assertEqual(box_of(window["box"]), (0, 32, 800, 568))
            bar.wait(r"^-> zwlr_layer_surface_v1#\d+\.set_exclusive_zone\(32\)",
                     r"^org_kde_kwin_server_decoration_manager#\d+\.default_mode\(2\)")
            self.desk.until(lambda: not self.desk.picture((0, 0, 800, 32)).one_colour(), "text in the bar")
        self.wait_no_layer("waybar")
        (window,) = self.desk.ctl("windows")
        self.assertEqual(box_of(window["box"]), (0, 0, 800, 600))

    def test_launcher(self):
        typed, started = self.desk.runtime / "typed", self.desk.runtime / "started"
        foot = self.run_client("foot", "sh", "-c", f"cat > {typed}; sleep 60")
        foot.window()
        foot.wait(r"^wl_keyboard#\d+\.enter")
        entries = self.desk.runtime / "data/applications"
        entries.mkdir(parents=True)
        (entries / "probe.desktop").write_text(
            f"[Desktop Entry]\nType=Application\nName=Probe\nExec=touch {started}\n")
        fuzzel = self.run_client("fuzzel", environment={
            "XDG_DATA_HOME": str(entries.parent), "XDG_DATA_DIRS": str(self.desk.runtime),
            "XDG_CACHE_HOME": str(self.desk.runtime / "cache")})
        layer = self.wait_layer("launcher")
        self.desk.until(lambda: self.layers()["launcher"]["keyboard"], "keys for the launcher")
        fuzzel.wait(r"^wl_keyboard#\d+\.enter")
        before = self.desk.picture(box_of(layer["box"]))
        self.desk.type("prob")
        self.desk.until(lambda: self.desk.picture(box_of(layer["box"])).difference(before),
                        "what was typed in the launcher")
        self.desk.type("-k", "Return")
        self.desk.until(started.exists, "what the launcher starts")
        self.wait_no_layer("launcher")
        # None of it went to the window; now it has the keyboard again.
        self.desk.type("later", "-k", "Return")
        self.desk.until(lambda: typed.read_text() == "later\n", "what was typed later")

    def test_message(self):
        bus = self.start_bus()
        mako = self.run_client("mako", "--anchor", "top-right", "--margin", "10",
                               "--background-color", "#aa0055", environment=bus)
        mako.wait(r"^-> zwlr_layer_shell_v1|^zwlr_layer_shell_v1|wl_registry#\d+\.bind\(\d+, \"zwlr_layer_shell_v1\"")
        subprocess.run(["notify-send", "--expire-time", "60000", "Hello", "from the test"], check=True,
                       timeout=60, env={**self.desk.environment, **bus})
        layer = self.wait_layer("notifications")
        self.assertEqual(layer["layer"], "top")
        box = layer["box"]
        self.assertEqual((box["x"] + box["width"], box["y"]), (800, 0))
        self.desk.until(lambda: 0xaa0055 in self.desk.picture(box_of(box)).colours(), "the message")
        # A click takes it away.
        self.click(box["x"] + box["width"] // 2, box["y"] + box["height"] // 2)
        self.wait_no_layer("notifications")

    def test_choice_of_a_place(self):
        for _ in range(2):
            self.run_client("foot").window()
        with Client(self.desk, "slurp", "-r", stdin=self.file("100,50 60x40 one\n300,80 70x20 two\n")) as slurp:
            self.wait_layer("selection")
            slurp.wait(r"^-> wl_surface#\d+\.attach")
            self.click(320, 90)
            slurp.wait_end()
            self.assertRegex(slurp.log(), r"(?m)^300,80 70x20$")
        self.wait_no_layer("selection")
        picture = self.desk.picture((300, 80, 70, 20))
        self.assertEqual((picture.width, picture.height), (70, 20))

    def test_idle(self):
        idle, active = self.desk.runtime / "idle", self.desk.runtime / "active"
        self.run_client("swayidle", "-w", "timeout", "1", f"touch {idle}", "resume", f"touch {active}")
        self.desk.until(idle.exists, "idleness")
        self.assertFalse(active.exists())
        self.desk.run("wlrctl", "pointer", "move", "3", "3")
        self.desk.until(active.exists, "the end of idleness")
        # A bar that is told, by a click, not to let the desk be idle.
        path = self.desk.runtime / "bar.json"
        path.write_text(json.dumps({"height": 32, "modules-left": ["idle_inhibitor"],
                                    "idle_inhibitor": {"format": "awake"}}))
        self.assertFalse(self.desk.ctl("session")["idle_inhibited"])
        with Client(self.desk, "waybar", "-c", path, environment=self.start_bus()):
            self.wait_layer("waybar")
            self.desk.until(lambda: not self.desk.picture((0, 0, 800, 32)).one_colour(), "text in the bar")
            self.click(20, 16)
            self.desk.until(lambda: self.desk.ctl("session")["idle_inhibited"], "what inhibits")
        self.desk.until(lambda: not self.desk.ctl("session")["idle_inhibited"], "its end")

    def test_remote_screen(self):
        path = self.desk.runtime / "vnc"
        self.run_client("wayvnc", "--unix-socket", path)
        self.desk.until(lambda: answers(path), "the remote screen")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(path))
            self.assertEqual(connection.recv(12), b"RFB 003.008\n")

    def test_sandbox(self):
        """A program as Flatpak runs it has a window, and no way to look at others."""
        command = [BUILD / "tests/compositor/sandbox", self.desk.runtime / "sandbox-0"]
        foot = self.run_client(*command, "foot")
        window = foot.window()
        self.assertEqual(window["sandbox"], {"engine": "org.example", "app_id": "org.example.App",
                                             "instance_id": "1"})
        foot.wait(r"^wl_keyboard#\d+\.enter")
        command[1] = self.desk.runtime / "sandbox-1"
        with Client(self.desk, *command, "grim", "-") as grim:
            with self.assertRaises(DeskError):
                grim.wait_end()
            self.assertFalse(grim.saw(r"_v1#\d+\.ready"))
            self.assertTrue(grim.saw(r"doesn't support"))


if __name__ == "__main__":
    unittest.main()
