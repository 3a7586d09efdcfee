#!/usr/bin/env python3
"""A bar with the desk's workspaces and windows (waybar), and a program that commands windows
(wlrctl); one of the windows is a machine. Usage: bar_test.py BUILD"""

import json
import unittest

from bus import start_bus
from client import Client
from desk import DeskError
from desk_test import DeskTest

BAR = {"layer": "top", "position": "top", "height": 30,
       "modules-left": ["ext/workspaces"], "modules-right": ["wlr/taskbar"],
       "ext/workspaces": {"format": "{name}", "on-click": "activate", "sort-by-coordinates": True},
       "wlr/taskbar": {"format": "{app_id} {title}", "on-click": "activate"}}
# Colours that tell what the bar was told.
PLAIN, ACTIVE, URGENT, WINDOW, FOCUSED = 0x303030, 0x0000ff, 0xff0000, 0x404040, 0x00aa00
STYLE = f"""
* {{ font-family: sans; font-size: 13px; border-radius: 0; min-height: 0; padding: 0; margin: 0;
     transition: none; animation: none; }}
window#waybar {{ background: #202020; }}
#workspaces button {{ min-width: 60px; margin: 0 2px; background: #{PLAIN:06x}; }}
#workspaces button.active {{ background: #{ACTIVE:06x}; }}
#workspaces button.urgent {{ background: #{URGENT:06x}; }}
#taskbar button {{ min-width: 150px; margin: 0 2px; background: #{WINDOW:06x}; }}
#taskbar button.active {{ background: #{FOCUSED:06x}; }}
"""


class BarDesk(DeskTest):
    def run_client(self, *words, **options):
        return self.enterContext(Client(self.desk, *words, **options))

    def setUp(self):
        self.desk.command("workspace", "1")
        self.ensure("clock")
        self.foot = self.run_client("foot", "--title", "other", "sleep", "600")
        self.foot.window()

    def start_bar(self):
        config, style = self.desk.runtime / "bar.json", self.desk.runtime / "bar.css"
        config.write_text(json.dumps(BAR))
        style.write_text(STYLE)
        return self.run_client("waybar", "-c", config, "-s", style,
                               environment=start_bus(self.desk, self.run_client))

    def fields(self):
        """(colour, where it begins, where it ends) of each button; at the edge there is no text."""
        picture = self.desk.picture((0, 0, 1280, 4))
        fields, row = [], [picture.pixel(x, 1) for x in range(picture.width)]
        for x, colour in enumerate(row):
            if x > 0 and colour == row[x - 1]:
                fields[-1][2] = x
            else:
                fields.append([colour, x, x])
        return [tuple(field) for field in fields
                if field[0] in (PLAIN, ACTIVE, URGENT, WINDOW, FOCUSED)]

    def colours(self):
        return [field[0] for field in self.fields()]

    def wait_colours(self, *colours):
        try:
            self.desk.until(lambda: self.colours() == list(colours), f"bar with {colours}", 20)
        except DeskError as error:
            raise DeskError(f"{error}, but {self.fields()}") from None

    def click(self, field):
        _, left, right = field
        self.desk.run("wlrctl", "pointer", "move", -10000, -10000)
        self.desk.run("wlrctl", "pointer", "move", (left + right) // 2, 15)
        self.desk.run("wlrctl", "pointer", "click")
        self.desk.run("wlrctl", "pointer", "move", 0, 200)  # what it lies on looks different

    def focused(self):
        return [window["title"] for window in self.desk.ctl("windows") if window["focused"]]

    def active(self):
        return [place["name"] for place in self.desk.ctl("workspaces") if place["active"]]

    def test_bar(self):
        self.desk.command("workspace", "3:web")
        bar = self.start_bar()
        # Two workspaces, the clock and the terminal.
        self.wait_colours(PLAIN, ACTIVE, WINDOW, WINDOW)
        bar.wait(r'^ext_workspace_handle_v1#\d+\.name\("3:web"\)',
                 r'^zwlr_foreign_toplevel_handle_v1#\d+\.app_id\("clock"\)',
                 r'^zwlr_foreign_toplevel_handle_v1#\d+\.app_id\("foot"\)')
        self.desk.command("urgent", "machine=clock")
        self.wait_colours(URGENT, ACTIVE, WINDOW, WINDOW)
        self.click(self.fields()[0])
        self.desk.until(lambda: self.active() == ["1"], "workspace 1")
        # The empty one is gone, and the terminal has the focus again.
        self.wait_colours(URGENT, WINDOW, FOCUSED)
        self.click(self.fields()[1])
        self.desk.until(lambda: self.focused() == ["Clock"], "focus on the clock")
        self.wait_colours(ACTIVE, FOCUSED, WINDOW)

    def wlrctl(self, *words):
        return self.desk.run("wlrctl", "toplevel", *words).decode()

    def window_of(self, title):
        return next(window for window in self.desk.ctl("windows") if window["title"] == title)

    def test_commands(self):
        self.assertEqual(sorted(self.wlrctl("list").split("\n")[:-1]), ["clock: Clock", "foot: other"])
        for app_id, title in (("clock", "Clock"), ("foot", "other")):
            self.wlrctl("focus", f"app_id:{app_id}")
            self.assertEqual(self.focused(), [title])
        self.wlrctl("fullscreen", "app_id:clock")
        self.assertTrue(self.window_of("Clock")["fullscreen"])
        self.desk.command("fullscreen", "off", "machine=clock")
        self.wlrctl("minimize", "app_id:foot")
        self.assertFalse(self.window_of("other")["visible"])
        self.wlrctl("find", "app_id:foot", "state:minimized")
        # It is a tile again, as it was.
        self.wlrctl("focus", "app_id:foot")
        self.assertTrue(self.window_of("other")["visible"])
        self.assertFalse(self.window_of("other")["floating"])

        # A machine's power button; the terminal's own end.
        self.wlrctl("close", "app_id:clock")
        self.desk.until(lambda: self.desk.machine("clock") is None, "end of the machine")
        self.wlrctl("close", "app_id:foot")
        self.foot.wait(r"^xdg_toplevel#\d+\.close\(\)")
        self.desk.until(lambda: not self.desk.ctl("windows"), "end of the terminal")
        self.assertEqual(self.wlrctl("list").strip(), "")


if __name__ == "__main__":
    unittest.main()
