#!/usr/bin/env python3
"""The configuration of a real, headless desk: written at the first start, read again when it is
saved in whatever way, shown with its mistakes on the screen; program files likewise.

Usage: config_watch_test.py BUILD
"""

import json
import os
import pathlib
import select
import signal
import socket
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))

from desk import PATIENCE_S, Desk  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEFAULT = (SOURCE / "configs/config").read_text()
NOTICE_EDGE = 0xd03030  # of an error


class Events:
    """The event stream of a desk."""

    def __init__(self, desk):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(desk.environment["REDECHO_SOCKET"])
        self.socket.sendall(b'{"events":{}}\n')
        self.buffer = b""

    def close(self):
        self.socket.close()

    def wait(self, wanted, what):
        """The first event for which wanted() is true."""
        end = time.monotonic() + PATIENCE_S
        while True:
            while b"\n" in self.buffer:
                line, self.buffer = self.buffer.split(b"\n", 1)
                event = json.loads(line)
                if wanted(event):
                    return event
            if not select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no event: {what}")
            data = self.socket.recv(65536)
            if not data:
                raise AssertionError(f"the desk has gone, waiting for: {what}")
            self.buffer += data

    def wait_config(self):
        return self.wait(lambda event: "config" in json.dumps(event), "the configuration was read")

    def wait_notice(self, text):
        return self.wait(lambda event: text in json.dumps(event), text)


def border_colour(desk):
    """The colour that stands behind the tiles."""
    return desk.picture().pixel(3, 3)


class FirstStart(unittest.TestCase):
    def test_first_start(self):
        with Desk(BUILD, ["--no-machines"], first_start=True) as desk:
            path = desk.runtime / "config/redecho/config"
            self.assertEqual(path.read_text(), DEFAULT)
            self.assertIn(str(path), desk.log())
            # What the keys do is on the screen, until a key is pressed.
            shown = desk.picture()
            self.assertFalse(shown.one_colour())
            desk.type("-k", "space")
            desk.until(lambda: desk.picture().one_colour(), "an empty desk")
            # It is watched from the beginning.
            path.write_text(DEFAULT.replace("background #16181d", "background #123456"))
            desk.until(lambda: border_colour(desk) == 0x123456, "the new background")
            # The next start finds it, and shows nothing.
            desk.stop()
            desk.start()
            self.assertEqual(border_colour(desk), 0x123456)
            self.assertTrue(desk.picture().one_colour())

    def test_folder_that_cannot_be_written(self):
        desk = Desk(BUILD, ["--no-machines"], first_start=True)
        desk.environment["XDG_CONFIG_HOME"] = "/proc/self"
        with desk:
            self.assertIn("/proc/self/redecho/config cannot be written", desk.log())
            self.assertTrue(desk.ctl("outputs"))


class Saving(unittest.TestCase):
    def setUp(self):
        self.desk = Desk(BUILD)
        self.folder = self.desk.runtime / "etc"
        (self.folder / "programs").mkdir(parents=True)
        self.config = self.folder / "config"
        self.config.write_text("border {\n\tbackground #000001\n}\nprograms programs\n")
        self.desk.arguments = ["--config", str(self.config),
                               "--vmd", str(BUILD / "vm-bridge/manager/redecho-vmd"),
                               "--bridge", str(BUILD / "vm-bridge/bridge/redecho-bridge")]
        self.desk.__enter__()
        self.addCleanup(self.desk.__exit__, None, None, None)
        self.events = Events(self.desk)
        self.addCleanup(self.events.close)

    def background(self, colour):
        return f"border {{\n\tbackground #{colour:06x}\n}}\nprograms programs\n"

    def wait_background(self, colour):
        self.desk.until(lambda: border_colour(self.desk) == colour, f"background {colour:06x}")

    def test_ways_to_save(self):
        self.wait_background(1)
        # In place; by a new file that takes its name, as editors do; by a link to another one.
        self.config.write_text(self.background(0x111111))
        self.wait_background(0x111111)
        new = self.folder / ".config.swp"
        new.write_text(self.background(0x222222))
        os.rename(new, self.config)
        self.wait_background(0x222222)
        elsewhere = self.desk.runtime / "dotfiles"
        elsewhere.mkdir()
        (elsewhere / "desk").write_text(self.background(0x333333))
        link = self.folder / "link"
        link.symlink_to(elsewhere / "desk")
        os.rename(link, self.config)
        self.wait_background(0x333333)
        (elsewhere / "desk").write_text(self.background(0x444444))
        self.wait_background(0x444444)
        # A file that it includes, also one that was not there before.
        (self.folder / "more").write_text(self.background(0x555555))
        (elsewhere / "desk").write_text(f"include {self.folder}/more\n")
        self.wait_background(0x555555)
        (self.folder / "more").write_text(self.background(0x666666))
        self.wait_background(0x666666)
        # The signal, and the command.
        os.kill(self.desk.process.pid, signal.SIGHUP)
        self.events.wait_config()
        self.desk.command("reload")
        self.events.wait_config()

    def test_mistake(self):
        self.wait_background(1)
        self.config.write_text("border {\n\tbackground #999999\n\tfrobnicate yes\n}\n")
        self.events.wait_notice("config:3:2: unknown directive")
        # On the screen, over the old desk, until it is mended.
        self.desk.until(lambda: NOTICE_EDGE in self.bottom(), "the banner")
        self.assertEqual(border_colour(self.desk), 1)
        self.config.write_text(self.background(0x777777))
        self.wait_background(0x777777)
        self.desk.until(lambda: NOTICE_EDGE not in self.bottom(), "the banner to go")
        # A file that goes is a mistake as well, and is seen when it comes back.
        os.unlink(self.config)
        self.events.wait_notice("No such file")
        self.config.write_text(self.background(0x888888))
        self.wait_background(0x888888)

    def bottom(self):
        """The colours of a line through the lowest notice."""
        picture = self.desk.picture()
        return {picture.pixel(picture.width // 2, y)
                for y in range(picture.height // 2, picture.height)}

    def test_programs(self):
        def names():
            return [program["name"] for program in self.desk.ctl("programs")]
        (self.folder / "programs/mine.scfg").write_text(
            'program mine {\n\ttitle "Mine"\n\tlabel personal\n\tkernel mine.elf\n}\n')
        self.desk.until(lambda: "mine" in names(), "the new program")
        os.unlink(self.folder / "programs/mine.scfg")
        self.desk.until(lambda: "mine" not in names(), "the program to go")


if __name__ == "__main__":
    unittest.main(verbosity=2)
