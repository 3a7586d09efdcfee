#!/usr/bin/env python3
"""What `./dev run` opens: a desk with a bar, machines and an ordinary program side by side, the
keys on the screen at first, and a launcher.

Usage: demo_test.py BUILD
"""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from desk import Desk, DeskError, box_of  # noqa: E402
from desk_test import BUILD, SOURCE  # noqa: E402

BAR = 0x16181d  # the background of the bar, configs/waybar/style.css


class Demo(Desk):
    """Started as a user does."""

    def start(self):
        environment = {**self.environment, "REDECHO_BUILD": str(BUILD)}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([SOURCE / "dev", "run", "--headless"], env=environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.until(self.find_sockets, "redecho's sockets", 120)
        self.until(lambda: self.ctl("outputs"), "an output")

    def stop(self):
        """The signal goes to what the user started, and is to reach the desk."""
        super().stop()
        left = self.wait_processes()
        if left:
            self.clear_away()
            raise DeskError(f"left behind: {left}")


class DemoTest(unittest.TestCase):
    def test_demo(self):
        with Demo(BUILD) as desk:
            # The bar has its place, the tiles have the rest.
            windows = desk.until(
                lambda: [window for window in desk.ctl("windows") if window["box"]["y"] > 0],
                "tiles below a bar")
            top = windows[0]["box"]["y"]
            desk.until(lambda: {"clock", "notes", "terminal", "cube"} <= names(desk), "the machines")
            desk.until(lambda: any(window["app_id"] == "foot" for window in desk.ctl("windows")),
                       "an ordinary program beside them")
            # What the keys do is over it all; a key takes it away, and the desk is lighter.
            greeted = desk.picture()
            desk.type("-k", "space")
            desk.until(lambda: brightness(desk, top) > 1.5 * shade(greeted, top), "the greeting to go")
            self.assertEqual(desk.picture().pixel(desk.size[0] // 2, 1), BAR)
            for name in ("clock", "notes", "terminal", "cube"):
                desk.wait_drawn(name)
            # The launcher, by its key, starts one more.
            desk.type("-M", "logo", "-k", "d", "-m", "logo")
            desk.type("cloc")
            desk.type("-k", "Return")
            desk.until(lambda: "clock-2" in names(desk), "the machine that the launcher started")
            desk.wait_drawn("clock-2")
            boxes = [box_of(window["box"]) for window in desk.ctl("windows")]
            self.assertEqual(min(box[1] for box in boxes), top)


def names(desk):
    return {machine["name"] for machine in desk.ctl("machines")}


def shade(picture, top):
    """The sum of the colours along the title bars."""
    return sum(sum(picture.pixel(x, top + 12).to_bytes(3, "big")) for x in range(0, picture.width, 4))


def brightness(desk, top):
    return shade(desk.picture(), top)


if __name__ == "__main__":
    unittest.main(verbosity=2)
