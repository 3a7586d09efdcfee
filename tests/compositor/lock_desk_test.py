#!/usr/bin/env python3
"""A real lock program on a desk: what can be seen while it is there, and when it is killed.
Usage: lock_desk_test.py BUILD"""

import os
import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))
from client import Client  # noqa: E402
from desk import Desk  # noqa: E402
from desk_test import BUILD, DeskTest  # noqa: E402
from hide import Hide  # noqa: E402
from picture import Picture  # noqa: E402
from vnc import Vnc  # noqa: E402

SECRET = 0xff00aa  # what the window shows
OTHER = 0x00aaff  # a window that lies in its place
LOCK = 0x204060


class LockDesk(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = Desk(BUILD)
        path = desk.runtime / "config.scfg"
        path.write_text('output * {\n\tmode 800x600\n}\nlocker "swaylock -c 204060"\n'
                        'border {\n\thost #ff00aa\n}\n')
        desk.arguments = ["--no-machines", "--config", str(path)]
        return desk

    def run_client(self, *words, **options):
        return self.enterContext(Client(self.desk, *words, **options))

    def count(self, picture, colour):
        return picture.colours().get(colour, 0)

    def grim(self, *words, **options):
        path = self.desk.runtime / "picture.ppm"
        path.unlink(missing_ok=True)
        with Client(self.desk, "grim", "-t", "ppm", *words, path, **options) as grim:
            grim.wait_end()
        return Picture.from_ppm(path.read_bytes())

    def lockers(self):
        return [pid for pid, command in self.desk.processes() if command.startswith("swaylock")]

    def kill_lockers(self):
        """Also those that only check passwords."""
        for pid in self.lockers():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def session(self):
        return self.desk.ctl("session")


class Lock(LockDesk):
    def assert_no_leak(self, window):
        """No way of taking pictures shows anything of the window."""
        hide = self.enterContext(Hide(self.desk, "ext_image_copy_capture_manager_v1",
                                      "ext_output_image_capture_source_manager_v1"))
        for picture in (self.grim(), self.grim("-T", window["identifier"]),
                        self.grim(environment=hide.environment)):
            self.assertEqual(self.count(picture, SECRET), 0)

    def test_lock(self):
        typed = self.desk.runtime / "typed"
        foot = self.run_client("foot", "-o", "colors-dark.background=ff00aa", "sh", "-c",
                               f"cat > {typed}; sleep 60")
        window = foot.window()
        foot.wait(r"^wl_keyboard#\d+\.enter")
        self.desk.until(lambda: self.count(self.desk.picture(), SECRET) > 100000, "the window's colour")
        self.assertGreater(self.count(self.grim("-T", window["identifier"]), SECRET), 100000)
        # A picture of one window has nothing of another, though it lies in its place.
        self.desk.command("workspace", "2")
        with Client(self.desk, "foot", "-o", "colors-dark.background=00aaff", "sleep", "60") as other:
            other.window()
            self.desk.until(lambda: self.count(self.desk.picture(), OTHER) > 100000, "the other window")
            picture = self.grim("-T", window["identifier"])
            self.assertGreater(self.count(picture, SECRET), 100000)
            self.assertEqual(self.count(picture, OTHER), 0)
        self.desk.command("workspace", "1")
        self.desk.until(lambda: self.desk.ctl("windows")[0]["focused"], "the first window again")
        self.desk.type("before", "-k", "Return")
        self.desk.until(lambda: typed.read_text() == "before\n", "what was typed")

        # It locks by the command; typing a password that is none does not unlock it.
        self.assertEqual(self.session(), {"locked": False, "locker": False, "idle_inhibited": False})
        events = self.run_client(BUILD / "compositor/ctl/redechoctl", "--json", "events")
        events.wait(r'"event":"state"')
        self.desk.command("lock")
        self.desk.until(lambda: self.count(self.desk.picture(), LOCK) > 400000, "the lock's colour")
        self.assertEqual(self.session(), {"locked": True, "locker": True, "idle_inhibited": False})
        events.wait(r'"event":"session","change":"changed","session":{"locked":true,"locker":true,')
        self.assert_no_leak(window)
        before = self.desk.picture()
        self.desk.type("wrong", "-k", "Return")
        self.desk.until(lambda: self.desk.picture().difference(before), "the lock's ring")
        self.assertTrue(self.session()["locked"])

        # Killed: it stays locked, and a new one is started.
        lockers = self.lockers()
        self.assertTrue(lockers)
        self.kill_lockers()
        events.wait(r'"session":{"locked":true,"locker":false,')
        self.assert_no_leak(window)
        self.desk.until(lambda: self.session()["locker"], "a new lock program")
        self.desk.until(lambda: self.count(self.desk.picture(), LOCK) > 400000, "the lock's colour")
        self.assertFalse(set(lockers) & set(self.lockers()))

        # One by hand takes over too.
        self.kill_lockers()
        self.desk.until(lambda: not self.session()["locker"], "the end of the lock program")
        ours = self.run_client("swaylock", "-c", "306020")
        self.desk.until(lambda: self.session()["locker"], "another lock program")
        ours.wait(r"^wl_keyboard#\d+\.enter")
        self.desk.type("more", "-k", "Return")
        ours.wait(r"^wl_keyboard#\d+\.key")
        self.assertEqual(typed.read_text(), "before\n")
        self.assertTrue(self.session()["locked"])
        self.kill_lockers()
        self.desk.until(lambda: not self.lockers(), "the end of all lock programs")

        # The desk itself is killed: it comes back locked, and starts the lock program.
        self.desk.process.kill()
        self.desk.process.wait()
        self.desk.start()
        self.assertTrue(self.session()["locked"])
        self.desk.until(lambda: self.session()["locker"], "the lock program after a crash")
        self.desk.until(lambda: self.count(self.desk.picture(), LOCK) > 400000, "the lock's colour")


class Recordings(LockDesk):
    def record(self, number, *options, **more):
        """Starts a program that shows what it records; returns it and a viewer of that."""
        path, control = (self.desk.runtime / f"{name}-{number}" for name in ("vnc", "vncctl"))
        server = self.run_client("wayvnc", "-d", "-u", "-S", control, *options, path, **more)

        def connect():
            try:
                return Vnc(path)
            except (FileNotFoundError, ConnectionRefusedError):
                return None
        return server, self.enterContext(self.desk.until(connect, "wayvnc's socket"))

    def test_recordings(self):
        """What was recorded before the lock goes on with the lock's picture."""
        self.run_client("foot", "-o", "colors-dark.background=ff00aa", "sleep", "60").window()
        hide = self.enterContext(Hide(self.desk, "ext_image_copy_capture_manager_v1",
                                      "ext_output_image_capture_source_manager_v1"))
        screen, by_screen = self.record(1)
        old, by_old = self.record(2, environment=hide.environment)
        for viewer in by_screen, by_old:
            self.desk.until(lambda viewer=viewer: self.count(viewer.picture(), SECRET) > 100000,
                            "the window in the recording")
        screen.wait(r"^ext_image_copy_capture_frame_v1#\d+\.ready")
        old.wait(r"^zwlr_screencopy_frame_v1#\d+\.ready")
        self.desk.command("lock")
        self.desk.until(lambda: self.session()["locker"], "the lock program")
        for viewer in by_screen, by_old:
            picture = self.desk.until(
                lambda viewer=viewer: self.count(picture := viewer.picture(), LOCK) > 400000 and picture,
                "the lock in the recording")
            self.assertEqual(self.count(picture, SECRET), 0)


if __name__ == "__main__":
    unittest.main()
