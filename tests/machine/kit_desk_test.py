#!/usr/bin/env python3
"""A desk with the kit's programs: pictures, keys, sizes, ends. Usage: kit_desk_test.py BUILD"""

import os
import signal
import sys
import time
import unittest

from desk import Desk, box_of, pid_of
from plain_qemu import PlainQemu

BUILD = sys.argv.pop(1)

CONFIG = """
label amber "#c08020"
border {
    width 4
}
"""


class KitDesk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.desk = Desk(BUILD, kit_options("program clock", "program notes"))
        cls.addClassCleanup(cls.close)
        try:
            cls.desk.start()
        except BaseException:
            cls.desk.show_logs()
            raise

    @classmethod
    def close(cls):
        """An orderly exit leaves nothing behind."""
        desk = cls.desk
        desk.stop()
        left = desk.processes()
        paths = sorted(str(path) for path in desk.runtime.glob("redecho-*/*"))
        log = desk.log()
        desk.__exit__(None, None, None)
        if left or paths:
            raise AssertionError(f"left behind: {left} {paths}\n{log}")

    def spawn(self, program):
        """A machine of the program, with its first picture there; its name."""
        for machine in self.desk.ctl("machines"):
            if machine["name"] == program and machine["state"] == "running":
                self.desk.wait_drawn(program)
                return program
        self.desk.command("spawn", program)
        self.desk.until(lambda: self.desk.window(program), f"tile of {program}")
        self.desk.wait_drawn(program)
        return program

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            self.desk.show_logs()
        return result
