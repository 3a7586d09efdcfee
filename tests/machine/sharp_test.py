#!/usr/bin/env python3
"""A Linux machine beside two others, on an output of several scales: each of its pixels is one of the
screen's. Usage: sharp_test.py BUILD

modetest draws in the mode that the guest prefers, which is to be the tile in physical pixels; what it
draws in that mode plain QEMU shows.
"""

import re
import unittest

from desk_test import CONFIG
from gl_machine import CARD, GlTest, PlainGl

NAME = "sharp"
SCALES = (1.25, 1, 1.5, 2)
BLANK = ((16, 112, 160), (10, 12, 45))  # as in VESA's 640x480


def output(scale):
    """grim stretches the picture of an output that is no whole number of logical pixels."""
    return f"output * {{\n\tmode 1200x900\n\tscale {scale}\n}}\n"


def custom(width, height):
    times = [",".join(str(part) for part in (shown, *(shown + blank for blank in blanks)))
             for shown, blanks in zip((width, height), BLANK)]
    return f"{','.join(times)}-60"


class Sharp(GlTest):
    config = CONFIG + output(SCALES[0])

    def place(self, scale):
        """The inside of the machine's tile, in pixels of the output."""
        content = self.desk.window(NAME)["content"]
        place = [content[key] * scale for key in ("x", "y", "width", "height")]
        self.assertEqual([number % 1 for number in place], [0] * 4, content)
        return [int(number) for number in place]

    def preferred(self):
        """The connector and the size that the guest prefers, as modetest lists them."""
        start = len(self.log(NAME))
        self.type_line(NAME, f"modetest -M {CARD} -c >/dev/ttyS0; echo done >/dev/ttyS0")
        self.wait_log(NAME, "^done", "end of the list", after=start)
        text = self.log(NAME)[start:]
        connector = re.search(r"^(\d+)\s+\d+\s+connected", text, re.MULTILINE).group(1)
        return connector, tuple(map(int, re.search(r"^  #0 (\d+)x(\d+) ", text, re.MULTILINE).groups()))

    def draw(self, scale):
        """Has modetest draw once the guest prefers the tile's size; returns picture and size."""
        for _ in range(20):
            connector, size = self.preferred()
            if list(size) == self.place(scale)[2:]:
                break
        else:
            self.fail(f"at scale {scale} the guest prefers {size}, and its tile is {self.place(scale)}")
        self.type_line(NAME, f"modetest -M {CARD} -s {connector}:#0 >/dev/ttyS0 2>&1")
        self.desk.until(lambda: len(self.picture(scale).colours()) > 5, f"modetest's picture at {scale}")
        return connector, size

    def picture(self, scale):
        return self.desk.picture().crop(*self.place(scale))

    def test_every_scale(self):
        path = self.desk.runtime / "config.scfg"
        self.spawn(NAME)
        self.wait_log(NAME, "^run: a shell", "shell")
        for other in ("clock", "notes"):
            self.desk.command("spawn", other)
            self.desk.wait_drawn(other)
        self.desk.command_on(NAME, "resize", "right", "37")
        with PlainGl((800, 600)) as plain:
            plain.wait_log("^run: a shell", "shell")
            for scale in SCALES:
                path.write_text(CONFIG + output(scale))
                self.desk.command("reload")
                self.desk.until(lambda scale=scale: self.desk.ctl("outputs")[0]["scale"] == scale, f"scale {scale}")
                connector, size = self.draw(scale)
                plain.type_line(f"modetest -M {CARD} -s {connector}:{custom(*size)} >/dev/ttyS0 2>&1")
                plain.wait_for(lambda picture, size=size: (picture.width, picture.height) == size and
                               len(picture.colours()) > 5, f"picture of {size}")
                expected = plain.wait_still()
                shown = self.desk.until(
                    lambda scale=scale, expected=expected: self.same(scale, expected), f"the same at {scale}", 20)
                print(f"scale {scale}: {shown.width}x{shown.height} pixels are the guest's", flush=True)
                for end in (lambda: plain.type_line(""), lambda: self.type_line(NAME, "")):
                    end()

    def same(self, scale, expected):
        shown = self.picture(scale)
        return shown if shown.difference(expected) == 0 else None


if __name__ == "__main__":
    unittest.main(verbosity=2)
