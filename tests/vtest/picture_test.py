#!/usr/bin/env python3
"""What OpenGL programs draw in a machine is what they draw without one: Mesa's virgl driver, a fake
guest's virtio-gpu, redecho-bridge and redecho-render, beside Mesa's llvmpipe alone.

Usage: picture_test.py BUILD
"""

import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "machine"))

from desk import PATIENCE_S, Desk  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
# virglrenderer passes each shader on as a text of its own, so the last bits of a colour may
# differ: by no more than this of 255.
TOLERANCE = 3


def software(environment):
    """Of a process whose OpenGL is llvmpipe, without a window system."""
    return dict(environment, LIBGL_ALWAYS_SOFTWARE="1", GALLIUM_DRIVER="llvmpipe",
                EGL_PLATFORM="surfaceless", MESA_SHADER_CACHE_DISABLE="true")


class Pictures(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.desk = Desk(BUILD, ["--no-machines"])
        cls.desk.start()
        cls.addClassCleanup(cls.desk.__exit__, None, None, None)
        cls.environment = software(cls.desk.environment)
        cls.socket = cls.desk.runtime / "gpu"
        cls.bridge = subprocess.Popen(
            [BUILD / "vm-bridge/bridge/redecho-bridge", "--gpu", cls.socket, "--graphics", "virgl"],
            env=cls.environment, stdin=subprocess.DEVNULL)
        cls.addClassCleanup(cls.end_bridge)
        cls.desk.until(cls.socket.exists, "the bridge's socket")

    @classmethod
    def end_bridge(cls):
        cls.bridge.terminate()
        cls.bridge.wait(PATIENCE_S)

    def in_guest(self, *program, **variables):
        """The program's output, drawn through the bridge. Every command of the guest must succeed."""
        command = [BUILD / "tests/vtest/vtest_guest", "--gpu", self.socket,
                   "--preload", BUILD / "tests/fakes/libguest_memory.so", "--", *program]
        return self.alone(*command, **variables)

    def alone(self, *program, **variables):
        result = subprocess.run([str(word) for word in program], env={**self.environment, **variables},
                                capture_output=True, text=True, timeout=PATIENCE_S * 2)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def picture(self, run, name):
        """What gl_picture draws, and the name of what drew it."""
        path = self.desk.runtime / name
        renderer = run(BUILD / "tests/vtest/gl_picture", path)
        return path.read_bytes(), renderer

    def test_the_same_picture(self):
        expected, driver = self.picture(self.alone, "alone")
        self.assertNotIn("virgl", driver)
        # A second guest finds what the first one left in order.
        for name in ("first", "second"):
            with self.subTest(name):
                picture, renderer = self.picture(self.in_guest, name)
                self.assertIn("virgl", renderer)
                self.assertIn("LLVMPIPE", renderer)
                self.assertEqual(len(picture), len(expected))
                differences = [abs(a - b) for a, b in zip(picture, expected)]
                self.assertLessEqual(max(differences), TOLERANCE)
                self.assertLess(sum(map(bool, differences)), len(expected) // 100)

    def test_two_contexts(self):
        """eglinfo makes a context for each API, and asks for all that a driver tells of itself."""
        text = self.in_guest("eglinfo", "-B", "-p", "surfaceless")
        self.assertIn("OpenGL core profile renderer: virgl (LLVMPIPE", text)
        self.assertIn("OpenGL ES profile renderer: virgl (LLVMPIPE", text)

    def test_glmark2(self):
        """It knows a few pixels of each scene, here in a window whose frames it gets back."""
        scenes = [word for scene in ("build:use-vbo=true", "texture", "bump", "buffer", "build:use-vbo=false")
                  for word in ("-b", scene)]
        text = self.in_guest("glmark2-es2-wayland", "--validate", *scenes, EGL_PLATFORM="wayland")
        self.assertIn("virgl", text)
        self.assertEqual(text.count("Validation: Success"), len(scenes) // 2, text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
