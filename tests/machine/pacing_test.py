#!/usr/bin/env python3
"""Machines in a bridge under a compositor whose output has another refresh than everybody's: a Linux
kernel with a vblank timer flips at that; a program of the kit waits for it, and then for nothing.

Usage: pacing_test.py BUILD

wlroots' headless backend shows each frame at once; weston's keeps time, at a rate of ones choice.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from desk_test import BUILD, KIT
from gl_machine import CARD, COMMAND_LINE, IMAGE, check_image


PATIENCE_S = 120
REFRESH_HZ = 20  # slow enough for TCG on a busy machine
TOLERANCE = 0.01
# modetest flips between two pages until it reads a key, and says after each 60 at which rate.
FLIP = (f"set -- $(modetest -M {CARD} -c | grep -m1 connected); modetest -M {CARD} -c; "
        f"sleep 9999 | modetest -M {CARD} -s $1:#0 -v")


class Pacing(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="re-pacing-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(self.folder), WAYLAND_DISPLAY="wayland-9",
                                TMPDIR=str(self.folder))
        self.environment.pop("DISPLAY", None)
        self.processes = {}

    def start(self, name, *command, **variables):
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log, env={**self.environment, **variables})
        self.processes[name] = process
        self.addCleanup(self.end, process)

    def end(self, process):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def text(self, name):
        path = self.folder / name
        return path.read_text(errors="replace") if path.exists() else ""

    def until(self, question, what):
        end = time.monotonic() + PATIENCE_S
        while not (answer := question()):
            if time.monotonic() > end:
                self.fail(f"no {what}: {self.text('serial.log')[-3000:]}{self.text('qemu.log')[-2000:]}"
                          f"{self.text('bridge.log')[-1000:]}{self.text('weston.log')[-1000:]}")
            time.sleep(0.1)
        return answer

    def start_all(self, *machine):
        self.start("weston", "weston", "--backend=headless", "--renderer=pixman", "--no-config", "--width=1024",
                   "--height=768", f"--refresh-rate={REFRESH_HZ * 1000}", "--idle-time=0", "--socket=wayland-9")
        self.until((self.folder / "wayland-9").exists, "weston")
        sockets = {name: self.folder / name for name in ("gpu", "keyboard", "tablet")}
        self.start("bridge", BUILD / "vm-bridge/bridge/redecho-bridge",
                   *(word for name, path in sockets.items() for word in (f"--{name}", path)), WAYLAND_DEBUG="1")
        self.until(sockets["tablet"].exists, "bridge")
        devices = [word for name, path in sockets.items() for word in (
            "-chardev", f"socket,id={name},path={path}", "-device",
            f"vhost-user-{'gpu' if name == 'gpu' else 'input'}-pci,chardev={name}")]
        self.start("qemu", "qemu-system-x86_64", "-M", "q35,memory-backend=mem", "-accel", "tcg", "-cpu", "max",
                   "-m", "768M", "-object", "memory-backend-memfd,id=mem,size=768M,share=on", "-nodefaults",
                   "-vga", "none", "-display", "none", "-serial", f"file:{self.folder}/serial.log",
                   *devices, *machine)

    def rates(self):
        return [float(rate) for rate in re.findall(r"freq: ([\d.]+)Hz", self.text("serial.log"))]

    def frames(self):
        """(commits of the guest's frames, frame callbacks that came, commits that did not wait)"""
        trace = self.text("bridge.log")
        surface = re.search(r"wl_surface#(\d+)\.frame\(", trace).group(1)
        commits = callbacks = early = 0
        waits = None
        for line in trace.splitlines():
            if found := re.search(rf"wl_surface#{surface}\.frame\(new id wl_callback#(\d+)", line):
                early += waits is not None
                waits = found.group(1)
                commits += 1
            elif waits and f"wl_callback#{waits}.done(" in line:
                callbacks += 1
                waits = None
        return commits, callbacks, early

    def test_flips_at_the_outputs_rate(self):
        self.start_all("-kernel", IMAGE / "vmlinuz", "-initrd", IMAGE / "initrd",
                       "-drive", f"file={IMAGE}/disk,format=raw,if=virtio,readonly=on",
                       "-append", f'{COMMAND_LINE} redecho.run="{FLIP}"')
        self.until(lambda: re.search(r"^  #0 \d+x\d+ ", self.text("serial.log"), re.MULTILINE), "list of modes")
        # The preferred mode has the output's refresh, by the EDID.
        refresh = float(re.search(r"^  #0 \d+x\d+ ([\d.]+) ", self.text("serial.log"), re.MULTILINE).group(1))
        self.assertAlmostEqual(refresh, REFRESH_HZ, delta=REFRESH_HZ * TOLERANCE)

        # A machine that is busy may lose some flips: three times 60 at the rate, and never faster.
        def at_rate():
            return [rate for rate in self.rates() if abs(rate / REFRESH_HZ - 1) <= TOLERANCE]
        self.until(lambda: len(at_rate()) >= 3, "flips at the output's rate")
        print(f"60 flips each at {self.rates()} Hz, of an output of {REFRESH_HZ} Hz", flush=True)
        # The first of all may come at once.
        self.assertLessEqual(max(self.rates()), REFRESH_HZ * 61 / 60 * (1 + TOLERANCE))
        commits, callbacks, early = self.frames()
        print(f"{commits} commits, {callbacks} frame callbacks", flush=True)
        self.assertEqual(early, 0)
        self.assertGreater(commits, 60)
        self.assertLessEqual(commits - callbacks, 1)

    def bridge_switches(self):
        """How often the bridge was woken up or interrupted."""
        status = pathlib.Path(f"/proc/{self.processes['bridge'].pid}/status").read_text()
        return sum(map(int, re.findall(r"ctxt_switches:\s+(\d+)", status)))

    def wait_second(self):
        """How often the bridge was woken up within a second."""
        before = self.bridge_switches()
        time.sleep(1)
        return self.bridge_switches() - before

    def test_kit_program_fences_and_rests(self):
        self.start_all("-kernel", KIT / "notes.elf")
        self.until(lambda: ".feedback(" in self.text("bridge.log"), "a frame that waits for the screen")
        # Once it has drawn its page nothing happens: not in the guest, and not in the bridge.
        self.until(lambda: self.wait_second() == 0, "rest")
        self.assertEqual(sum(self.wait_second() for _ in range(3)), 0)
        commits, callbacks, early = self.frames()
        self.assertEqual((commits - callbacks, early), (0, 0))
        # Each of its frames waits for the screen.
        self.assertEqual(self.text("bridge.log").count(".feedback("), commits)


if __name__ == "__main__":
    check_image()
    if shutil.which("weston") is None:
        print("weston is not installed")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
