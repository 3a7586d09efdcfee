#!/usr/bin/env python3
"""Real Wayland programs on the public socket: what each of them does, and which protocols it did
it by. Usage: clients_test.py BUILD"""

import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))
from client import Client  # noqa: E402
from desk import Desk, box_of  # noqa: E402
from desk_test import BUILD, DeskTest  # noqa: E402
from hide import Hide  # noqa: E402

CONFIG = """
output * {
    mode 1200x900
    scale 1.5
}
"""


class Clients(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = Desk(BUILD)
        path = desk.runtime / "config.scfg"
        path.write_text(CONFIG)
        desk.arguments = ["--no-machines", "--config", str(path)]
        return desk

    def run_client(self, *words, **options):
        return self.enterContext(Client(self.desk, *words, **options))

    def focus_on(self, client):
        window = client.window()
        self.desk.command("focus", f"window={window['id']}")
        client.wait(r"^wl_keyboard#\d+\.enter")
        return window

    def point_at(self, window, x, y):
        """Puts the pointer there in the window, from the corner of the desk."""
        content = window["content"]
        self.desk.run("wlrctl", "pointer", "move", -10000, -10000)
        self.desk.run("wlrctl", "pointer", "move", content["x"] + x, content["y"] + y)

    def terminal(self, command, *options):
        return self.run_client("foot", *options, "sh", "-c", command)

    def paste(self, *options):
        return self.desk.run("wl-paste", "--no-newline", *options).decode()

    # --- a terminal ---------------------------------------------------------------------

    def test_terminal(self):
        path = self.desk.runtime / "typed"
        foot = self.terminal(f"printf 'ready '; cat > {path}; sleep 60", "--title", "shell")
        window = self.focus_on(foot)
        self.assertEqual(window["title"], "shell")
        self.assertEqual(window["app_id"], "foot")
        # The desk draws title and border, at the output's scale.
        foot.wait(r"^zxdg_toplevel_decoration_v1#\d+\.configure\(2\)",
                  r"^wp_fractional_scale_v1#\d+\.preferred_scale\(180\)",
                  r"^-> wp_viewport#\d+\.set_destination\(\d+, \d+\)",
                  r"^zxdg_output_v1#\d+\.logical_size\(800, 600\)",
                  r"^wl_surface#\d+\.enter\(wl_output#\d+\)")
        self.desk.until(lambda: not self.desk.picture(box_of(window["content"])).one_colour(),
                        "text in the terminal")
        # A virtual keyboard types into it.
        self.desk.type("typed words", "-k", "Return", "-M", "ctrl", "d")
        self.desk.until(lambda: path.exists() and path.read_text() == "typed words\n", "what was typed")
        # A virtual pointer enters it, and it asks for the shape of a cursor.
        self.point_at(window, 100, 100)
        foot.wait(r"^wl_pointer#\d+\.enter", r"^-> wp_cursor_shape_device_v1#\d+\.set_shape")

    def test_what_a_terminal_says_of_its_window(self):
        foot = self.terminal("sleep 60", "--toplevel-tag", "scratch terminal", "--app-id", "tagged")
        foot.wait(r"^-> xdg_toplevel_icon_manager_v1#\d+\.set_icon",
                  r"^-> xdg_toplevel_tag_manager_v1#\d+\.set_toplevel_tag")
        window = foot.window()
        self.assertEqual([window[key] for key in ("icon", "tag", "description", "modal", "content_type")],
                         ["tagged", "scratch terminal", "scratch terminal", False, "none"])

    # --- clipboards ---------------------------------------------------------------------

    def test_terminal_copies_and_pastes(self):
        for kind, options in (("c", []), ("p", ["--primary"])):
            with Client(self.desk, "foot", "sh", "-c",
                        f"read line; printf '\\033]52;{kind};aGVsbG8=\\007'; sleep 60") as foot:
                self.focus_on(foot)
                self.desk.type("-k", "Return")
                device = "zwp_primary_selection_device_v1" if kind == "p" else "wl_data_device"
                foot.wait(fr"^-> {device}#\d+\.set_selection\(\w+#\d+")
                self.assertEqual(self.paste(*options), "hello")
        path = self.desk.runtime / "pasted"
        foot = self.terminal(f"head -n 1 > {path}; sleep 60")
        self.focus_on(foot)
        self.run_client("wl-copy", "--foreground", "from elsewhere").wait(r"device_v1#\d+\.selection")
        foot.wait(r"^wl_data_device#\d+\.selection\(wl_data_offer#\d+\)")
        self.desk.type("-M", "ctrl", "-M", "shift", "v", "-m", "ctrl", "-m", "shift", "-k", "Return")
        self.desk.until(lambda: path.exists() and path.read_text() == "from elsewhere\n",
                        "what was pasted")

    def copy(self, device, *options, **more):
        text = f"{device} {options}"
        copier = self.run_client("wl-copy", "--foreground", *options, text, **more)
        copier.wait(fr"^-> {device}#\d+\.set_(primary_)?selection")
        self.desk.until(lambda: self.paste(*options) == text, f"{text} in the clipboard")

    def test_data_control(self):
        self.copy("ext_data_control_device_v1")
        self.copy("ext_data_control_device_v1", "--primary")
        hide = self.enterContext(Hide(self.desk, "ext_data_control_manager_v1"))
        self.copy("zwlr_data_control_device_v1", environment=hide.environment)
        self.copy("zwlr_data_control_device_v1", "--primary", environment=hide.environment)

    # --- pictures -----------------------------------------------------------------------

    def grim(self, *words, **options):
        path = self.desk.runtime / "picture.ppm"
        path.unlink(missing_ok=True)
        with Client(self.desk, "grim", "-t", "ppm", *words, path, **options) as grim:
            grim.wait_end()
            return grim, path.read_bytes()

    def test_capture(self):
        foot = self.terminal("seq 100; sleep 60")
        window = foot.window()
        self.desk.until(lambda: not self.desk.picture(box_of(window["content"])).one_colour(),
                        "text in the terminal")
        grim, picture = self.grim()
        grim.wait(r"^-> ext_output_image_capture_source_manager_v1#\d+\.create_source",
                  r"^ext_image_copy_capture_frame_v1#\d+\.ready")
        hide = self.enterContext(Hide(self.desk, "ext_image_copy_capture_manager_v1",
                                      "ext_output_image_capture_source_manager_v1"))
        grim, older = self.grim(environment=hide.environment)
        grim.wait(r"^zwlr_screencopy_frame_v1#\d+\.ready")
        self.assertEqual(picture, older)
        # One window, by the name that the list has for it.
        lister, _ = self.grim("-T", window["identifier"])
        lister.wait(r'^ext_foreign_toplevel_handle_v1#\d+\.app_id\("foot"\)',
                    r"^-> ext_foreign_toplevel_image_capture_source_manager_v1#\d+\.create_source",
                    r"^ext_image_copy_capture_frame_v1#\d+\.ready")

    # --- attention ----------------------------------------------------------------------

    def urgent(self):
        return {window["title"] for window in self.desk.ctl("windows") if window["urgent"]}

    def test_bell(self):
        """A terminal that rings is marked, by either way that it has; it does not get the focus."""
        path = self.desk.runtime / "ring"
        os.mkfifo(path)
        ringers = [self.terminal(f"while read word; do printf '\\a'; done <{path}; sleep 60", "--title", name,
                                 "--override", f"bell.{way}=yes", "--override", f"bell.{other}=no")
                   for name, way, other in (("asks", "urgent", "system"), ("rings", "system", "urgent"))]
        for ringer in ringers:
            ringer.window()
        user = self.terminal("sleep 60", "--title", "user")
        self.focus_on(user)
        with open(path, "w", encoding="utf-8") as ring:
            # Each line is read by one of them; more lines than one each, until both have rung.
            def both():
                ring.write("ring\n")
                ring.flush()
                return self.urgent() == {"asks", "rings"}
            self.desk.until(both, "two urgent windows")
        ringers[0].wait(r"^-> xdg_activation_v1#\d+\.activate")
        ringers[1].wait(r"^-> xdg_system_bell_v1#\d+\.ring")
        self.assertTrue(user.window()["focused"])
        self.assertTrue(user.window()["urgent"] is False)
        for _ in range(2):
            self.desk.command("focus", "urgent")
        self.assertEqual(self.urgent(), set())

    def test_launched_program_gets_the_focus(self):
        """By the desk's own token, and by one that a focused program asks for."""
        config = self.desk.runtime / "config.scfg"
        config.write_text(CONFIG + "focus-new no\n")
        self.addCleanup(self.desk.command, "reload")
        self.addCleanup(config.write_text, CONFIG)
        self.desk.command("reload")
        user = self.terminal("echo https://example.org; sleep 60", "--title", "user",
                             "--override", "url.launch=foot --title opened sleep 60",
                             "--override", "url.label-letters=a")
        self.focus_on(user)

        def focused():
            return [window["title"] for window in self.desk.ctl("windows") if window["focused"]]
        other = self.terminal("sleep 60", "--title", "other")
        other.window()
        self.assertEqual(focused(), ["user"])
        self.desk.command("exec", "exec foot --title launched sleep 60")
        self.desk.until(lambda: focused() == ["launched"], "focus on what the desk has launched")
        self.desk.command("kill")
        self.focus_on(user)

        # A link, by its key: its one letter.
        self.desk.type("-M", "ctrl", "-M", "shift", "o", "-m", "ctrl", "-m", "shift")
        user.wait(r"^-> wl_subsurface#\d+\.set_position")
        self.desk.type("a")
        user.wait(r"^-> xdg_activation_token_v1#\d+\.set_serial")
        self.desk.until(lambda: focused() == ["opened"], "focus on what a link has opened")
        self.desk.command("kill")

    # --- the rest -----------------------------------------------------------------------

    def test_pointer_constraints(self):
        client = self.run_client("weston-constraints")
        window = client.window()
        self.point_at(window, 200, 200)
        client.wait(r"^wl_pointer#\d+\.enter")
        self.desk.run("wlrctl", "pointer", "click")
        client.wait(r"^zwp_confined_pointer_v1#\d+\.confined")
        self.desk.run("wlrctl", "pointer", "click")
        client.wait(r"^zwp_locked_pointer_v1#\d+\.locked")
        self.desk.run("wlrctl", "pointer", "move", "5", "7")
        client.wait(r"^zwp_relative_pointer_v1#\d+\.relative_motion\(\d+, \d+, 5\.0+, 7\.0+")

    def test_presentation(self):
        client = self.run_client("weston-presentation-shm")
        client.wait(r"^wp_presentation_feedback#\d+\.presented")

    def test_subsurfaces(self):
        client = self.run_client("weston-subsurfaces")
        client.wait(r"^-> wl_subcompositor#\d+\.get_subsurface", r"^-> wl_subsurface#\d+\.set_sync",
                    r"^-> wl_fixes#\d+\.destroy_registry", r"^wl_callback#\d+\.done")

    def test_viewport(self):
        client = self.run_client("weston-scaler")
        client.wait(r"^-> wp_viewport#\d+\.set_source", r"^-> wp_viewport#\d+\.set_destination")


if __name__ == "__main__":
    unittest.main()
