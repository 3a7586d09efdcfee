#!/usr/bin/env python3
"""A machine that boots by UEFI: the firmware's own driver draws, at the tile's size.
Usage: firmware_test.py BUILD"""

import subprocess
import unittest

from desk_test import DeskTest, make_desk

FIRMWARE = """
program firmware {
    label untrusted
    disk blank.qcow2
    memory 256M
    ephemeral yes
    grace 1s
}
"""


class Firmware(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = make_desk()
        programs = desk.runtime / "programs"
        programs.mkdir()
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", programs / "blank.qcow2", "64M"],
                       check=True)
        (programs / "firmware.scfg").write_text(FIRMWARE)
        desk.arguments += ["--programs", str(programs)]
        return desk

    def test_firmware_draws(self):
        self.desk.command("spawn", "firmware")
        # Its logo has many colours, its text and the desk's placeholder few.
        self.desk.until(lambda: self.desk.window("firmware") and
                        not self.desk.window("firmware")["placeholder"], "window")
        self.desk.until(lambda: len(self.desk.content("firmware").colours()) > 50, "logo")
        picture = self.desk.wait_still("firmware")
        # The logo stands in the middle of the mode: it was the tile's.
        logo = picture.crop(picture.width // 2 - 60, picture.height // 2 - 15, 120, 40)
        self.assertGreater(len(logo.colours()), 20)


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
