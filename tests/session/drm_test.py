#!/usr/bin/env python3
"""Red Echo on DRM/KMS with libinput and libseat, inside a machine: a window, keys, virtual
terminals, devices that come and go.

Usage: drm_test.py BUILD
"""

import json
import pathlib
import sys
import time
import unittest

from session_machine import SIZE, SessionMachine, check_needs

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
BORDER = 0x20c060

DESK = """
mod Logo
border {
    width 6
    host #20c060
    dim 100
}
bind --no-repeat Mod+Return exec foot
bind --no-repeat Mod+q close
"""


def bordered(picture):
    """A window fills the screen: its border is where a border belongs."""
    width, height = picture.width, picture.height
    return (width, height) == SIZE and all(
        picture.pixel(x, y) == BORDER
        for x, y in ((2, height // 2), (width - 3, height // 2), (width // 2, height - 3)))


class Drm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = cls.enterClassContext(SessionMachine(BUILD, DESK))

    def check_drawn_late(self, machine):
        """The kernel tells when a refresh is, so a picture waits until shortly before the next."""
        def output():
            machine.press("b")
            return json.loads(machine.run("redechoctl --json outputs"))[0]
        end = time.monotonic() + 90
        while not (now := output())["render_delay_ms"]:
            self.assertLess(time.monotonic(), end, now)
        self.assertEqual(now["max_render_time"], "auto")
        self.assertGreater(now["render_time_us"], 0)
        self.assertLess(now["render_delay_ms"], 1000000 / now["mode"]["refresh_mhz"])
        machine.run("redechoctl run output Virtual-1 max-render-time off")
        self.assertEqual(output()["max_render_time"], "off")
        shown = machine.picture()
        machine.press("b")
        machine.wait_picture(lambda picture: picture.difference(shown), "text drawn at once")
        machine.run("redechoctl run output Virtual-1 max-render-time auto")

    def test_session(self):
        machine = self.machine
        machine.wait_log("redecho: backend drm, ", "first line of redecho")
        machine.wait_log("redecho: output Virtual-1: 1024x768", "output")
        # A bound key, through libinput, starts a program; its window is on the screen.
        machine.press("meta_l", "ret")
        shown = machine.wait_picture(bordered, "window")
        # What is typed reaches it.
        machine.press("a")
        machine.wait_picture(lambda picture: bordered(picture) and picture.difference(shown), "text")
        self.check_drawn_late(machine)
        # A keyboard that a program makes is one more keyboard of the desk.
        machine.python("import uinput\n"
                       "keys = uinput.Device('made', {uinput.EV_KEY: range(1, 200)})")
        machine.wait_log("Adding made ", "the new keyboard")
        machine.python("for value in (1, 0):\n"
                       "    for code in (uinput.KEY_LEFTMETA, uinput.KEY_Q):\n"
                       "        keys.emit((uinput.EV_KEY, code, value))")
        machine.wait_picture(lambda picture: not bordered(picture), "window closed")
        machine.press("meta_l", "ret")
        machine.wait_picture(bordered, "another window")
        # Another virtual terminal and back: built in, whatever is configured.
        machine.press("ctrl", "alt", "f2")
        machine.wait_picture(lambda picture: not bordered(picture), "another virtual terminal")
        machine.press("ctrl", "alt", "f1")
        machine.wait_picture(bordered, "the desk back")
        # The emergency exit ends it, and the machine with it.
        machine.press("ctrl", "alt", "backspace")
        machine.wait_log("session: redecho ended with 0", "orderly end")


if __name__ == "__main__":
    check_needs()
    unittest.main(verbosity=2)
