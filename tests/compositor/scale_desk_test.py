#!/usr/bin/env python3
"""A real machine on outputs of fractional scale: its pixels are the screen's.

Plain QEMU is no oracle here: it tells the guest of another density, and notes takes another size
of letters. But notes draws a line and a caret with hard edges, and what is stretched or lies
between two pixels has other colours there.

Usage: scale_desk_test.py BUILD
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))
from desk_test import CONFIG, DeskTest  # noqa: E402


def output(scale):
    """grim stretches the picture of an output that is no whole number of logical pixels."""
    return f"output * {{\n\tmode 1200x900\n\tscale {scale}\n}}\n"


class ScaledDesk(DeskTest):
    config = CONFIG + output(1.25)

    def content(self, name, scale):
        """The inside of the machine's tile, in pixels of the output."""
        content = self.desk.window(name)["content"]
        for key in ("x", "y", "width", "height"):
            self.assertEqual(content[key] * scale % 1, 0, (key, content))
        return self.desk.picture().crop(
            *(int(content[key] * scale) for key in ("x", "y", "width", "height")))

    def edges(self, name, scale):
        """The colours down the page's left edge, and along the first line above its text."""
        picture = self.content(name, scale)
        column = [picture.pixel(5, y) for y in range(picture.height)]
        page = column[-1]
        top = next((y for y, colour in enumerate(column) if colour != page), None)
        if top is None:
            return None
        row = {picture.pixel(x, top) for x in range(picture.width)}
        return set(column), row

    def assert_sharp(self, scale):
        """Page, first line and the line above the status; the first line and, or not, the caret."""
        def sharp():
            edges = self.edges("notes", scale)
            return edges and len(edges[0]) == 3 and len(edges[1]) <= 2
        self.desk.until(sharp, f"sharp picture at {scale}", 20)

    def test_boots_at_its_physical_size(self):
        self.ensure("notes")
        self.assert_sharp(1.25)

    def test_follows_a_new_scale(self):
        self.ensure("notes")
        path = self.desk.runtime / "config.scfg"
        text = path.read_text()
        try:
            for scale in (1.5, 1):
                path.write_text(CONFIG + output(scale))
                self.desk.command("reload")
                self.assert_sharp(scale)
        finally:
            path.write_text(text)
            self.desk.command("reload")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
