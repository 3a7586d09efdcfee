#!/usr/bin/env python3
"""Programs that set up screens, switch them off, colour them and share them, on a headless desk.

Usage: outputs_test.py BUILD
"""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))
from client import Client  # noqa: E402
from desk import Desk, DeskError, box_of  # noqa: E402
from desk_test import BUILD, DeskTest  # noqa: E402
from hide import Hide  # noqa: E402
from picture import Picture  # noqa: E402
from vnc import Vnc  # noqa: E402

FIRST = "HEADLESS-1"
CONFIG = """
border {
    width 4
    dim 100
    host #405060
    background #102030
}
"""
KANSHI = """
profile alone {
    output HEADLESS-1 mode --custom 1000x700 position 0,0 scale 1.25
}
profile two {
    output HEADLESS-1 mode --custom 1200x600 position 600,0 scale 1
    output side mode --custom 800x600 position 0,0 transform 90
}
"""


class OutputsTest(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = Desk(BUILD)
        path = desk.runtime / "config.scfg"
        path.write_text(CONFIG)
        desk.arguments = ["--no-machines", "--config", str(path)]
        return desk

    def setUp(self):
        self.addCleanup(self.restore)

    def restore(self):
        """As it was: one screen, as configured, without windows."""
        for output in self.desk.ctl("outputs"):
            if output["name"] != FIRST:
                self.desk.command("output", output["name"], "remove")
        self.desk.command("output", "*", "reset")
        self.desk.until(lambda: not self.desk.ctl("windows"), "end of the windows")
        self.desk.command("workspace", "1")

    # --- steps --------------------------------------------------------------------------

    def run_client(self, *words, **options):
        return self.enterContext(Client(self.desk, *words, **options))

    def foot(self, colour, *options):
        """A window of one colour, and what it is on the desk."""
        client = self.run_client("foot", "-o", f"colors-dark.background={colour:06x}", *options,
                                 "sh", "-c", r"printf '\033[?25l'; exec sleep 1000")
        return client.window()

    def output(self, name=FIRST):
        for output in self.desk.ctl("outputs"):
            if output["name"] == name:
                return output
        raise AssertionError(f"no output {name}")

    def wait_output(self, what, name=FIRST, **expected):
        def fits():
            output = self.output(name)
            return all(output[key] == value for key, value in expected.items())
        self.desk.until(fits, what)

    def grim(self, *words, **options):
        path = self.desk.runtime / "picture.ppm"
        path.unlink(missing_ok=True)
        with Client(self.desk, "grim", "-t", "ppm", *words, path, **options) as grim:
            grim.wait_end()
            return Picture.from_ppm(path.read_bytes()), grim

    # --- wlr-randr ----------------------------------------------------------------------

    def randr(self, *words):
        self.desk.run("wlr-randr", *words)

    def test_randr(self):
        self.desk.command("output", "create", "second", "800x600")
        heads = {head["name"]: head for head in json.loads(self.desk.run("wlr-randr", "--json"))}
        self.assertEqual(heads.keys(), {FIRST, "second"})
        first, second = heads[FIRST], heads["second"]
        self.assertTrue(first["enabled"] and second["enabled"])
        self.assertEqual(second["position"], {"x": 1280, "y": 0})
        self.assertEqual([(mode["width"], mode["height"]) for mode in second["modes"]], [(800, 600)])

        self.randr("--output", FIRST, "--custom-mode", "900x600", "--scale", "1.5",
                   "--transform", "90")
        output = self.output()
        self.assertEqual((output["mode"]["width"], output["mode"]["height"]), (900, 600))
        self.assertEqual((output["scale"], output["transform"]), (1.5, "90"))
        self.assertEqual(box_of(output["box"]), (0, 0, 400, 600))
        # The other one was not placed by anybody, and closes up.
        self.assertEqual(box_of(self.output("second")["box"]), (400, 0, 800, 600))
        self.randr("--output", "second", "--above", FIRST)
        self.assertEqual(box_of(self.output("second")["box"]), (0, -600, 800, 600))
        self.assertEqual(box_of(self.output()["box"]), (0, 0, 400, 600))
        # Tried and not done.
        self.randr("--dryrun", "--output", FIRST, "--scale", "2")
        self.assertEqual(self.output()["scale"], 1.5)
        # What no screen has is refused, and all of it.
        for words in (("--scale", "100"), ("--custom-mode", "40000x40000"),
                      ("--scale", "2", "--adaptive-sync", "enabled")):
            with self.assertRaisesRegex(DeskError, "failed to apply"):
                self.randr("--output", FIRST, *words)
            self.assertEqual(self.output()["scale"], 1.5)
            self.assertEqual(self.output()["mode"]["width"], 900)

        # Off: its windows are on the other one; on: they are back.
        self.desk.command("workspace", str(second_workspace := self.output("second")["workspace"]))
        foot = self.foot(0x203040)
        self.assertEqual(foot["output"], "second")
        self.randr("--output", "second", "--off")
        self.assertFalse(self.output("second")["enabled"])
        self.assertEqual([window["output"] for window in self.desk.ctl("windows")], [FIRST])
        self.randr("--output", "second", "--on")
        self.assertEqual([window["output"] for window in self.desk.ctl("windows")], ["second"])
        self.assertEqual(self.output("second")["workspace"], second_workspace)

    # --- kanshi -------------------------------------------------------------------------

    def test_kanshi(self):
        path = self.desk.runtime / "kanshi"
        path.write_text(KANSHI)
        kanshi = self.run_client("kanshi", "-c", path)
        kanshi.wait(r"^zwlr_output_configuration_v1#\d+\.succeeded")
        self.wait_output("kanshi's scale", scale=1.25,
                         box={"x": 0, "y": 0, "width": 800, "height": 560})
        # A screen is plugged in: the other profile, for both.
        self.desk.command("output", "create", "side", "1920x1080")
        self.wait_output("kanshi's second profile", "side", transform="90",
                         box={"x": 0, "y": 0, "width": 600, "height": 800})
        self.wait_output("its other screen", scale=1.0,
                         box={"x": 600, "y": 0, "width": 1200, "height": 600})
        # Reading the configuration again leaves what kanshi has set.
        self.desk.command("reload")
        self.assertEqual(self.output("side")["transform"], "90")
        self.assertEqual(self.output()["box"]["x"], 600)
        self.desk.command("output", "side", "remove")
        self.wait_output("the first profile again", scale=1.25)

    # --- power --------------------------------------------------------------------------

    def test_power(self):
        client = self.run_client("weston-simple-shm")
        client.window()
        frame = r"^wl_callback#\d+\.done"
        client.wait(frame)
        self.assertEqual(self.desk.run("wlopm"), f"{FIRST} on\n".encode())
        power = self.run_client("wlopm", "--off", FIRST)
        power.wait_end()
        self.assertTrue(power.saw(r"^-> zwlr_output_power_v1#\d+\.set_mode\(0\)"))
        output = self.output()
        self.assertEqual((output["power"], output["enabled"]), (False, True))
        self.assertEqual(box_of(output["box"]), (0, 0, 1280, 720))
        self.assertEqual(self.desk.run("wlopm"), f"{FIRST} off\n".encode())
        self.assertTrue(json.loads(self.desk.run("wlr-randr", "--json"))[0]["enabled"])
        # Nothing is drawn any more: a program that draws at each frame waits.
        drawn = len(client.log().split(".frame("))
        for _ in range(50):
            self.desk.ctl("outputs")
        self.assertLessEqual(len(client.log().split(".frame(")), drawn + 1)
        self.desk.run("wlopm", "--on", FIRST)
        self.assertTrue(self.output()["power"])
        before = len(client.log())
        self.desk.until(lambda: ".frame(" in client.log()[before:], "frames again")
        # Who moves the pointer wants to see it.
        self.desk.run("wlopm", "--off", "*")
        self.desk.run("wlrctl", "pointer", "move", 10, 10)
        self.wait_output("light for the user", power=True)

    # --- colours ------------------------------------------------------------------------

    def test_gamma(self):
        """A headless screen has no gamma: the program is told so, and nothing else happens."""
        sunset = self.run_client("wlsunset", "-t", "3000", "-T", "3001", "-S", "06:00", "-s", "18:00")
        sunset.wait(r"^-> zwlr_gamma_control_manager_v1#\d+\.get_gamma_control",
                    r"^zwlr_gamma_control_v1#\d+\.failed")
        self.assertTrue(self.output()["power"])

    # --- pictures -----------------------------------------------------------------------

    def physical(self, box, output):
        """A box of the layout in pixels of the output's picture."""
        scale = output["scale"]
        edges = [(box["x"] - output["box"]["x"]) * scale, (box["y"] - output["box"]["y"]) * scale,
                 box["width"] * scale, box["height"] * scale]
        self.assertTrue(all(edge == int(edge) for edge in edges), edges)
        return [int(edge) for edge in edges]

    def assert_colours(self, picture, colours, output):
        """Each window is in its place, of its colour from edge to edge, within its border."""
        width = 4 * output["scale"]
        windows = self.desk.ctl("windows")
        self.assertEqual(len(windows), len(colours))
        for window, colour in zip(sorted(windows, key=lambda window: window["id"]), colours):
            x, y, wide, high = self.physical(window["content"], output)
            self.assertEqual(picture.crop(x, y, wide, high).colours(), {colour: wide * high})
            border = picture.crop(x - int(width), y, int(width), high)
            self.assertEqual(border.colours(), {0x405060: int(width) * high})

    def test_pictures(self):
        """grim's picture of a screen that is scaled and turned: by either protocol, to the pixel."""
        self.desk.command("output", FIRST, "mode", "960x720", "scale", "1.5", "transform", "90")
        self.desk.command("output", "create", "second", "1280x720")
        colours = [0xc02010, 0x10c020]
        for colour in colours:
            self.foot(colour)
        output = self.output()
        self.assertEqual(box_of(output["box"]), (0, 0, 480, 640))

        def drawn():
            picture, _ = self.grim("-o", FIRST)
            counts = picture.colours()
            areas = [window["content"]["width"] * window["content"]["height"]
                     for window in sorted(self.desk.ctl("windows"), key=lambda window: window["id"])]
            return all(counts.get(colour, 0) == area * 1.5 * 1.5
                       for colour, area in zip(colours, areas))
        self.desk.until(drawn, "both windows at their size")
        picture, grim = self.grim("-o", FIRST)
        grim.wait(r"^ext_image_copy_capture_frame_v1#\d+\.transform\(1\)")
        self.assertEqual((picture.width, picture.height), (720, 960))
        self.assert_colours(picture, colours, output)
        hide = self.enterContext(Hide(self.desk, "ext_image_copy_capture_manager_v1",
                                      "ext_output_image_capture_source_manager_v1"))
        older, grim = self.grim("-o", FIRST, environment=hide.environment)
        grim.wait(r"^zwlr_screencopy_frame_v1#\d+\.ready")
        self.assertEqual(older.pixels, picture.pixels)
        # The other one shows its own workspace, which is empty.
        other, _ = self.grim("-o", "second")
        self.assertEqual(other.colours(), {0x102030: 1280 * 720})

    def test_vnc(self):
        """A screen that was made to be shared: what is on it, and a key that is typed there."""
        self.desk.command("output", "create", "shared", "640x480")
        self.desk.command("workspace", str(self.output("shared")["workspace"]))
        path, typed = self.desk.runtime / "vnc", self.desk.runtime / "typed"
        foot = self.run_client("foot", "-o", "colors-dark.background=705030", "sh", "-c",
                               rf"printf '\033[?25l'; stty -echo; read line; echo $line > {typed}; sleep 1000")
        self.assertEqual(foot.window()["output"], "shared")
        server = self.run_client("wayvnc", "-u", "-S", self.desk.runtime / "vncctl", "-o", "shared", path)

        def connect():
            try:
                return Vnc(path)
            except (FileNotFoundError, ConnectionRefusedError):
                return None
        viewer = self.enterContext(self.desk.until(connect, "wayvnc's socket"))
        self.assertEqual((viewer.width, viewer.height), (640, 480))
        expected = self.desk.until(
            lambda: (picture := self.grim("-o", "shared")[0]).colours().get(0x705030, 0) > 100000 and picture,
            "the terminal on the shared screen")
        self.desk.until(lambda: viewer.picture().pixels == expected.pixels, "the same by VNC")
        server.wait(r"^-> ext_image_copy_capture_|^-> zwlr_screencopy_frame")
        for keysym in b"ok\r":
            viewer.key(keysym if keysym != 13 else 0xff0d)
        self.desk.until(lambda: typed.exists() and typed.read_text() == "ok\n", "what was typed by VNC")


if __name__ == "__main__":
    unittest.main()
