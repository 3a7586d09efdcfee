#!/usr/bin/env python3
"""modetest of libdrm in a Linux machine: modes, page flips, a cursor. Usage: modes_test.py BUILD"""

import re
import unittest

from desk import DeskError, box_of
from gl_machine import CARD, GlTest, PlainGl
from mouse import Mouse
from picture import Picture

# What a mode needs beside its size: modetest takes any, with the times of VESA's 640x480.
BLANK = ((16, 112, 160), (10, 12, 45))
REFRESH_HZ = 60
# The window's size and the modes set in it: its own, a smaller and a larger one.
WINDOW = (800, 600)
MODES = ((800, 600), (640, 480), (1024, 768))
# modetest's second page, and its cursor, a square: its colours are as strong as its opacity.
GREY = 0x77
CURSOR_SIZE = 64


def custom(width, height):
    times = [",".join(str(part) for part in (shown, *(shown + blank for blank in blanks)))
             for shown, blanks in zip((width, height), BLANK)]
    return f"{','.join(times)}-{REFRESH_HZ}"


def modetest(connector, mode, *options):
    return " ".join(["modetest", "-M", CARD, "-s", f"{connector}:{mode}", *options,
                     ">/dev/ttyS0", "2>&1"])


def placed(picture, size):
    """How a window shows a guest's picture: one that is larger is cropped at its far edges, one
    that is smaller stands in the middle of black."""
    width, height = size
    shown = picture.crop(0, 0, min(width, picture.width), min(height, picture.height))
    left, top = (width - shown.width) // 2, (height - shown.height) // 2
    right = width - shown.width - left
    rows = [bytes(3 * left) + shown.row(y) + bytes(3 * right) for y in range(shown.height)]
    below = height - shown.height - top
    return Picture(width, height, bytes(3 * width * top) + b"".join(rows) + bytes(3 * width * below))


