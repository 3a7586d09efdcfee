#!/usr/bin/env python3
"""A desk with an unmodified Linux on it. Usage: linux_desk_test.py BUILD"""

import sys
import unittest

from desk import MACHINES, DeskError
from desk_test import DeskTest
from plain_qemu import PlainQemu

PROMPT_ROWS = 32  # two lines of the console's 16-pixel font


def lit(picture, column, line):
    """Whether something is drawn in a character cell of the console, 8 by 16 pixels."""
    return line * 16 + 16 <= picture.height and column * 8 + 8 <= picture.width and \
        any(any(picture.row(line * 16 + y, column * 8, 8)) for y in range(16))


def greeted(picture):
    """The long greeting on the first line, and below it the prompt: `terminal:~# `."""
    return all(lit(picture, column, 0) for column in (0, 50)) and \
        all(lit(picture, column, 1) for column in (0, 7, 9))


class LinuxDesk(DeskTest):
    @classmethod
    def setUpClass(cls):
        # Before there is a desk, which nobody would end.
        image = MACHINES / "linux-terminal"
        if not (image / "vmlinuz").exists():
            absent = image / "absent"
            print("no Linux machine:", absent.read_text().strip() if absent.exists() else
                  "./dev setup makes it")
            sys.exit(77)
        super().setUpClass()
        cls.image = image

    def prompt(self):
        """Waits until the shell's prompt is there: the picture with it."""
        self.ensure("terminal")

        def at_prompt():
            picture = self.desk.content("terminal")
            return picture if greeted(picture) else None
        return self.desk.until(at_prompt, "prompt")

    def console(self, picture):
        """The part of the console that holds still: the greeting and the prompt, no cursor."""
        return picture.crop(0, 0, min(picture.width, 80), PROMPT_ROWS)

    def size(self):
        content = self.desk.window("terminal")["content"]
        return content["width"], content["height"]

    def type_line(self, text):
        self.desk.focus("terminal")
        self.desk.type("-d", "20", text)
        self.desk.type("-k", "Return")

    def test_1_prompt_is_what_plain_qemu_shows(self):
        shown = self.prompt()
        size = self.size()
        with PlainQemu(self.image / "vmlinuz", size, initrd=self.image / "initrd",
                       command_line=(self.image / "cmdline").read_text().strip()) as plain:
            expected = plain.wait_for(
                lambda picture: (picture.width, picture.height) == size and greeted(picture), "prompt")
        self.assertEqual((shown.width, shown.height), size)
        self.assert_same(self.console(shown), self.console(expected), "greeting and prompt")

    def test_2_keys_change_the_picture(self):
        self.prompt()
        self.type_line("clear; echo; echo; echo here")
        self.desk.until(lambda: lit(self.desk.content("terminal"), 3, 2), "here")

    def test_3_the_mode_follows_the_tile(self):
        self.ready()
        wide, _ = self.size()
        self.desk.command("spawn", "clock")
        self.desk.wait_drawn("clock")
        narrow, _ = self.size()
        self.assertLess(narrow, wide)
        self.assert_console_fits()
        self.desk.command_on("clock", "kill")
        self.desk.until(lambda: self.size()[0] == wide, "tile of the old size")

    def assert_console_fits(self):
        columns = self.size()[0] // 8
        # As many characters as the new mode has columns fill one line to its end, and no more: a
        # console of the old mode would not end at the tile's edge.
        # The guest itself waits for its console, which follows the mode a moment later.
        self.type_line(f"until stty size | grep -q ' {columns}$'; do usleep 50000; done; "
                       f"clear; printf '%{columns}s' | tr ' ' '#'; echo end")

        def filled():
            picture = self.desk.content("terminal")
            return all(lit(picture, column, 0) for column in (0, columns - 1)) and \
                lit(picture, 0, 1) and lit(picture, 2, 1) and not lit(picture, 4, 1)
        self.desk.until(filled, f"a console of {columns} columns")

    def test_4_driver_unloaded_and_loaded_again(self):
        self.ready()
        wide, _ = self.size()
        self.desk.command("spawn", "clock")
        self.desk.wait_drawn("clock")
        self.desk.focus("terminal")
        self.type_line("clear; gpu-reload")
        self.ready()
        # The console's memory is of the narrow tile now, and the tile grows beyond it.
        self.assertLess(self.size()[0], wide)
        self.desk.command_on("clock", "kill")
        self.desk.until(lambda: self.size()[0] == wide, "tile of the old size")
        self.assert_console_fits()

    def test_5_reboots(self):
        for turn in range(5):
            self.ready()
            self.type_line("reboot")
            self.desk.until(lambda: not lit(self.desk.content("terminal"), 0, 2), "empty console")
            self.desk.until(lambda: greeted(self.desk.content("terminal")),
                            f"greeting after reboot {turn + 1}")
        self.ready()

    def ready(self):
        """Keys arrive and pictures come: a word that is typed appears on the third line."""
        self.ensure("terminal")
        end = 4
        while True:
            self.type_line("clear; echo; echo; echo here")
            try:
                self.desk.until(lambda: lit(self.desk.content("terminal"), 3, 2), "what was typed", 15)
                return
            except DeskError:
                # The shell may not have been there yet to read it.
                end -= 1
                if end == 0:
                    raise


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
