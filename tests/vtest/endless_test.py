#!/usr/bin/env python3
"""A machine whose shader does not end: its bridge gives the renderer up and goes on in 2D, and what
another machine draws meanwhile is drawn.

Usage: endless_test.py BUILD
"""

import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "machine"))

from desk import PATIENCE_S, Desk  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()


class Machine:
    """A bridge that was started by hand, with its renderer, and a fake guest to come."""

    def __init__(self, desk, environment, name):
        self.desk = desk
        self.environment = environment
        self.socket = desk.runtime / name
        self.log = desk.runtime / f"{name}.log"
        self.bridge = subprocess.Popen(
            [BUILD / "vm-bridge/bridge/redecho-bridge", "--gpu", self.socket, "--graphics", "virgl"],
            env=environment, stdin=subprocess.DEVNULL, stderr=self.log.open("wb"))
        desk.until(self.socket.exists, "the bridge's socket")

    def run(self, *program):
        command = [BUILD / "tests/vtest/vtest_guest", "--gpu", self.socket,
                   "--preload", BUILD / "tests/fakes/libguest_memory.so", "--", *program]
        return subprocess.Popen([str(word) for word in command], env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def renderers(self):
        """Process ids of its children."""
        children = pathlib.Path(f"/proc/{self.bridge.pid}/task/{self.bridge.pid}/children")
        return children.read_text().split()

    def end(self):
        self.bridge.terminate()
        self.bridge.wait(PATIENCE_S)


class Endless(unittest.TestCase):

    def setUp(self):
        self.desk = Desk(BUILD, ["--no-machines"])
        self.desk.start()
        self.addCleanup(self.desk.__exit__, None, None, None)
        self.environment = dict(
            self.desk.environment, LIBGL_ALWAYS_SOFTWARE="1", GALLIUM_DRIVER="llvmpipe",
            EGL_PLATFORM="surfaceless", MESA_SHADER_CACHE_DISABLE="true")

    def machine(self, name):
        machine = Machine(self.desk, self.environment, name)
        self.addCleanup(machine.end)
        return machine

    def test_endless_shader(self):
        wild, quiet = self.machine("wild"), self.machine("quiet")
        drawing = wild.run(BUILD / "tests/vtest/gl_endless")
        self.addCleanup(drawing.stdout.close)
        self.addCleanup(drawing.wait)
        self.assertEqual(drawing.stdout.readline(), "drawing\n")
        # Others draw while it does.
        picture = quiet.run(BUILD / "tests/vtest/gl_picture", self.desk.runtime / "picture")
        output, _ = picture.communicate(timeout=PATIENCE_S * 2)
        self.assertEqual(picture.returncode, 0, output)
        self.assertIsNone(drawing.poll(), "the shader ended: the test proves nothing")
        # It is given up. The guest is answered, with an error.
        self.desk.until(lambda: "goes on in 2D: the renderer does not answer" in wild.log.read_text(),
                        "the bridge gives its renderer up", PATIENCE_S * 2)
        drawing.wait(PATIENCE_S)
        self.assertNotEqual(drawing.returncode, 0)
        self.assertIsNone(wild.bridge.poll())
        # What runs on ends with the bridge, which started it.
        renderers = wild.renderers()
        self.assertEqual(len(renderers), 1)
        wild.end()
        self.desk.until(lambda: not pathlib.Path(f"/proc/{renderers[0]}").exists(), "the renderer's end")


if __name__ == "__main__":
    unittest.main(verbosity=2)