class Modes(GlTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.oracles = {}

    def ready(self, size=WINDOW):
        """The machine with its shell, in a window of that size; returns the connector's number."""
        if not self.desk.machine("modes"):
            self.spawn("modes")
            self.desk.command_on("modes", "floating", "on")
            self.desk.command_on("modes", "resize", "set", *map(str, size))
            self.wait_log("modes", "^run: a shell", "shell")
        return self.list_modes()[0]

    def list_modes(self):
        """The connector's number, and the modes as modetest lists them."""
        start = len(self.log("modes"))
        self.type_line("modes", f"modetest -M {CARD} -c >/dev/ttyS0; echo done >/dev/ttyS0")
        self.wait_log("modes", "^done", "end of the list", after=start)
        text = self.log("modes")[start:]
        connector = re.search(r"^(\d+)\s+\d+\s+connected", text, re.MULTILINE).group(1)
        return connector, re.findall(r"^  (#\d+) (\d+)x(\d+) ", text, re.MULTILINE)

    def oracle(self, connector, size):
        """modetest's picture of that size, by plain QEMU."""
        if not self.oracles:
            with PlainGl(WINDOW) as plain:
                plain.wait_log("^run: a shell", "shell")
                for wanted in MODES:
                    plain.type_line(modetest(connector, custom(*wanted)))
                    plain.wait_for(lambda picture, wanted=wanted:
                                   (picture.width, picture.height) == wanted and
                                   len(picture.colours()) > 5, f"picture of {wanted}")
                    self.oracles[wanted] = plain.wait_still()
                    plain.type_line("")
        return self.oracles[size]

    def wait_shown(self, expected, what):
        """Waits for exactly this picture in the window; what it shows instead is kept."""
        def shown():
            return self.desk.content("modes").difference(expected) == 0
        try:
            self.desk.until(shown, what, 30)
        except DeskError:
            self.assert_same(self.desk.content("modes"), expected, what)

    def test_1_every_mode_is_what_plain_qemu_shows(self):
        connector = self.ready()
        for size in MODES:
            expected = placed(self.oracle(connector, size), WINDOW)
            self.type_line("modes", modetest(connector, custom(*size)))
            self.wait_shown(expected, f"mode {size}")
            self.type_line("modes", "")

    def test_2_the_modes_that_are_listed(self):
        connector = self.ready()
        for size in (MODES[1], WINDOW):
            self.desk.command_on("modes", "resize", "set", *map(str, size))
            self.desk.until(lambda size=size: self.size("modes") == size, f"a window of {size}")
            # The guest is told of its new size by and by.
            for _ in range(10):
                modes = self.list_modes()[1]
                if modes[0][1:] == tuple(map(str, size)):
                    break
            else:
                self.fail(f"in a window of {size} the guest has {modes}")
            for index, width, height in modes:
                mode = int(width), int(height)
                self.type_line("modes", modetest(connector, index))
                self.wait_shown(placed(self.oracle(connector, mode), size), f"mode {mode}")
                self.type_line("modes", "")

    def test_3_page_flips(self):
        connector = self.ready()
        size = MODES[1]
        grey = Picture(*size, bytes([GREY]) * (3 * size[0] * size[1]))
        pages = [placed(page, WINDOW) for page in (self.oracle(connector, size), grey)]
        start = len(self.log("modes"))
        self.type_line("modes", modetest(connector, custom(*size), "-v"))
        self.wait_log("modes", r"freq: [\d.]+Hz", "60 flips", after=start)
        seen = set()
        for _ in range(40):
            shown = self.desk.content("modes")
            # One of the two, never a part of each.
            differences = [shown.difference(page) for page in pages]
            if 0 not in differences:
                self.assert_same(shown, pages[0], f"a page; the other differs in {differences[1]} pixels")
            seen.add(differences.index(0))
        self.assertEqual(len(seen), 2, "both pages are shown")
        self.wait_log("modes", r"freq: [\d.]+Hz\n(.*\n)*freq: [\d.]+Hz", "120 flips", after=start)
        rates = [float(rate) for rate in re.findall(r"freq: ([\d.]+)Hz", self.log("modes")[start:])]
        self.assertLess(max(rates), 1.05 * REFRESH_HZ, "no faster than the screen")
        self.type_line("modes", "")

    def test_4_cursor(self):
        connector = self.ready()
        size = MODES[1]
        page = placed(self.oracle(connector, size), WINDOW)
        start = len(self.log("modes"))
        self.type_line("modes", modetest(connector, custom(*size), "-C"))
        self.wait_log("modes", "starting cursor", "moving cursor", after=start)
        self.wait_shown(page, "what is below the cursor")
        box = box_of(self.desk.window("modes")["content"])
        output = self.desk.ctl("outputs")[0]["box"]
        with Mouse(self.desk, output["width"], output["height"]) as mouse:
            for at in ((200, 200), (500, 350)):
                mouse.move(box[0] + at[0], box[1] + at[1])
                expected = bytearray(page.pixels)
                for y in range(at[1], at[1] + CURSOR_SIZE):
                    first = (y * page.width + at[0]) * 3
                    expected[first:first + 3 * CURSOR_SIZE] = bytes([GREY]) * (3 * CURSOR_SIZE)
                self.wait_cursor(box, Picture(page.width, page.height, bytes(expected)))
            self.type_line("modes", "")
            self.wait_log("modes", "cursor stopped", "end of the cursor", after=start)

    def wait_cursor(self, box, expected):
        """As wait_shown, with the pointer, which is the guest's."""
        def picture():
            place = "{},{} {}x{}".format(*box)
            return Picture.from_ppm(self.desk.run("grim", "-c", "-t", "ppm", "-g", place, "-"))
        try:
            self.desk.until(lambda: picture().difference(expected) == 0, "guest's cursor", 20)
        except DeskError:
            self.assert_same(picture(), expected, "guest's cursor")


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
