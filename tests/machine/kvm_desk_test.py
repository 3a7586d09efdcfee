#!/usr/bin/env python3
"""The clock through libvirt with KVM, wherever /dev/kvm opens, however slow this KVM is.

Usage: kvm_desk_test.py BUILD
"""

import os
import sys
import unittest

from desk import pid_of
from desk_test import make_desk

# A KVM that is itself an emulation runs a kernel's code at a thousandth of the usual speed.
KVM_PATIENCE_S = 280
SKIP = 77


class KvmDesk(unittest.TestCase):
    def test_the_clock_draws_on_kvm(self):
        with make_desk(accel="kvm") as desk:
            desk.command("spawn", "clock")
            desk.wait_drawn("clock", KVM_PATIENCE_S)
            machine = desk.machine("clock")
            self.assertEqual(machine["details"]["accel"], "kvm")
            with open(f"/proc/{pid_of(machine, 'qemu-pid')}/cmdline", encoding="utf-8") as file:
                arguments = file.read().split("\0")
            self.assertEqual(arguments[arguments.index("-accel") + 1].partition(",")[0], "kvm")
            desk.stop()
            self.assertEqual(desk.processes(), [])


if __name__ == "__main__":
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR))
    except OSError as error:
        print(f"skipped: /dev/kvm cannot be opened: {error.strerror}")
        sys.exit(SKIP)
    unittest.main(verbosity=2)
