#!/usr/bin/env python3
"""The kit's programs in real machines, with QEMU's own devices.

Usage: machine_test.py BUILD FAULT_ELF GUIDE_ELF [unittest arguments]
"""

import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "machine"))
from plain_qemu import PlainQemu  # noqa: E402

BUILD, FAULT, GUIDE = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
del sys.argv[1:4]
PROGRAMS = BUILD / "guest-kit" / "programs"
PATIENCE_S = 20
BACKGROUND = 0x14171d
SIZE = (640, 480)
GPU = f"virtio-gpu-pci,xres={SIZE[0]},yres={SIZE[1]}"
INPUT = ["virtio-keyboard-pci", "virtio-tablet-pci"]

KEY_E, KEY_Z, KEY_Y, KEY_EQUAL, KEY_A = 18, 44, 21, 13, 30
ACUTE = 0x80000000 | 0x301


def keymap(**keys):
    """A GKM1 table in which only these keys type, each without modifiers: E=ord("e")."""
    table = bytearray(struct.pack("<4sHH", b"GKM1", 1, 256) + bytes(256 * 16))
    for name, character in keys.items():
        struct.pack_into("<I", table, 8 + globals()["KEY_" + name] * 16, character)
    return bytes(table)


class Machine(PlainQemu):
    """A program in a machine of a type, with these devices and fw_cfg settings."""

    def __init__(self, program, machine="q35", devices=(GPU, *INPUT), settings=None, memory="32M",
                 serial=True, display="none", extra=()):
        super().__init__(program, SIZE)
        self.log_path = self.directory / "serial.log"
        self.command = ["qemu-system-x86_64", "-M", machine, "-accel", "tcg", "-m", memory,
                        "-nodefaults", "-no-user-config", "-display", display,
                        "-kernel", str(program), "-no-reboot",
                        "-qmp", f"unix:{self.qmp_path},server=on,wait=off",
                        "-serial", f"file:{self.log_path}" if serial else "none"]
        for device in devices:
            self.command += ["-device", device]
        for number, (name, content) in enumerate((settings or {}).items()):
            path = self.directory / f"setting{number}"
            path.write_bytes(content)
            self.command += ["-fw_cfg", f"name={name},file={path}"]
        self.command += list(extra)

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def wait_log(self, pattern):
        end = time.monotonic() + PATIENCE_S
        while not re.search(pattern, self.log()):
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(f"no {pattern!r} in the log:\n{self.log()}")
            time.sleep(0.02)

    def wait_drawn(self, size=SIZE):
        """QEMU itself shows a text before; the programs' background is in their corner."""
        return self.wait_for(lambda picture: (picture.width, picture.height) == size and
                             picture.pixel(0, 0) == BACKGROUND, "picture", PATIENCE_S)

    def wait_change(self, before):
        return self.wait_for(lambda picture: picture.difference(before) > 0, "change", PATIENCE_S)

    def wait_same(self, wanted):
        return self.wait_for(lambda picture: picture.difference(wanted) == 0, "same picture",
                             PATIENCE_S)

    def wait_gone(self):
        return self.process.wait(PATIENCE_S)

    def key(self, code, down):
        self.qmp("input-send-event", events=[{"type": "key", "data": {
            "down": down, "key": {"type": "qcode", "data": code}}}])

    def press(self, *codes):
        """One key after the other, each released before the next."""
        for code in codes:
            self.key(code, True)
            self.key(code, False)

    def press_and_see(self, picture, *codes):
        """Each key changes the picture once; what is shown after the last one."""
        for code in codes:
            self.press(code)
            picture = self.wait_change(picture)
        return picture

    def chord(self, *codes):
        for code in codes:
            self.key(code, True)
        for code in reversed(codes):
            self.key(code, False)

    def point(self, x, y):
        self.qmp("input-send-event", events=[
            {"type": "abs", "data": {"axis": "x", "value": x * 32768 // SIZE[0] + 20}},
            {"type": "abs", "data": {"axis": "y", "value": y * 32768 // SIZE[1] + 20}}])

    def click(self, x, y):
        self.point(x, y)
        for down in (True, False):
            self.qmp("input-send-event",
                     events=[{"type": "btn", "data": {"down": down, "button": "left"}}])


def clock(**options):
    return Machine(PROGRAMS / "clock.elf", **options)


def notes(**options):
    return Machine(PROGRAMS / "notes.elf", **options)


class Clock(unittest.TestCase):
    def check_clock(self, machine, **options):
        with clock(machine=machine, **options) as guest:
            first = guest.wait_drawn()
            guest.wait_change(first)  # on its own: the second hand
            guest.qmp("system_powerdown")
            self.assertEqual(guest.wait_gone(), 0)
            log = guest.log()
            for line in ("gk: display 640 x 480", "gk: power button", "gk: power off"):
                self.assertIn(line, log)
            self.assertNotIn("panic", log)
            self.assertNotIn("answered", log)

    def test_q35(self):
        self.check_clock("q35")

    def test_pc(self):
        self.check_clock("pc")

    def test_virtio_vga(self):
        self.check_clock("pc", devices=["virtio-vga,xres=640,yres=480"])

    def test_without_a_clock_chip_for_high_precision_and_behind_a_bridge(self):
        self.check_clock("q35,hpet=off", devices=[
            "pcie-root-port,id=hub,chassis=1", GPU + ",bus=hub"])

    def test_time_zone(self):
        """The same local time in two ways: the same picture; another zone: another one."""
        pictures = []
        for base, zone in (("2026-07-15T10:08:30", b"CET-1CEST,M3.5.0,M10.5.0/3"),
                           ("2026-07-15T12:08:30", None), ("2026-07-15T10:08:30", b"<+03>-3")):
            settings = {"opt/org.redecho/timezone": zone} if zone else {}
            with clock(settings=settings, extra=["-rtc", f"base={base},clock=vm"]) as guest:
                picture = guest.wait_drawn()
                # The figures, which the second hand does not cross.
                pictures.append(picture.crop(0, 330, 640, 150))
        self.assertEqual(pictures[0].difference(pictures[1]), 0)
        self.assertGreater(pictures[0].difference(pictures[2]), 100)

    def test_follows_the_hosts_size(self):
        self.check_follows([GPU, *INPUT])

    def test_follows_the_hosts_size_without_message_interrupts(self):
        self.check_follows([GPU + ",vectors=0", *INPUT])

    def check_follows(self, devices):
        with tempfile.TemporaryDirectory(prefix="re-bus-", dir="/tmp") as folder:
            address = f"unix:path={folder}/bus"
            bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile",
                                    f"--address={address}"], stderr=subprocess.DEVNULL)
            self.addCleanup(bus.wait)
            self.addCleanup(bus.kill)
            end = time.monotonic() + PATIENCE_S
            while not os.path.exists(f"{folder}/bus") and time.monotonic() < end:
                time.sleep(0.02)
            with clock(display=f"dbus,addr={address}", devices=devices) as guest:
                guest.wait_drawn()
                def resize(width, height):
                    subprocess.run(
                        ["dbus-send", f"--bus={address}", "--dest=org.qemu", "--print-reply",
                         "/org/qemu/Display1/Console_0", "org.qemu.Display1.Console.SetUIInfo",
                         "uint16:0", "uint16:0", "int32:0", "int32:0",
                         f"uint32:{width}", f"uint32:{height}"],
                        check=True, stdout=subprocess.DEVNULL)

                for size in ((800, 600), (324, 243), (1024, 768)):
                    resize(*size)
                    guest.wait_log(f"display {size[0]} x {size[1]}")
                    guest.wait_drawn(size)
                # While one size is taken the next ones come; the last is the one that stays.
                for turn in range(8):
                    for width in range(640, 800, 16):
                        resize(width + turn, 480)
                    guest.wait_log(f"display {784 + turn} x 480")
                self.assertNotIn("answered", guest.log())


class Notes(unittest.TestCase):
    def test_types_and_takes_back(self):
        with notes() as guest:
            empty = guest.wait_drawn()
            guest.press("a")
            one = guest.wait_change(empty)
            guest.press("b", "ret", "c")
            guest.wait_change(one)
            guest.press("backspace", "backspace", "backspace")
            guest.wait_same(one)
            guest.press("backspace")
            guest.wait_same(empty)

    def test_typing_is_the_same_everywhere(self):
        """Other machines, interrupts and buses, one picture."""
        wanted = None
        for options in (
                {},
                {"machine": "pc"},
                {"devices": [GPU + ",vectors=0", "virtio-keyboard-pci,vectors=0"]},
                {"machine": "pc",
                 "devices": [GPU + ",vectors=0", "virtio-keyboard-pci,vectors=0"]},
                {"devices": [GPU + ",vectors=1", "virtio-keyboard-pci,vectors=1"]},
                {"devices": [GPU, "virtio-keyboard-pci", "virtio-mouse-pci"]},
                {"serial": False}):
            with self.subTest(**options), notes(**options) as guest:
                empty = guest.wait_drawn()
                if wanted is None:
                    wanted = guest.press_and_see(empty, "h", "i", "spc")
                    guest.chord("shift", "1")
                    wanted = guest.wait_change(wanted)
                    continue
                guest.press("h", "i", "spc")
                guest.chord("shift", "1")
                guest.wait_same(wanted)

    def test_without_edid(self):
        with notes(devices=[GPU + ",edid=off", "virtio-keyboard-pci"]) as guest:
            empty = guest.wait_drawn()
            guest.press("a")
            guest.wait_change(empty)

    def test_click_places_the_caret(self):
        with notes() as guest:
            empty = guest.wait_drawn()
            end = guest.press_and_see(empty, "a", "b", "c", "d")
            guest.press("home")
            start = guest.wait_change(end)
            guest.press("end")
            guest.wait_same(end)
            guest.click(1, 40)
            guest.wait_same(start)

    def test_hosts_layout(self):
        """A key types what the host's table says; dead keys compose."""
        with notes() as guest:
            empty = guest.wait_drawn()
            us = guest.press_and_see(empty, "z", "e")
        table = keymap(Y=ord("z"), E=ord("e"))
        with notes(settings={"opt/org.redecho/keymap": table}) as guest:
            guest.wait_drawn()
            guest.press("y", "e")
            guest.wait_same(us)
            self.assertIn("gk: the host's keymap", guest.log())
        table = keymap(A=0xe9)
        with notes(settings={"opt/org.redecho/keymap": table}) as guest:
            empty = guest.wait_drawn()
            guest.press("a")
            accented = guest.wait_change(empty)
        table = keymap(EQUAL=ACUTE, E=ord("e"))
        with notes(settings={"opt/org.redecho/keymap": table}) as guest:
            guest.wait_drawn()
            guest.press("equal", "e")
            guest.wait_same(accented)

    def test_broken_settings_are_refused(self):
        settings = {"opt/org.redecho/keymap": b"GKM1\1\0\0\1short",
                    "opt/org.redecho/timezone": b"Europe/Berlin"}
        with notes(settings=settings) as guest:
            empty = guest.wait_drawn()
            guest.press("a")
            guest.wait_change(empty)
            self.assertIn("keymap is not understood", guest.log())
            self.assertIn("time zone is not understood", guest.log())

    def test_a_held_key_repeats(self):
        with notes() as guest:
            empty = guest.wait_drawn()
            guest.key("a", True)
            one = guest.wait_change(empty)
            two = guest.wait_change(one)
            guest.wait_change(two)
            guest.key("a", False)

    def test_idle_machine_is_halted(self):
        """Nothing happens: QEMU uses almost no processor time, where a loop would use all."""
        with notes() as guest:
            guest.wait_drawn()
            guest.wait_log("first frame")
            before, began = self.processor_time(guest), time.monotonic()
            while time.monotonic() < began + 1:
                time.sleep(0.1)
            used = self.processor_time(guest) - before
            self.assertLess(used, 0.25 * (time.monotonic() - began))

    @staticmethod
    def processor_time(guest):
        fields = pathlib.Path(f"/proc/{guest.process.pid}/stat").read_text().rsplit(")", 1)[1]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Guide(unittest.TestCase):
    def test_the_guides_program(self):
        with Machine(GUIDE) as guest:
            picture = guest.wait_drawn()
            self.assertGreater(picture.colours().get(0xdde2ea, 0), 100)
            guest.qmp("system_powerdown")
            self.assertEqual(guest.wait_gone(), 0)


class Limits(unittest.TestCase):
    def test_16_mib(self):
        with clock(memory="16M") as guest:
            guest.wait_drawn()

    def test_too_little_memory_for_the_screen(self):
        with clock(devices=["virtio-gpu-pci,xres=3840,yres=2160"], memory="16M") as guest:
            guest.wait_drawn((1920, 1080))
            self.assertIn("no memory for 3840 x 2160 pixels", guest.log())

    def test_no_display(self):
        with clock(devices=INPUT) as guest:
            guest.wait_log("panic: clock needs a display")

    def check_fault(self, fault, *patterns):
        settings = {"opt/test/fault": fault}
        with Machine(FAULT, devices=["pvpanic"], settings=settings,
                     extra=["-action", "panic=shutdown"]) as guest:
            guest.wait_gone()  # pvpanic told QEMU, which was told to end
            for pattern in patterns:
                self.assertRegex(guest.log(), pattern)

    def test_write_code(self):
        self.check_fault(b"write-code", r"exception 14, page fault, error code 0x3, at 0x20",
                         r"cr2 0*200000 ", r"called from: 0x20")

    def test_run_data(self):
        self.check_fault(b"run-data", r"exception 14, page fault, error code 0x11, at 0x4")

    def test_stack_overflow(self):
        self.check_fault(b"stack", r"exception 14, page fault, error code 0x3",
                         r"called from:( 0x20[0-9a-f]+){16}")

    def test_invalid_opcode(self):
        self.check_fault(b"opcode", r"exception 6, invalid opcode")

    def test_panic(self):
        self.check_fault(b"other", r"gk: panic: the fault other is not known")

    def test_return_powers_off(self):
        with Machine(FAULT, devices=[]) as guest:
            self.assertEqual(guest.wait_gone(), 0)
            self.assertIn("fault: none\r\ngk: power off", guest.log_path.read_bytes().decode())


if __name__ == "__main__":
    unittest.main()
