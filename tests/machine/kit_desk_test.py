#!/usr/bin/env python3
"""A desk with the kit's programs: pictures, keys, sizes, ends. Usage: kit_desk_test.py BUILD"""

import os
import signal
import unittest

from desk import box_of, pid_of
from desk_test import COLOURS, KIT, DeskTest
from plain_qemu import PlainQemu


class KitDesk(DeskTest):
    def oracle(self, keys=()):
        """What plain QEMU shows of notes, at the size of its tile, after these keys."""
        content = self.desk.window("notes")["content"]
        size = content["width"], content["height"]
        with PlainQemu(KIT / "notes.elf", size, memory="64M") as plain:
            first = plain.wait_for(
                lambda picture: (picture.width, picture.height) == size and not picture.one_colour(),
                "first picture")
            if keys:
                plain.type(*keys)
                plain.wait_for(lambda picture: picture.difference(first), "change")
            return plain.wait_still()

    def test_placeholder_becomes_the_window_in_place(self):
        self.desk.command("spawn", "clock")
        window = self.desk.until(lambda: self.desk.window("clock"), "tile of clock")
        placeholder_box = window["box"]
        shown = self.desk.picture(box_of(window["content"]))
        self.assertFalse(shown.one_colour(), "the placeholder says something")
        self.desk.wait_drawn("clock")
        window = self.desk.window("clock")
        self.assertFalse(window["placeholder"])
        self.assertEqual(window["box"], placeholder_box)

    def test_tiles_fill_the_output_with_the_labels_colours(self):
        self.ensure("clock")
        self.ensure("notes")
        output = self.desk.ctl("outputs")[0]["box"]
        windows = self.desk.ctl("windows")
        self.assertEqual(sum(w["box"]["width"] * w["box"]["height"] for w in windows),
                         output["width"] * output["height"])
        picture = self.desk.picture()
        for window in windows:
            x, y, width, height = box_of(window["box"])
            colour = COLOURS[window["label"]]
            for place in ((x + 1, y + height // 2), (x + width - 2, y + height // 2),
                          (x + width // 2, y + height - 2)):
                self.assertEqual(hex(picture.pixel(*place)), hex(colour), (window["title"], place))

    def test_the_clock_redraws_by_itself(self):
        picture = self.ensure("clock")
        for _ in range(2):
            picture = self.desk.wait_changed("clock", picture)

    def test_pixels_are_the_guests_own(self):
        self.ensure("notes")
        self.assert_same(self.desk.wait_still("notes"), self.oracle(), "first page of notes")

    def test_keys_reach_the_focused_machine_alone(self):
        before = self.ensure("notes")
        self.ensure("clock")
        self.desk.focus("clock")
        self.desk.type("nobody reads this")
        self.desk.focus("notes")
        self.assertEqual(self.desk.wait_still("notes").difference(before), 0)
        self.desk.type("hi")
        self.desk.wait_changed("notes", before)
        self.assert_same(self.desk.wait_still("notes"), self.oracle(("h", "i")), "notes with hi")

    def test_the_guest_follows_its_tile(self):
        self.ensure("clock")
        self.ensure("notes")
        before = self.desk.window("notes")["content"]
        self.desk.command_on("notes", "resize", "left", "120")
        after = self.desk.until(
            lambda: (content := self.desk.window("notes")["content"]) != before and content, "resize")
        self.assertNotEqual(after["width"], before["width"])
        still = self.desk.wait_still("notes")
        self.assertFalse(still.crop(after["width"] - 20, 0, 20, 20).colours().keys() == {0})
        self.assertEqual(still.width, after["width"])

    def test_killed_from_outside_the_tile_says_so_and_the_rest_go_on(self):
        clock = self.ensure("clock")
        self.ensure("notes")
        os.kill(pid_of(self.desk.machine("notes"), "qemu-pid"), signal.SIGKILL)
        machine = self.wait_ended("notes")
        self.assertEqual(machine["cause"], "crashed")
        self.assertTrue(machine["message"])
        self.assertTrue(self.desk.window("notes")["placeholder"])
        self.desk.wait_changed("clock", clock)
        self.dismiss("notes")

    def test_bridge_killed_from_outside_ends_its_machine_alone(self):
        clock = self.ensure("clock")
        self.ensure("notes")
        machine = self.desk.machine("notes")
        qemu = pid_of(machine, "qemu-pid")
        os.kill(pid_of(machine, "bridge-pid"), signal.SIGKILL)
        self.assertEqual(self.wait_ended("notes")["cause"], "bridge_died")
        self.desk.until(lambda: not os.path.exists(f"/proc/{qemu}"), "end of its QEMU")
        self.desk.wait_changed("clock", clock)
        self.dismiss("notes")

    def test_restart_brings_the_same_tile_back(self):
        self.ensure("notes")
        window = self.desk.window("notes")["id"]
        os.kill(pid_of(self.desk.machine("notes"), "qemu-pid"), signal.SIGKILL)
        self.wait_ended("notes")
        self.desk.command_on("notes", "restart")
        self.desk.until(lambda: self.desk.machine("notes")["state"] != "ended", "new start of notes")
        self.desk.wait_drawn("notes")
        self.assertEqual(self.desk.window("notes")["id"], window)

    def test_close_is_the_power_button_and_the_domain_is_gone(self):
        self.ensure("notes")
        qemu = pid_of(self.desk.machine("notes"), "qemu-pid")
        self.desk.command_on("notes", "close")
        self.desk.until(lambda: not self.desk.window("notes"), "tile gone")
        self.desk.until(lambda: not os.path.exists(f"/proc/{qemu}"), "end of its QEMU")
        self.assertIn("notes ended: shutdown", self.desk.log())


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
