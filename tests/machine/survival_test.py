#!/usr/bin/env python3
"""What a desk survives: its compositor killed, its redecho-vmd killed, a second desk beside it.
Usage: survival_test.py BUILD"""

import os
import signal
import unittest

from desk import pid_of
from desk_test import DeskTest, make_desk


SINGLE = """
program single {
    kernel notes.elf
    memory 32M
    ephemeral no
    grace 2s
}
"""


class Survival(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = make_desk(cls.config)
        programs = desk.runtime / "programs"
        programs.mkdir()
        (programs / "single.scfg").write_text(SINGLE)
        desk.arguments += ["--programs", str(programs)]
        return desk

    def test_compositor_killed_and_started_again(self):
        self.ensure("clock")
        qemu = pid_of(self.desk.machine("clock"), "qemu-pid")
        self.desk.process.kill()
        self.desk.process.wait()
        self.assertTrue(os.path.exists(f"/proc/{qemu}"), "the machine runs on")
        self.desk.start()
        picture = self.desk.wait_drawn("clock")
        self.assertEqual(pid_of(self.desk.machine("clock"), "qemu-pid"), qemu, "the same domain")
        self.desk.wait_changed("clock", picture)

    def test_vmd_killed_is_started_again_and_adopts(self):
        picture = self.ensure("clock")
        qemu = pid_of(self.desk.machine("clock"), "qemu-pid")
        first = self.desk.vmd()
        os.kill(first, signal.SIGKILL)
        self.desk.until(lambda: self.desk.vmd() not in (None, first), "another redecho-vmd")
        self.desk.until(lambda: (machine := self.desk.machine("clock")) and
                        machine["state"] == "running" and
                        machine["details"].get("qemu-pid") == str(qemu), "the machine adopted")
        self.desk.wait_changed("clock", picture)
        # The new one has it in hand: the power button works.
        self.desk.command_on("clock", "close")
        self.desk.until(lambda: not os.path.exists(f"/proc/{qemu}"), "end of the machine")

    def test_two_desks_at_once(self):
        self.ensure("clock")
        with make_desk() as other:
            other.command("spawn", "clock")
            other.wait_drawn("clock")
            mine = pid_of(self.desk.machine("clock"), "qemu-pid")
            theirs = pid_of(other.machine("clock"), "qemu-pid")
            self.assertNotEqual(mine, theirs)
        self.assertFalse(os.path.exists(f"/proc/{theirs}"), "the other desk took its machine along")
        self.desk.wait_changed("clock", self.desk.content("clock"))

    def test_an_ephemeral_program_runs_twice(self):
        self.ensure("notes")
        self.desk.command("spawn", "notes")
        self.desk.wait_drawn("notes-2")
        self.assertEqual(self.desk.machine("notes")["state"], "running")

    def test_another_program_runs_once(self):
        self.ensure("single")
        self.ensure("clock")
        self.desk.focus("clock")
        self.desk.command("spawn", "single")
        self.desk.until(lambda: self.desk.window("single")["focused"], "focus on the first one")
        self.desk.until(lambda: len([machine for machine in self.desk.ctl("machines")
                                     if machine["program"] == "single"]) == 1, "no second machine")
        self.desk.until(lambda: all(window["machine"] for window in self.desk.ctl("windows")),
                        "no tile left over")


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
