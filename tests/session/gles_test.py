#!/usr/bin/env python3
"""The GLES2 renderer on DRM/KMS, by llvmpipe, inside a machine: buffers of the card on the screen
and in windows.

Usage: gles_test.py BUILD
"""

import pathlib
import re
import sys
import unittest

from session_machine import SIZE, SessionMachine, check_needs

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
BORDER = 0x20c060
PATIENCE_S = 200
CORNERS = (0x00ff00, 0xffff00, 0xff0000, 0x0000ff)  # of what the client draws, a colour in each

DESK = """
mod Logo
border {
    width 6
    host #20c060
    dim 100
}
"""


def bordered(picture):
    """Windows fill the screen: the border is where a border belongs."""
    width, height = picture.width, picture.height
    return (width, height) == SIZE and all(
        picture.pixel(x, y) == BORDER
        for x, y in ((2, height // 2), (width - 3, height // 2), (width // 2, height - 3)))


def is_near(colour, other):
    return all(abs((colour >> shift & 0xff) - (other >> shift & 0xff)) < 16 for shift in (0, 8, 16))


def coloured(picture):
    """The gradient of the client is on the screen, from corner to corner."""
    colours = picture.colours()
    return bordered(picture) and len(colours) > 2000 and all(
        any(is_near(colour, corner) for colour in colours) for corner in CORNERS)


class Gles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = cls.enterClassContext(SessionMachine(BUILD, DESK, renderer="gles2"))

    def test_session(self):
        machine = self.machine
        machine.wait_log("redecho: backend drm, renderer gles2, .*GPU virtio_gpu", "first line", PATIENCE_S)
        machine.wait_log("redecho: output Virtual-1: 1024x768", "output", PATIENCE_S)
        # A window of shared memory, then one whose buffers are the card's.
        machine.run("setsid foot >/dev/null 2>&1 </dev/null &")
        machine.wait_picture(bordered, "window", PATIENCE_S)
        machine.run("WAYLAND_DEBUG=1 setsid weston-simple-dmabuf-egl -d /dev/dri/card0 "
                    ">/run/client.log 2>&1 </dev/null & echo $! >/run/client.pid")
        machine.wait_picture(coloured, "what was drawn into the card's memory", PATIENCE_S)
        log = machine.run("cat /run/client.log")
        for event in (r'wl_registry#\d+\.global\(\d+, "zwp_linux_dmabuf_v1", 5\)', r"zwp_linux_buffer_params_v1#\d+\.created\(", r"wl_buffer#\d+\.release\("):
            self.assertRegex(log, event)
        # A program that takes pictures sees the same.
        machine.run("kill -STOP $(cat /run/client.pid); grim -t ppm /run/picture.ppm")
        colours = machine.python("pixels = open('/run/picture.ppm', 'rb').read()[-3 * 1024 * 768:]\n"
                                 "print(len({pixels[at:at + 3] for at in range(0, len(pixels), 3)}))")
        self.assertGreater(int(colours), 2000)
        machine.run("kill -CONT $(cat /run/client.pid)")
        # Dark and lit, another virtual terminal and back.
        machine.run("wlopm --off '*'")
        machine.press("shift")
        machine.wait_picture(coloured, "the desk after the dark", PATIENCE_S)
        machine.press("ctrl", "alt", "f2")
        machine.wait_picture(lambda picture: not coloured(picture), "another virtual terminal", PATIENCE_S)
        machine.press("ctrl", "alt", "f1")
        machine.wait_picture(coloured, "the desk back", PATIENCE_S)
        machine.press("ctrl", "alt", "backspace")
        machine.wait_log("session: redecho ended with 0", "orderly end", PATIENCE_S)
        self.assertFalse(re.search("Assertion|Sanitizer", machine.log()))


if __name__ == "__main__":
    check_needs("/usr/bin/weston-simple-dmabuf-egl", "/usr/bin/wlopm", "/usr/bin/grim",
                "/usr/lib/x86_64-linux-gnu/gbm/dri_gbm.so")
    unittest.main(verbosity=2)
