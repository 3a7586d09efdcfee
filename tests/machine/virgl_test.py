#!/usr/bin/env python3
"""OpenGL of a Linux machine with graphics virgl: it is drawn outside of the guest, and is right.

The oracle is the same program in plain QEMU, where Mesa's llvmpipe draws inside the guest.

Usage: virgl_test.py BUILD
"""

import re
import unittest

from gl_machine import GlTest, PlainGl

SIZE = (640, 480)
FRAMES = 60
# kmscube's last frame stays: at its end kmscube writes what it has said, and nobody takes it.
CUBE = ("mkfifo /tmp/said; kmscube -N -c {} >/tmp/said & p=$!; exec 3</tmp/said; head -c 4096 <&3 |"
        " grep renderer:; cat /dev/zero >/tmp/said & until grep -q '^1 ' /proc/$p/syscall; do"
        " usleep 100000; done; echo drawn; read key; kill $p; wait $p").format(FRAMES)
RUN = ("eglinfo -B -p gbm; {}; glmark2-es2-drm --validate {}").format(
    CUBE, " ".join(f"-b {scene}" for scene in ("build:use-vbo=false", "build:use-vbo=true", "bump")))
# What another order of the same sums may change: a step of a colour anywhere, and pixels on edges.
STEP = 2
EDGE_PIXELS = 20


def far_pixels(picture, oracle):
    """How many pixels differ by more than a step in a channel."""
    if (picture.width, picture.height) != (oracle.width, oracle.height):
        return picture.width * picture.height
    far = {i // 3 for i, (a, b) in enumerate(zip(picture.pixels, oracle.pixels)) if abs(a - b) > STEP}
    return len(far)


class Virgl(GlTest):
    def test_programs(self):
        self.spawn("gl", RUN, graphics="virgl", cpus=2)
        self.desk.command_on("gl", "floating", "on")
        self.desk.command_on("gl", "resize", "set", *map(str, SIZE))
        with PlainGl(SIZE, CUBE, cpus=2) as plain:
            plain.wait_log("^drawn", "last frame")
            expected = plain.wait_still()
        self.wait_log("gl", "^drawn", "last frame")
        # All of Mesa's ways to the hardware lead to the host.
        renderers = re.findall(r"renderer: (.*)", self.log("gl"))
        self.assertEqual(len(renderers), 4, renderers)
        for renderer in renderers:
            self.assertRegex(renderer, "virgl")
        self.assertRegex(self.desk.machine("gl")["details"]["graphics"], "^virgl")
        shown = self.desk.wait_still("gl")
        self.assertGreater(len(expected.colours()), 1000)
        if far_pixels(shown, expected) > EDGE_PIXELS:
            self.assert_same(shown, expected, f"frame {FRAMES} of kmscube", EDGE_PIXELS)
        # glmark2 reads pixels back, and knows those of these scenes.
        self.type_line("gl", "")
        self.wait_log("gl", "^run: ended with 0", "end of glmark2")
        self.assertEqual(re.findall("GL_RENDERER: *(virgl)", self.log("gl")), ["virgl"])
        self.assertEqual(re.findall("Validation: (.*)", self.log("gl")), ["Success"] * 3)


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
