#!/usr/bin/env python3
"""Machines with `graphics virgl` on a desk, and their renderers. Usage: graphics_desk_test.py BUILD"""

import os
import pathlib
import re
import signal
import subprocess
import unittest

from desk_test import BUILD
from gl_machine import GlTest

# Mesa draws in software on a node that no driver is behind: QEMU's OpenGL and the renderer's both.
NODE = "/dev/null"


class GraphicsDesk(GlTest):
    def renderers(self):
        """The desk's redecho-render processes that run."""
        return [pid for pid, command in self.desk.processes()
                if command.split()[0].endswith("/redecho-render") and
                pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"]

    def detail(self, name, key):
        return self.desk.machine(name)["details"].get(key)

    def renderer(self, name):
        """The number of a machine's renderer, which is one of the processes."""
        pid = int(self.desk.until(lambda: (number := self.detail(name, "renderer-pid")) != "none" and
                                  number, f"renderer of {name}"))
        self.assertIn(pid, self.renderers())
        return pid

    def draw(self, name, patience_s=60):
        """Makes a context in the machine: what OpenGL says it is drawn by."""
        before = len(self.log(name))
        self.type_line(name, "eglinfo -B -p surfaceless >/dev/ttyS0 2>&1; echo drawn >/dev/ttyS0")
        self.wait_log(name, r"^drawn", "end of eglinfo", patience_s, before)
        found = re.search(r"renderer: (.*)", self.log(name)[before:])
        return found[1].strip().strip('"') if found else "nothing"

    def command_line(self, name):
        pid = self.desk.until(lambda: self.detail(name, "qemu-pid"), f"QEMU of {name}")
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()

    def kill(self, name):
        self.desk.command_on(name, "kill")
        self.desk.until(lambda: not self.renderers(), "end of the renderer", 10)

    def test_1_renderer(self):
        """It is there from the start, is replaced when it is killed, and ends with its machine."""
        self.spawn("soft", graphics="virgl")
        first = self.renderer("soft")
        self.assertEqual(self.detail("soft", "graphics"), "virgl in software: the desk has no render node")
        self.assertIn("vhost-user-test-device-pci", self.command_line("soft"))
        self.wait_log("soft", "a shell on the screen", "shell")
        self.assertTrue(self.draw("soft").startswith("virgl"), self.log("soft"))
        self.assertEqual(self.renderer("soft"), first)

        os.kill(first, signal.SIGKILL)
        self.desk.until(lambda: self.detail("soft", "renderer-pid") == "none", "word of its end", 10)
        self.assertEqual(self.desk.machine("soft")["state"], "running")
        self.draw("soft")  # this process of the guest may find no context, or an old one
        second = self.renderer("soft")
        self.assertNotEqual(second, first)
        self.assertTrue(self.draw("soft").startswith("virgl"), self.log("soft"))

        # So it does when there was no redecho-vmd to be asked for the next one.
        vmd = [pid for pid, command in self.desk.processes()
               if command.split()[0].endswith("/redecho-vmd")]
        self.assertEqual(len(vmd), 1)
        os.kill(vmd[0], signal.SIGKILL)
        os.kill(second, signal.SIGKILL)
        self.draw("soft")
        self.desk.until(lambda: self.detail("soft", "renderer-pid") not in ("none", str(second)),
                        "another renderer")
        third = self.renderer("soft")
        self.assertTrue(self.draw("soft").startswith("virgl"), self.log("soft"))
        self.assertEqual(self.renderers(), [third])
        self.kill("soft")

    def test_2_qemu_with_opengl(self):
        """On a render node QEMU's display has OpenGL, too; the guest follows its tile by it."""
        self.spawn("node", graphics=f"virgl {NODE}")
        self.renderer("node")
        self.assertEqual(self.detail("node", "graphics"), f"virgl on {NODE}")
        self.assertRegex(self.command_line("node"), f"gl=on,rendernode={NODE}.*vhost-user-gpu-pci")
        self.wait_log("node", "a shell on the screen", "shell")
        self.assertTrue(self.draw("node").startswith("virgl"), self.log("node"))
        wide, height = self.size("node")
        self.desk.command("spawn", "clock")
        self.desk.wait_drawn("clock")
        narrow, _ = self.size("node")
        self.assertLess(narrow, wide)
        before = len(self.log("node"))
        self.type_line("node", "until modetest -M virtio_gpu -c | grep -q "
                       f"'#0 {narrow}x{height} '; do sleep 0.2; done; echo fits >/dev/ttyS0")
        self.wait_log("node", "^fits", "the tile's mode", 60, before)
        self.desk.command_on("clock", "kill")
        self.kill("node")

    def test_3_a_node_that_is_not_there(self):
        """The next best is taken, and the desk's table and JSON say which, and why."""
        self.spawn("lost", graphics="virgl /dev/dri/nowhere")
        self.renderer("lost")
        self.assertEqual(self.detail("lost", "graphics"),
                         "virgl in software: /dev/dri/nowhere: No such file or directory")
        table = subprocess.run([BUILD / "compositor/ctl/redechoctl", "machines"], text=True, check=True,
                               env=self.desk.environment, stdout=subprocess.PIPE).stdout
        row = [line for line in table.splitlines() if line.startswith("lost")][0]
        self.assertIn("  virgl in software  ", row)
        self.desk.until(lambda: self.desk.machine("lost")["domain"] == "running", "a running domain")
        self.kill("lost")


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
