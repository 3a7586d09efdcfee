#!/usr/bin/env python3
"""An unmodified Linux with two displays, on a desk. Usage: displays_desk_test.py BUILD"""

import sys
import unittest

from desk import MACHINES, box_of
from desk_test import DeskTest, make_desk
from linux_desk_test import greeted

PROGRAM = """
program twin {
    title "Twin"
    label linux
    linux terminal
    memory 256M
    displays 2
}
"""


class DisplaysDesk(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = make_desk(cls.config)
        folder = desk.runtime / "config/redecho/programs"
        folder.mkdir(parents=True)
        (folder / "twin.scfg").write_text(PROGRAM)
        return desk

    @classmethod
    def setUpClass(cls):
        image = MACHINES / "linux-terminal"
        if not (image / "vmlinuz").exists():
            print("no Linux machine: ./dev setup makes it")
            sys.exit(77)
        super().setUpClass()

    def windows(self):
        """The machine's windows by the number of their display."""
        return {window["display"]: window for window in self.desk.ctl("windows")
                if window["machine"] == "twin"}

    def shown(self, display):
        window = self.windows().get(display)
        return self.desk.picture(box_of(window["content"])) if window else None

    def ask(self, command):
        """What the guest's shell says to a command: by its serial console, as text."""
        log = self.desk.machine("twin")["details"]["log"]
        self.count = getattr(self, "count", 0) + 1
        mark = f"answer {self.count}:"
        self.desk.focus("twin")
        self.desk.type("-d", "20", f"echo \"{mark} `{command} | tr '\\n' ' '` end\" >/dev/ttyS0")
        self.desk.type("-k", "Return")

        def answer():
            with open(log, errors="replace") as file:
                lines = [line for line in file if line.startswith(mark) and "end" in line]
            return lines[0] if lines else None
        return self.desk.until(answer, f"answer to {command}")[len(mark):].split()[:-1]

    def wait_status(self, *expected):
        """Waits until the guest sees its connectors so."""
        self.desk.until(lambda: self.ask("cat /sys/class/drm/card?-Virtual-*/status") == list(expected),
                        f"connectors {expected}")

    def wait_modes(self):
        """Waits until the guest has for each display the mode that its window is."""
        def same():
            windows = self.windows()
            sizes = ["{width}x{height}".format(**windows[display]["content"]) for display in (1, 2)]
            return self.ask("head -qn1 /sys/class/drm/card?-Virtual-*/modes") == sizes
        self.desk.until(same, "modes of the windows' sizes")

    def test_1_both_are_shown_at_their_tiles_sizes(self):
        self.desk.command("spawn", "twin")
        # Linux' console is on every display that it finds.
        self.desk.until(lambda: set(self.windows()) == {1, 2}, "window of the second display")
        for display in (1, 2):
            self.desk.until(lambda: greeted(self.shown(display)), f"greeting on display {display}")
        self.assertEqual([self.windows()[display]["title"] for display in (1, 2)],
                         ["Twin - display 1", "Twin - display 2"])
        self.assertTrue(self.windows()[1]["focused"])
        self.assertEqual(self.desk.machine("twin")["displays"], 2)
        self.wait_modes()

    def test_2_one_alone_changes(self):
        second = self.windows()[2]["id"]
        self.desk.command("floating", "on", f"window={second}")
        self.desk.until(lambda: self.windows()[1]["content"]["width"] > self.desk.size[0] * 0.9,
                        "the first display's tile")
        self.wait_modes()
        first = self.windows()[1]["content"]
        self.desk.command("resize", "set", "480", "320", f"window={second}")
        self.wait_modes()
        self.assertEqual(self.windows()[1]["content"], first)
        self.desk.command("floating", "off", f"window={second}")
        self.wait_modes()

    def test_3_closed_and_plugged_in_again(self):
        self.wait_status("connected", "connected")
        wide = self.desk.size[0]
        self.desk.command("close", f"window={self.windows()[2]['id']}")
        self.desk.until(lambda: set(self.windows()) == {1}, "the second window gone")
        self.wait_status("connected", "disconnected")
        self.assertEqual(self.desk.machine("twin")["state"], "running")
        self.assertGreater(self.windows()[1]["content"]["width"], wide * 0.9)
        self.desk.command_on("twin", "show-displays")
        self.desk.until(lambda: set(self.windows()) == {1, 2}, "the second window again")
        self.wait_status("connected", "connected")
        # What is typed appears on both.
        self.ask("clear >/dev/tty1; echo")
        self.desk.until(lambda: all(not self.shown(display).one_colour() for display in (1, 2)),
                        "picture on both")

    def test_4_ends_with_all_its_windows(self):
        self.desk.command_on("twin", "kill")
        self.desk.until(lambda: not self.windows(), "windows gone")


if __name__ == "__main__":
    unittest.main()
