"""The Linux machine with Mesa (guest-kit/image/gl) on a desk and in plain QEMU, told what to do by
the same lines on the same keyboard.

What a program says is in the machine's serial log. On the desk a line is typed by wtype, in plain
QEMU by QMP.
"""

import re
import sys
import time

from desk import MACHINES, DeskError
from desk_test import DeskTest
from plain_qemu import PlainQemu

IMAGE = MACHINES / "linux-gl"
COMMAND_LINE = "quiet console=ttyS0"
CARD = "virtio_gpu"

QCODES = {" ": "spc", "\n": "ret", "-": "minus", "=": "equal", ".": "dot", ",": "comma", "/": "slash",
          ";": "semicolon", "'": "apostrophe"}
SHIFTED = dict(zip('_+>?:"|<~!@#$%^&*()', "-=./;'\\,`1234567890"))


def check_image():
    """Ends the test as skipped where there is no such machine."""
    if not (IMAGE / "disk").exists():
        absent = IMAGE / "absent"
        print("no Linux machine with Mesa:", absent.read_text().strip() if absent.exists() else
              "./dev setup makes it")
        sys.exit(77)


def keys_of(character):
    if character in SHIFTED or character.isupper():
        return ["shift", *keys_of(SHIFTED.get(character, character.lower()))]
    return [QCODES.get(character, character)]


def quoted(text):
    """As one word of a program file."""
    return '"' + re.sub(r'([\\"])', r"\\\1", text) + '"'


class PlainGl(PlainQemu):
    """The machine in plain QEMU; use as a context manager."""

    def __init__(self, size, run=None, memory="768M", cpus=1, extra=()):
        command_line = COMMAND_LINE + (f' redecho.run="{run}"' if run else "")
        super().__init__(IMAGE / "vmlinuz", size, initrd=IMAGE / "initrd", memory=memory,
                         command_line=command_line, extra=[
                             "-smp", str(cpus), "-drive", f"file={IMAGE}/disk,format=raw,if=virtio,readonly=on",
                             *extra])

    def log(self):
        path = self.directory / "serial.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_log(self, pattern, what, patience_s=120, after=0):
        """Waits for a regular expression in the log, from a place on, and returns the match."""
        end = time.monotonic() + patience_s
        while True:
            found = re.compile(pattern, re.MULTILINE).search(self.log(), after)
            if found:
                return found
            if time.monotonic() > end:
                raise RuntimeError(f"plain QEMU: no {what} in the log:\n{self.log()[-4000:]}")
            time.sleep(0.1)

    def type_line(self, text):
        for character in text + "\n":
            self.qmp("send-key", keys=[{"type": "qcode", "data": key} for key in keys_of(character)])


class GlTest(DeskTest):
    """A desk for such machines; its programs are made by the tests."""

    @classmethod
    def setUpClass(cls):
        check_image()
        super().setUpClass()

    @classmethod
    def make_desk(cls):
        desk = super().make_desk()
        (desk.runtime / "programs").mkdir()
        desk.arguments += ["--programs", str(desk.runtime / "programs")]
        return desk

    def spawn(self, name, run=None, graphics="2d", memory="768M", cpus=1):
        """Starts a machine that runs a command, or has a shell on its screen."""
        command_line = COMMAND_LINE + (f' redecho.run="{run}"' if run else "")
        (self.desk.runtime / f"programs/{name}.scfg").write_text(
            f"program {name} {{\n\tlabel linux\n\tlinux gl\n\tcmdline {quoted(command_line)}\n"
            f"\tmemory {memory}\n\tcpus {cpus}\n\tgraphics {graphics}\n\tephemeral yes\n\tgrace 5s\n}}\n")
        self.desk.command("spawn", name)
        self.desk.until(lambda: self.desk.machine(name), f"machine {name}")

    def log(self, name):
        """What a machine's programs, and its kernel, have said."""
        logs = list(self.desk.runtime.glob(f"redecho-*/**/{name}/serial.log"))
        return logs[0].read_text(errors="replace") if logs else ""

    def wait_log(self, name, pattern, what, patience_s=120, after=0):
        """Waits for a regular expression in the log, from a place on, and returns the match."""
        def found():
            machine = self.desk.machine(name)
            match = re.compile(pattern, re.MULTILINE).search(self.log(name), after)
            if not match and machine and machine["state"] == "ended":
                raise DeskError(f"machine {name} ended: {machine.get('message')}\n{self.log(name)}")
            return match
        try:
            return self.desk.until(found, f"{what} in the log of {name}", patience_s)
        except DeskError as error:
            raise DeskError(f"{error}\n{self.log(name)[-4000:]}") from None

    def type_line(self, name, text):
        self.desk.focus(name)
        if text:
            self.desk.type("-d", "15", text)
        self.desk.type("-k", "Return")

    def size(self, name):
        content = self.desk.window(name)["content"]
        return content["width"], content["height"]
