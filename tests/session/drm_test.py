#!/usr/bin/env python3
"""Red Echo on DRM/KMS with libinput and libseat, inside a machine: the screen is QEMU's
virtio-gpu, the keyboard its virtio-keyboard. The machine's root is this one, read-only.

Usage: drm_test.py BUILD
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))

from plain_qemu import PlainQemu  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
IMAGE = pathlib.Path(os.environ.get("REDECHO_ENV", SOURCE / ".env"), "machines/linux-terminal")
SIZE = (1024, 768)
BORDER = 0x20c060

DESK = """
mod Logo
border {
    width 6
    client #20c060
    dim 100
}
bind Mod+Return exec foot
bind Mod+q close
"""


def skip(reason):
    print(reason)
    sys.exit(77)


def check_needs():
    for name in ("vmlinuz", "initrd"):
        if not (IMAGE / name).exists():
            skip(f"no {IMAGE / name}: ./dev setup makes it in the Debian root")
    for path in ("/usr/lib/systemd/systemd-udevd", "/usr/bin/seatd-launch", "/usr/bin/foot"):
        if not os.path.exists(path):
            skip(f"no {path}: the session inside the machine needs it")
    listing = subprocess.run(f"zcat '{IMAGE}/initrd' | cpio -t --quiet", shell=True,
                             capture_output=True, text=True, check=True).stdout
    if "lib/modules/extra" not in listing:
        skip("the Linux image is older than this test: run ./dev setup")


def make_initrd(directory):
    """The Linux image's, with another first program: a later archive hides files of an earlier."""
    root = pathlib.Path(directory, "root")
    (root / "etc").mkdir(parents=True)
    for name in ("rc", "session"):
        data = (SOURCE / "tests/session" / name).read_bytes()
        (root / "etc" / name).write_bytes(data)
        (root / "etc" / name).chmod(0o755)
    (root / "etc/session.conf").write_text(
        f"REDECHO='{BUILD}/compositor/redecho'\nREDECHO_OPTIONS=-d\ncat >/run/desk.scfg <<'END'\n{DESK}END\n")
    # The image's init would start a shell on the screen as well.
    (root / "etc/inittab").write_text("::sysinit:/etc/rc\n")
    (root / "init").write_text("#!/bin/sh\nexec /etc/rc\n")
    (root / "init").chmod(0o755)
    made = pathlib.Path(directory, "initrd")
    with open(made, "wb") as out:
        first = (IMAGE / "initrd").read_bytes()
        out.write(first + bytes(-len(first) % 4))  # the kernel finds the next one only aligned
        names = "\n".join(["etc", "etc/rc", "etc/session", "etc/session.conf", "etc/inittab", "init"])
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=root, stdout=out,
                       input=names.encode(), check=True)
    return made


class Drm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="re-drm-", dir="/tmp")
        cls.addClassCleanup(directory.cleanup)
        cls.qemu = PlainQemu(
            IMAGE / "vmlinuz", SIZE, initrd=make_initrd(directory.name),
            command_line="quiet console=ttyS0", memory="1024M",
            extra=["-smp", "2", "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,"
                   "multidevs=remap", "-device", "virtio-9p-pci,fsdev=host,mount_tag=host"])
        cls.enterClassContext(cls.qemu)

    def serial(self):
        return (self.qemu.directory / "serial.log").read_text(errors="replace")

    def wait_log(self, pattern, what):
        end = time.monotonic() + 90
        while not re.search(pattern, self.serial()):
            if time.monotonic() > end or self.qemu.process.poll() is not None:
                self.fail(f"no {what} in the log:\n{self.serial()}")
            time.sleep(0.1)

    def press(self, *keys):
        """Presses keys together."""
        self.qemu.qmp("send-key", keys=[{"type": "qcode", "data": key} for key in keys])

    def bordered(self, picture):
        """A window fills the screen: its border is where a border belongs."""
        width, height = picture.width, picture.height
        return (width, height) == SIZE and all(
            picture.pixel(x, y) == BORDER
            for x, y in ((2, height // 2), (width - 3, height // 2), (width // 2, height - 3)))

    def wait_picture(self, wanted, what):
        try:
            return self.qemu.wait_for(wanted, what, 90)
        except RuntimeError as error:
            (pathlib.Path("drm.ppm")).write_bytes(self.qemu.picture().to_ppm())
            self.fail(f"{error}; kept {pathlib.Path('drm.ppm').resolve()}\n{self.serial()[-4000:]}")

    def test_session(self):
        self.wait_log("redecho: backend drm, ", "first line of redecho")
        self.wait_log("redecho: output Virtual-1: 1024x768", "output")
        # A bound key, through libinput, starts a program; its window is on the screen.
        self.press("meta_l", "ret")
        shown = self.wait_picture(self.bordered, "window")
        # What is typed reaches it.
        self.press("a")
        self.wait_picture(lambda picture: self.bordered(picture) and picture.difference(shown), "text")
        # Another virtual terminal and back: built in, whatever is configured.
        self.press("ctrl", "alt", "f2")
        self.wait_picture(lambda picture: not self.bordered(picture), "another virtual terminal")
        self.press("ctrl", "alt", "f1")
        self.wait_picture(self.bordered, "the desk back")
        # The emergency exit ends it, and the machine with it.
        self.press("ctrl", "alt", "backspace")
        self.wait_log("session: redecho ended with 0", "orderly end")


if __name__ == "__main__":
    check_needs()
    unittest.main(verbosity=2)
