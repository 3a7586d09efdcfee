#!/usr/bin/env python3
"""Wayland compositors inside a Linux machine: cage with foot, and weston. Usage: compositors_test.py
BUILD"""

import unittest

from gl_machine import GlTest, PlainGl

SIZE = (640, 480)
LARGER = (797, 601)
FOOT = 0x242424  # its background
CAGE = "export WLR_RENDERER=pixman; session cage -d -- foot"
WESTON = ("printf '[core]\\nidle-time=0\\n[shell]\\nclock-format=none\\nstartup-animation=none\\n'"
          " >/tmp/weston.ini; session weston -c /tmp/weston.ini --renderer=pixman")


def filled(picture, colour):
    """All corners and most of the rest have this colour."""
    width, height = picture.width, picture.height
    corners = ((x, y) for x in (0, width - 1) for y in (0, height - 1))
    return all(picture.pixel(*corner) == colour for corner in corners) and \
        picture.colours()[colour] > 0.9 * width * height


class Compositors(GlTest):
    def start(self, name, run, size=SIZE, **options):
        self.spawn(name, run, **options)
        self.desk.command_on(name, "floating", "on")
        self.resize(name, size)

    def resize(self, name, size):
        self.desk.command_on(name, "resize", "set", *map(str, size))
        self.desk.until(lambda: self.size(name) == size, f"a window of {size}")

    def test_cage_follows_its_window(self):
        self.start("cage", CAGE)
        for size in (SIZE, LARGER, SIZE):
            self.resize("cage", size)
            self.desk.until(lambda: filled(self.desk.content("cage"), FOOT), f"terminal of {size}", 120)
            start = len(self.log("cage"))
            self.type_line("cage", "wlr-randr >/dev/ttyS0")
            self.wait_log("cage", r"{}x{} px.*current".format(*size), "mode", after=start)

    def test_cage_draws_through_virgl(self):
        self.start("gles", CAGE.replace("pixman", "gles2"), graphics="virgl", cpus=2)
        with PlainGl(SIZE, CAGE, cpus=2) as plain:
            # The shell's greeting and its prompt.
            plain.wait_for(lambda picture: filled(picture, FOOT) and len(picture.colours()) > 20, "prompt")
            expected = plain.wait_still()
        self.desk.until(lambda: not self.desk.content("gles").difference(expected), "the same picture", 120)
        self.wait_log("gles", "GL renderer: virgl", "renderer of cage")
        self.resize("gles", LARGER)
        self.desk.until(lambda: filled(self.desk.content("gles"), FOOT), f"terminal of {LARGER}", 120)

    def test_weston_is_what_plain_qemu_shows(self):
        self.start("weston", WESTON)
        with PlainGl(SIZE, WESTON) as plain:
            expected = plain.wait_for(
                lambda picture: (picture.width, picture.height) == SIZE and len(picture.colours()) > 100,
                "desktop")
            expected = plain.wait_still()
        self.desk.until(lambda: not self.desk.content("weston").difference(expected), "the same picture")


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
