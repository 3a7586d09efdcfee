"""Windows of real programs on a whole desk: foot, the kit's clock, and a mouse.

What is seen is compared with what redechoctl tells: frames have the colours that they should
have, and what is dragged or called is where it is said to be.
"""

import subprocess
import unittest

from desk import box_of
from desk_test import COLOURS, CONFIG, DeskTest
from mouse import Mouse

CLIENT = 0x204060
RULES = """
border {
    host #204060
}
rule {
    match app-id quick
    scratchpad quick
    size 400 200
}
rule {
    match program clock
    floating yes
    size 320 240
    position 40 60
}
"""


class WindowsTest(DeskTest):
    config = CONFIG + RULES

    def setUp(self):
        self.programs = []
        width, height = box_of(self.desk.ctl("outputs")[0]["box"])[2:]
        self.mouse = Mouse(self.desk, width, height)
        self.desk.command("workspace", "1")

    def tearDown(self):
        self.mouse.socket.close()
        for program in self.programs:
            program.kill()
            program.wait()
        self.desk.until(lambda: not [w for w in self.desk.ctl("windows") if w["machine"] is None],
                        "the end of foot's windows")

    # --- steps ----------------------------------------------------------------------------

    def foot(self, title, app_id="foot"):
        self.programs.append(subprocess.Popen(
            ["foot", "--title", title, "--app-id", app_id, "sh", "-c", f"echo {title}; read line"],
            env=self.desk.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL))
        return self.desk.until(lambda: self.titled(title), f"window {title}")

    def titled(self, title):
        for window in self.desk.ctl("windows"):
            if window["title"] == title:
                return window
        return None

    def on(self, title, *words):
        self.desk.command(*words, f"window={self.titled(title)['id']}")

    def tree(self):
        def text(node):
            if "window" in node:
                return next(w["title"] for w in windows if w["id"] == node["window"])
            return node["layout"][0] + "[" + " ".join(text(n) for n in node["children"]) + "]"
        windows = self.desk.ctl("windows")
        return text(next(w for w in self.desk.ctl("workspaces") if w["active"])["tree"])

    def wait_tree(self, expected):
        self.desk.until(lambda: self.tree() == expected, f"tree {expected}, not {self.tree()}")

    def wait_frame(self, title, colour):
        """The left border of the window has its colour over its whole height."""
        def framed():
            x, y, _, height = box_of(self.titled(title)["box"])
            return self.desk.picture((x, y, 1, height)).colours() == {colour: height}
        self.desk.until(framed, f"frame of {title}")

    def middle(self, title):
        x, y, width, height = box_of(self.titled(title)["box"])
        return x + width // 2, y + height // 2

    def bar(self, title):
        x, y, width, _ = box_of(self.titled(title)["box"])
        return x + width // 2, y + 14

    # --- tests ----------------------------------------------------------------------------

    def test_float_drag_and_resize(self):
        self.foot("under")
        self.foot("over")
        self.on("over", "floating", "on")
        self.on("over", "resize", "set", "500", "300")
        self.on("over", "move", "position", "300", "200")
        before = box_of(self.titled("over")["box"])
        self.wait_frame("over", CLIENT)
        self.mouse.drag(self.bar("over"), (700, 400))
        after = box_of(self.titled("over")["box"])
        self.assertEqual(after[:2], (700 - before[2] // 2, 400 - 14))
        self.assertEqual(after[2:], before[2:])
        self.wait_frame("over", CLIENT)
        # By its corner; foot draws what it is told, to the pixel.
        x, y, width, height = after
        self.mouse.drag((x + width - 1, y + height - 1), (x + width + 49, y + height - 31))
        self.assertEqual(box_of(self.titled("over")["box"]), (x, y, width + 50, height - 30))
        self.wait_frame("over", CLIENT)

        def drawn():
            content = self.desk.picture(box_of(self.titled("over")["content"]))
            colours = content.colours()
            return 0 not in colours and len(colours) > 1
        self.desk.until(drawn, "foot in its new size, without a black rest")

    def test_tiles_are_dropped(self):
        for title in ("a", "b", "c"):
            self.foot(title)
        self.wait_tree("h[a b c]")
        x, y, width, height = box_of(self.titled("b")["box"])
        inside = width - 16  # without the border, which has the preview's colour
        plain = self.desk.until(self.still, "a picture that stays").crop(x, y, width, height)
        self.mouse.press(*self.bar("c"))
        self.mouse.move(x + width // 2, y + height - 60)
        self.mouse.move(x + width // 2, y + height - 40)
        # The lower half is shown as the place, the upper one is as it was.
        half = height // 2

        def shown():
            picture = self.desk.picture((x, y, width, height))
            upper = 8, 0, inside, half - 2
            lower = 8, half + 2, inside, half - 16
            return not picture.crop(*upper).difference(plain.crop(*upper)) and \
                picture.crop(*lower).difference(plain.crop(*lower)) == inside * (half - 16)
        self.desk.until(shown, "preview of the lower half")
        self.mouse.release()
        self.wait_tree("h[a v[b c]]")
        # Onto a title bar: tabs, whose wheel goes through them.
        self.mouse.drag(self.bar("a"), self.bar("c"))
        self.wait_tree("v[b t[c a]]")
        x, y, width, _ = box_of(self.titled("a")["box"])
        self.mouse.move(x + 20, y - 10)
        self.mouse.scroll(-1)
        self.desk.until(lambda: self.titled("c")["focused"], "focus on c")
        self.assertFalse(self.titled("a")["visible"])
        self.mouse.click(x + width - 20, y - 10)
        self.desk.until(lambda: self.titled("a")["focused"], "focus on a")

    def test_scratchpad(self):
        self.foot("main")
        self.foot("notes", "quick")
        self.assertFalse(self.titled("notes")["visible"])
        self.assertEqual(self.titled("notes")["scratchpad"], "quick")
        self.assertTrue(self.titled("main")["focused"])
        empty = self.desk.until(self.still, "a picture that stays")
        self.desk.command("scratchpad", "show", "quick")
        self.desk.until(lambda: self.titled("notes")["focused"], "focus on notes")
        self.assertEqual(box_of(self.titled("notes")["content"])[2:], (400, 200))
        self.wait_frame("notes", CLIENT)
        self.desk.command("scratchpad", "show", "quick")
        self.desk.until(lambda: self.titled("main")["focused"], "focus on main")
        self.desk.until(lambda: not self.desk.picture().difference(empty), "the picture of before")

    def still(self):
        picture = self.desk.picture()
        return None if picture.difference(self.desk.picture()) else picture

    def test_machine_floats(self):
        self.foot("host")
        self.ensure("clock")
        window = self.desk.window("clock")
        self.assertTrue(window["floating"])
        self.assertEqual(box_of(window["box"])[:2], (40, 60))
        content = box_of(window["content"])
        self.assertEqual(content[2:], (320, 240))
        self.wait_frame("Clock", COLOURS["utility"])
        small = self.desk.wait_still("clock")
        # Its guest follows: it draws up to the corner of the new size.
        self.desk.command_on("clock", "resize", "set", "480", "400")
        self.desk.wait_changed("clock", small)

        def full():
            picture = self.desk.content("clock")
            corner = picture.crop(470, 390, 10, 10)
            return (picture.width, picture.height) == (480, 400) and corner.pixel(9, 9) != 0
        self.desk.until(full, "the clock in its new size")
        # Out of sight it runs on.
        self.desk.command_on("clock", "scratchpad", "move")
        self.desk.until(lambda: not self.desk.window("clock")["visible"], "clock out of sight")
        self.assertEqual(self.desk.machine("clock")["state"], "running")
        self.desk.command("scratchpad", "show")
        self.desk.until(lambda: self.desk.window("clock")["visible"], "clock in sight")
        self.desk.until(full, "the clock again")
        self.desk.command_on("clock", "kill")
        self.desk.until(lambda: not self.desk.window("clock"), "the end of the clock")


if __name__ == "__main__":
    unittest.main()
