"""Plain QEMU, with its own virtio-gpu and no part of Red Echo: the oracle of what a guest draws."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

from picture import Picture


def without_padding(ppm):
    """QEMU fills the rows of a PPM picture up to four bytes, which that format does not have."""
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", ppm)
    row = 3 * int(head.group(1))
    padded = (row + 3) // 4 * 4
    if len(ppm) - head.end() != padded * int(head.group(2)):
        return ppm
    return head.group() + b"".join(ppm[at:at + row] for at in range(head.end(), len(ppm), padded))


class PlainQemu:
    """A machine under TCG whose display has a given size; use as a context manager."""

    def __init__(self, kernel, size, initrd=None, command_line="", memory="256M", cpu="max",
                 outputs=1, extra=()):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="re-plain-", dir="/tmp"))
        self.qmp_path = self.directory / "qmp"
        command = ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", cpu, "-m", memory,
                   "-nodefaults", "-vga", "none", "-display", "none", "-kernel", str(kernel),
                   "-device", f"virtio-gpu-pci,id=screen,xres={size[0]},yres={size[1]},max_outputs={outputs}",
                   "-device", "virtio-keyboard-pci", "-device", "virtio-tablet-pci",
                   "-serial", f"file:{self.directory}/serial.log",
                   "-qmp", f"unix:{self.qmp_path},server=on,wait=off"]
        if initrd:
            command += ["-initrd", str(initrd)]
        if command_line:
            command += ["-append", command_line]
        self.command = command + list(extra)
        self.process = self.stream = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        env={**os.environ, "TMPDIR": str(self.directory)})
        try:
            self.connect()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._remove()

    def _remove(self):
        shutil.rmtree(self.directory, ignore_errors=True)

    def connect(self):
        end = time.monotonic() + 30
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(str(self.qmp_path))
                break
            except OSError:
                connection.close()
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.02)
        self.stream = connection.makefile("rw")
        connection.close()
        self.stream.readline()
        self.qmp("qmp_capabilities")

    def qmp(self, command, **arguments):
        self.stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.stream.flush()
        while True:
            answer = json.loads(self.stream.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")

    def picture(self, output=0):
        path = self.directory / "screen.ppm"
        # A test may have put a display device of its own in the place of ours.
        where = {"device": "screen", "head": output} if output else {}
        self.qmp("screendump", filename=str(path), format="ppm", **where)
        return Picture.from_ppm(without_padding(path.read_bytes()))

    def type(self, *keys):
        """Presses keys one after another, named as QEMU names them (qcode)."""
        for key in keys:
            self.qmp("send-key", keys=[{"type": "qcode", "data": key}])

    def wait_for(self, wanted, what, patience_s=120):
        """Takes pictures until wanted(picture) is true, and returns that picture."""
        end = time.monotonic() + patience_s
        while True:
            picture = self.picture()
            if wanted(picture):
                return picture
            if time.monotonic() > end:
                raise RuntimeError(f"plain QEMU: no {what} within {patience_s} s")
            time.sleep(0.1)

    def wait_still(self, times=4):
        """Waits until the same picture was seen several times in a row."""
        state = {"pixels": None, "seen": 0}

        def still(picture):
            state["seen"] = state["seen"] + 1 if picture.pixels == state["pixels"] else 0
            state["pixels"] = picture.pixels
            return state["seen"] >= times
        return self.wait_for(still, "still picture")
