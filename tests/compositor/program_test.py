#!/usr/bin/env python3
"""redecho as a program, with real clients: foot, grim, wtype.

Usage: program_test.py BUILD [unittest arguments]
"""

import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))
from desk import Desk, DeskError  # noqa: E402

BUILD = None
CLIENT_COLOUR = 0x565c68  # of the default configuration: a border of what is no machine
BORDER = 3


class Programs(unittest.TestCase):
    def setUp(self):
        self.desk = Desk(BUILD, ["--no-machines"])
        self.desk.__enter__()
        self.clients = []

    def tearDown(self):
        for client in self.clients:
            client.terminate()
            client.wait(10)
        self.desk.__exit__(None, None, None)

    def start(self, *command):
        client = subprocess.Popen([str(word) for word in command], env=self.desk.environment,
                                  stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.clients.append(client)
        return client

    def foot(self, script):
        """A terminal that runs a shell script, and its window once that has begun."""
        count = len(self.desk.ctl("windows"))
        ready = self.desk.runtime / f"ready-{count}"
        self.start("foot", "sh", "-c", f"touch {ready}; {script}")
        self.desk.until(ready.exists, "shell")
        windows = self.desk.until(
            lambda: len(self.desk.ctl("windows")) > count and self.desk.ctl("windows"), "window")
        # Drawn at its tile's size: the last of the tile's pixels is not the backdrop.
        window = windows[-1]
        box = window["content"]
        self.desk.until(
            lambda: self.desk.picture((box["x"] + box["width"] - 2, box["y"] + box["height"] - 2,
                                       1, 1)).pixel(0, 0) != 0, "foot's picture")
        return window

    def type(self, *words):
        self.desk.run("wtype", *words)

    def test_tiles_and_decoration(self):
        window = self.foot("sleep 60")
        self.foot("sleep 60")
        first, second = self.desk.ctl("windows")
        picture = self.desk.picture()
        self.assertEqual((picture.width, picture.height), (1280, 720))
        self.assertEqual(first["box"]["width"] + second["box"]["width"], 1280)
        # The focused one has its colour, the other one less of it.
        right = second["box"]["x"] + second["box"]["width"] - 1
        self.assertEqual(picture.pixel(right, 400), CLIENT_COLOUR)
        left = picture.pixel(0, 400)
        self.assertNotEqual(left, CLIENT_COLOUR)
        self.assertNotEqual(left, 0)
        # A title is in the title bar, and the terminal's own ground inside.
        title = picture.crop(second["box"]["x"] + BORDER, BORDER, 300, window["content"]["y"] - BORDER)
        self.assertFalse(title.one_colour())
        content = second["content"]
        self.assertNotEqual(
            picture.pixel(content["x"] + 5, content["y"] + content["height"] - 5), CLIENT_COLOUR)

    def test_typing(self):
        typed = self.desk.runtime / "typed"
        self.foot(f"cat > {typed}")
        self.type("one ")
        # A bound key does what it is bound to, and nothing of it is typed.
        self.type("-M", "logo", "-k", "f", "-m", "logo")
        self.desk.until(lambda: self.desk.ctl("windows")[0]["fullscreen"], "fullscreen")
        self.type("-M", "logo", "f", "-m", "logo")
        self.desk.until(lambda: not self.desk.ctl("windows")[0]["fullscreen"], "tile")
        self.type("two äß", "-k", "Return")
        self.type("-M", "ctrl", "d", "-m", "ctrl")
        self.desk.until(lambda: not self.desk.ctl("windows"), "end of cat")
        self.assertEqual(typed.read_text(), "one two äß\n")

    def test_switching(self):
        a, b = self.desk.runtime / "a", self.desk.runtime / "b"
        self.foot(f"cat > {a}")
        self.foot(f"cat > {b}")
        self.type("in b", "-k", "Return")
        self.type("-M", "logo", "-k", "Left", "-m", "logo")
        self.type("in a", "-k", "Return")
        self.desk.until(lambda: a.read_text() == "in a\n" and b.read_text() == "in b\n",
                        "text in both")
        self.type("-M", "logo", "-M", "shift", "-k", "2", "-m", "shift", "-m", "logo")
        self.desk.until(lambda: {w["workspace"] for w in self.desk.ctl("windows")} == {1, 2},
                        "window on workspace 2")
        self.type("still b", "-k", "Return")
        self.desk.until(lambda: b.read_text() == "in b\nstill b\n", "text in b")

    def test_emergency_exit(self):
        self.foot("sleep 60")
        self.type("-M", "ctrl", "-M", "alt", "-k", "BackSpace", "-m", "alt", "-m", "ctrl")
        self.assertEqual(self.desk.process.wait(10), 0)

    def test_second_desk(self):
        other = Desk(BUILD, ["--no-machines"], runtime=self.desk.runtime,
                     log=self.desk.runtime / "second.log")
        with open(other.log_path, "wb") as log:
            other.process = subprocess.Popen(
                [str(other.build / "compositor/redecho"), "--no-machines"],
                env=other.environment, stderr=log)
        try:
            other.until(lambda: (self.desk.runtime / "redecho-1/ipc.sock").exists(), "second desk")
        finally:
            other.process.send_signal(signal.SIGTERM)
            self.assertEqual(other.process.wait(10), 0)
        taken = subprocess.run([str(other.build / "compositor/redecho"), "--desk", "0"],
                               env=other.environment, capture_output=True, timeout=10)
        self.assertEqual(taken.returncode, 1)
        self.assertIn(b"desk 0: is in use", taken.stderr)

    def test_reload(self):
        config = self.desk.runtime / "config/redecho/config"
        config.parent.mkdir(parents=True, exist_ok=True)
        self.foot("sleep 60")
        width = self.desk.ctl("windows")[0]["content"]["width"]
        config.write_text("border {\n\twidth 9\n}\n")
        # Found although there was none at the start.
        self.desk.process.send_signal(signal.SIGHUP)
        self.desk.until(lambda: self.desk.ctl("windows")[0]["content"]["width"] == width - 12,
                        "wider border")
        config.write_text("border {\n\twidth nine\n}\n")
        with self.assertRaisesRegex(DeskError, "the old one stays"):
            self.desk.command("reload")
        self.desk.until(lambda: 0xd03030 in self.desk.picture().colours(), "banner")
        self.assertEqual(self.desk.ctl("windows")[0]["content"]["width"], width - 12)


class CommandLine(unittest.TestCase):
    def redecho(self, *arguments, **environment):
        return subprocess.run([str(BUILD / "compositor/redecho"), *arguments], capture_output=True,
                              text=True, timeout=20, env={"PATH": "/usr/bin:/bin", **environment})

    def test_check(self):
        with self.subTest("good"):
            good = self.redecho("--check", "--config",
                                str(pathlib.Path(__file__).resolve().parents[2] / "configs/config"))
            self.assertEqual((good.returncode, good.stderr), (0, ""))
        with self.subTest("bad"):
            with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
                file.write("border {\n\twidth nine\n}\nbind Mod+x fly\n")
                file.flush()
                result = self.redecho("-C", "-c", file.name)
                self.assertEqual(result.returncode, 1)
                self.assertIn(f"{file.name}:2:8: ", result.stderr)
                self.assertIn(f"{file.name}:4:12: there is no command fly", result.stderr)

    def test_usage(self):
        self.assertEqual(self.redecho("--help").returncode, 0)
        self.assertIn("redecho 0.", self.redecho("-v").stdout)
        self.assertEqual(self.redecho("--nonsense").returncode, 2)
        self.assertEqual(self.redecho("extra").returncode, 2)
        self.assertEqual(self.redecho("--desk", "../x").returncode, 2)

    def test_no_runtime_dir(self):
        result = self.redecho(WLR_BACKENDS="headless", WLR_RENDERER="pixman")
        self.assertEqual(result.returncode, 1)
        self.assertIn("XDG_RUNTIME_DIR is not set", result.stderr)


class FirstLine(unittest.TestCase):
    def test_first_line(self):
        with Desk(BUILD, ["--no-machines"]) as desk:
            line = desk.log().splitlines()[0]
        for word in ("redecho: backend headless", "renderer pixman", "accelerator ", "GPU none"):
            self.assertIn(word, line)


if __name__ == "__main__":
    for program in ("foot", "grim", "wtype"):
        if shutil.which(program) is None:
            print(f"{program} is not installed")
            sys.exit(77)
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
