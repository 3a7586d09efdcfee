#!/usr/bin/env python3
"""Screens of a real card that come and go: two connectors of virtio-gpu under DRM/KMS.

QEMU's D-Bus display has a console for each of the card's outputs, and takes a size for it; none at
all pulls the plug.

Usage: screens_test.py BUILD
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from session_machine import SessionMachine, check_needs

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
FIRST, SECOND = "Virtual-1", "Virtual-2"
BORDER, BACKGROUND = 0x20c060, 0x102030

DESK = """
mod Logo
border {
    width 6
    host #20c060
    background #102030
    dim 100
}
"""


class Bus:
    """A D-Bus daemon for QEMU and for us; use as a context manager."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="re-bus-", dir="/tmp"))
        self.address = f"unix:path={self.directory}/bus"
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1",
             f"--address={self.address}"], stdout=subprocess.PIPE)
        self.process.stdout.readline()
        return self

    def __exit__(self, kind, value, trace):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.directory)

    def call(self, path, interface, method, *arguments):
        subprocess.run(["busctl", f"--address={self.address}", "call", "org.qemu", path, interface, method,
                        *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)


def bordered(picture, size):
    """A window fills the screen: its border is where a border belongs."""
    width, height = size
    return (picture.width, picture.height) == size and all(
        picture.pixel(x, y) == BORDER
        for x, y in ((2, height // 2), (width - 3, height // 2), (width // 2, height - 3)))


def empty(picture, size):
    return (picture.width, picture.height) == size and picture.colours() == {BACKGROUND: size[0] * size[1]}


class Screens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = cls.enterClassContext(Bus())
        cls.machine = cls.enterClassContext(SessionMachine(
            BUILD, DESK, outputs=2, extra=["-display", f"dbus,addr={cls.bus.address}"]))
        cls.machine.wait_log(f"redecho: output {FIRST}: 1024x768 at 0,0", "output")

    # --- steps --------------------------------------------------------------------------

    def plug(self, number, width=0, height=0):
        """Gives an output of the card a screen of that size; without a size it is unplugged."""
        self.bus.call(f"/org/qemu/Display1/Console_{number}", "org.qemu.Display1.Console", "SetUIInfo",
                      "qqiiuu", 0, 0, 0, 0, width, height)

    def ctl(self, *words):
        text = self.machine.run(" ".join(("redechoctl", "--json", *words)))
        return json.loads(text) if text.strip() else None

    def until(self, question, what, patience_s=90):
        end = time.monotonic() + patience_s
        while not (answer := question()):
            if time.monotonic() > end:
                self.fail(f"no {what}: {self.ctl('outputs')}\n{self.machine.log()[-30000:]}")
            time.sleep(0.1)
        return answer

    def output(self, name):
        return next((output for output in self.ctl("outputs") if output["name"] == name), None)

    def wait_output(self, name, what, **expected):
        def fits():
            output = self.output(name)
            return output and all(output[key] == value for key, value in expected.items())
        self.until(fits, what)

    def wait_screen(self, number, wanted, size, what):
        """Until one of the card's outputs shows it."""
        self.until(lambda: wanted(self.machine.picture(number), size), what)

    def window_on(self):
        windows = self.ctl("windows")
        self.assertEqual(len(windows), 1)
        return windows[0]["output"]

    # --- one session --------------------------------------------------------------------

    def test_screens(self):
        machine = self.machine
        machine.run("setsid foot >/dev/null 2>&1 </dev/null &")
        self.wait_screen(0, bordered, (1024, 768), "window")
        # A second screen is plugged in.
        self.plug(1, 800, 600)
        self.wait_output(SECOND, "the second screen", enabled=True, power=True,
                         box={"x": 1024, "y": 0, "width": 800, "height": 600})
        self.wait_screen(1, empty, (800, 600), "its background")
        self.assertTrue(self.output(SECOND)["modes"])
        # The window goes there, and back when its screen is unplugged, and returns with it.
        self.ctl("move", "output", SECOND)
        self.wait_screen(1, bordered, (800, 600), "window on the second screen")
        self.plug(1)
        self.wait_screen(0, bordered, (1024, 768), "window on the screen that is left")
        self.assertIsNone(self.output(SECOND))
        self.plug(1, 800, 600)
        self.wait_screen(1, bordered, (800, 600), "window on the screen that came back")
        self.wait_screen(0, empty, (1024, 768), "the other one as it was")
        self.assertEqual(self.window_on(), SECOND)

        # Modes, turned and scaled; by a command and by a program.
        self.ctl("output", SECOND, "mode", "640x480", "transform", "90")
        self.wait_output(SECOND, "another mode", box={"x": 1024, "y": 0, "width": 480, "height": 640})
        self.wait_screen(1, bordered, (640, 480), "the same in another mode")
        machine.run(f"wlr-randr --output {SECOND} --mode 1024x768 --transform normal --scale 2 --pos 0,-384")
        self.wait_output(SECOND, "what wlr-randr has set", scale=2.0,
                         box={"x": 0, "y": -384, "width": 512, "height": 384})
        self.assertEqual(self.output(FIRST)["box"]["x"], 0)
        # A mode that the card does not list, and one that it cannot have.
        self.ctl("output", SECOND, "mode", "900x500", "custom", "scale", "1")
        self.wait_screen(1, bordered, (900, 500), "a custom mode")
        with self.assertRaisesRegex(Exception, "has no such mode"):
            self.ctl("output", SECOND, "mode", "901x500")
        with self.assertRaises(Exception):
            machine.run(f"wlr-randr --output {SECOND} --custom-mode 16384x16384")
        self.assertEqual(self.output(SECOND)["mode"]["width"], 900)
        self.ctl("output", SECOND, "reset")
        self.wait_screen(1, bordered, (800, 600), "as it was")

        # Dark, and lit again by a key.
        machine.run("wlopm --off '*'")
        self.assertEqual([output["power"] for output in self.ctl("outputs")], [False, False])
        machine.press("shift")
        self.wait_output(SECOND, "light", power=True)
        self.wait_screen(1, bordered, (800, 600), "the window after the dark")

        # Another virtual terminal: every screen goes, and all is as before when they come back.
        self.ctl("output", SECOND, "scale", "1.25")
        before = self.ctl("outputs"), self.ctl("workspaces")
        machine.press("ctrl", "alt", "f2")
        self.until(lambda: not self.ctl("outputs"), "another virtual terminal")
        machine.press("ctrl", "alt", "f1")
        self.until(lambda: len(self.ctl("outputs")) == 2, "the screens back")
        self.wait_screen(1, bordered, (800, 600), "the window back")
        after = self.ctl("outputs"), self.ctl("workspaces")
        for state in (before, after):
            state[0].sort(key=lambda output: output["name"])
            for output in state[0]:
                # These are measured.
                del output["render_time_us"], output["render_delay_ms"]
        self.assertEqual(after, before)

        # No screen at all: the desk lives on, also with a window more.
        self.plug(1)
        self.plug(0, 1024, 768)  # QEMU passes on only what it does not have
        self.plug(0)
        self.until(lambda: not self.ctl("outputs"), "an end of the screens")
        machine.run("setsid weston-simple-shm >/dev/null 2>&1 </dev/null &")  # foot wants a screen
        self.until(lambda: len(self.ctl("windows")) == 2, "another window")
        self.plug(1, 1024, 768)
        self.wait_output(SECOND, "a screen again", enabled=True)
        self.until(lambda: {window["output"] for window in self.ctl("windows")} == {SECOND},
                   "both windows on it")
        machine.press("ctrl", "alt", "backspace")
        machine.wait_log("session: redecho ended with 0", "orderly end")
        self.assertFalse(re.search("Assertion|Sanitizer", machine.log()))


if __name__ == "__main__":
    check_needs("/usr/bin/dbus-daemon", "/usr/bin/busctl", "/usr/bin/wlr-randr", "/usr/bin/wlopm")
    unittest.main(verbosity=2)
