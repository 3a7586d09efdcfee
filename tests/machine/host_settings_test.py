#!/usr/bin/env python3
"""The host's keyboard layout and time zone reach the guests. Usage: host_settings_test.py BUILD"""

import datetime
import os
import pathlib
import shutil
import tempfile
import unittest

from desk_test import CONFIG, KIT, DeskTest, make_desk
from linux_desk_test import greeted
from plain_qemu import PlainQemu

ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"  # Europe/Berlin's rules, as POSIX writes them
GERMAN = CONFIG + """
input {
    layout de
}
"""


def zone_name():
    """Europe/Berlin where the host knows it, or else its rules."""
    known = os.path.exists("/usr/share/zoneinfo/Europe/Berlin")
    return "Europe/Berlin" if known else ZONE


def figures(picture):
    """The clock's date and figures, beside the dial, which no hand reaches."""
    width = min(picture.width, picture.height * 22 // 10)
    left = (picture.width - width) // 2 + width * 48 // 100
    return picture.crop(left, 0, width // 2, picture.height)


class HostSettings(DeskTest):
    @classmethod
    def setUpClass(cls):
        cls.desk = make_desk(GERMAN, environment={"TZ": zone_name()})
        cls.addClassCleanup(cls.end_desk)
        cls.desk.start()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="re-settings-", dir="/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def tearDown(self):
        for machine in self.desk.ctl("machines"):
            name = machine["name"]
            self.desk.command_on(name, "kill")
            self.desk.until(lambda name=name: not self.desk.machine(name), f"end of {name}")

    def serial(self, name):
        path = self.desk.runtime / f"redecho-0/v/m/{name}/serial.log"
        return path.read_text(errors="replace")

    def plain(self, program, **settings):
        """Plain QEMU with the program, at its tile's size, with files for fw_cfg."""
        content = self.desk.window(program)["content"]
        extra = [word for name, path in settings.items()
                 for word in ("-fw_cfg", f"name=opt/org.redecho/{name},file={path}")]
        return PlainQemu(KIT / f"{program}.elf", (content["width"], content["height"]),
                         memory="64M", extra=extra)

    def test_the_keyboards_layout(self):
        before = self.ensure("notes")
        self.assertIn("the host's keymap", self.serial("notes"))
        # The machine's folder goes with the machine.
        keymap = shutil.copy(self.desk.runtime / "redecho-0/v/m/notes/keymap", self.folder)
        self.desk.focus("notes")
        self.desk.type("zyß")
        self.desk.wait_changed("notes", before)
        shown = self.desk.wait_still("notes")
        with self.plain("notes", keymap=keymap) as plain:
            plain.wait_for(lambda picture: not picture.one_colour(), "first picture")
            empty = plain.wait_still()
            plain.type("y", "z", "minus")  # the keys that a German keyboard has these on
            plain.wait_for(lambda picture: picture.difference(empty), "change")
            self.assert_same(shown, plain.wait_still(), "zyß on a German keyboard")
        with self.plain("notes") as plain:
            plain.wait_for(lambda picture: not picture.one_colour(), "first picture")
            empty = plain.wait_still()
            plain.type("z", "y")  # an American one, which has no ß
            plain.wait_for(lambda picture: picture.difference(empty), "change")
            american = plain.wait_still()
            plain.type("minus")
            plain.wait_for(lambda picture: picture.difference(american), "change")
            self.assertGreater(shown.difference(plain.wait_still()), 0)

    def test_the_clocks_time_zone(self):
        self.ensure("clock")
        self.assertIn(f"time zone {ZONE}", self.serial("clock"))
        path = self.folder / "timezone"
        path.write_text(ZONE)
        with self.plain("clock", timezone=path) as plain:
            # Both read the host's clock: equal but for the moment when one is a minute ahead.
            self.desk.until(
                lambda: not figures(self.desk.content("clock")).difference(figures(plain.picture())),
                "same time")
        with self.plain("clock") as plain:
            plain.wait_for(lambda picture: not picture.one_colour(), "first picture")
            self.assertGreater(
                figures(self.desk.content("clock")).difference(figures(plain.picture())), 100)

    def test_linux(self):
        if not (self.desk.machines / "linux-terminal/vmlinuz").exists():
            self.skipTest("no Linux image: ./dev setup makes it in the Debian root")
        self.ensure("terminal")
        self.desk.until(lambda: greeted(self.desk.content("terminal")), "prompt", 120)
        self.desk.focus("terminal")
        # With `>`, `/` and `-`, which a German keyboard has elsewhere.
        self.desk.type("-d", "20", "date '+zone:%Z-hour:%H-end' >/dev/ttyS0")
        self.desk.type("-k", "Return")
        log = self.desk.until(
            lambda: "-end" in self.serial("terminal") and self.serial("terminal"), "answer from date")
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertRegex(log, r"zone:(CET-hour:%02d|CEST-hour:%02d)-end" % (
            (now.hour + 1) % 24, (now.hour + 2) % 24))


if __name__ == "__main__":
    unittest.main(verbosity=2)
