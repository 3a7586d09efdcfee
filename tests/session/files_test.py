#!/usr/bin/env python3
"""What `meson install` installs for a login: where it lies and whether those that read it take it.

Usage: files_test.py BUILD
"""

import configparser
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest

from session_machine import install

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv.pop(1)).resolve()


def run(*command, **environment):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **environment}, timeout=240)


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="re-files-", dir="/tmp")))
        install(BUILD, cls.dir)
        cls.bindir = next(cls.dir.rglob("redecho-session")).parent
        cls.prefix = cls.bindir.parent

    def need(self, program):
        if shutil.which(program) is None:
            self.skipTest(f"no {program}")

    def read(self, path):
        return (self.prefix / path).read_text()

    def test_dev_install(self):
        """./dev installs the same, the entry where every display manager looks, and the Linux machine."""
        destination = self.dir / "dev"
        result = run(CHECKOUT / "dev", "install", DESTDIR=str(destination), REDECHO_BUILD=str(BUILD),
                     REDECHO_INSIDE="1", REDECHO_ENV=os.environ.get("REDECHO_ENV", str(CHECKOUT / ".env")))
        self.assertEqual(result.returncode, 0, result.stdout)
        prefix = destination / self.prefix.relative_to(self.dir)

        def below(root):
            return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()
                    and "linux-terminal" not in path.parts}
        entry = "share/wayland-sessions/redecho.desktop"
        self.assertEqual(below(prefix), below(self.prefix) - {entry})
        self.assertTrue((destination / "usr" / entry).exists())
        image = prefix / "share/redecho/machines/linux-terminal/vmlinuz"
        self.assertTrue(image.exists() or "without the Linux machine" in result.stdout)

    def test_no_placeholder_is_left(self):
        for path in ("bin/redecho-session", "share/wayland-sessions/redecho.desktop",
                     "lib/systemd/user/redecho.service"):
            self.assertNotRegex(self.read(path), r"@\w+@", path)

    def test_entry(self):
        entry = configparser.RawConfigParser()
        entry.read_string(self.read("share/wayland-sessions/redecho.desktop"))
        entry = entry["Desktop Entry"]
        self.assertEqual(entry["desktopnames"], "redecho;wlroots")
        # Where it is installed there is a script that can be executed.
        script = self.dir / entry["exec"].lstrip("/")
        self.assertTrue(os.access(script, os.X_OK), script)
        self.need("desktop-file-validate")
        said = run("desktop-file-validate", self.prefix / "share/wayland-sessions/redecho.desktop").stdout
        # Of display managers, not of the Desktop Entry Specification: every session's entry has it.
        said = [line for line in said.splitlines() if 'key "DesktopNames"' not in line]
        self.assertEqual(said, [])

    def test_units(self):
        self.need("systemd-analyze")
        units = self.dir / "units"
        units.mkdir()
        for unit in (self.prefix / "lib/systemd/user").iterdir():
            # systemd looks for the program where it will be.
            text = unit.read_text().replace(f"ExecStart={self.bindir}".replace(str(self.dir), ""),
                                            f"ExecStart={self.bindir}")
            (units / unit.name).write_text(text)
        self.assertEqual(sorted(unit.name for unit in units.iterdir()),
                         ["redecho-shutdown.target", "redecho.service"])
        # The targets alone: what else is installed may have faults of its own.
        targets = self.dir / "targets"
        targets.mkdir()
        for target in pathlib.Path("/usr/lib/systemd/user").glob("*.target"):
            shutil.copy(target, targets)
        result = run("systemd-analyze", "verify", "--user", "--man=no", *map(str, units.iterdir()),
                     SYSTEMD_UNIT_PATH=f"{units}:{targets}", XDG_RUNTIME_DIR=str(self.dir))
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_rules(self):
        rules = next((self.prefix / "lib/udev/rules.d").iterdir())
        # Access for whoever sits at the seat is given by 73-seat-late.rules.
        self.assertLess(rules.name, "73-")
        for device in ("kvm", "udmabuf", "vhost-vsock"):
            self.assertRegex(rules.read_text(), f'(?m)^KERNEL=="{device}",.*TAG\\+="uaccess"')
        self.need("udevadm")
        result = run("udevadm", "verify", str(rules))
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_portals(self):
        portals = configparser.RawConfigParser()
        portals.optionxform = str
        portals.read_string(self.read("share/xdg-desktop-portal/redecho-portals.conf"))
        preferred = dict(portals["preferred"])
        self.assertEqual(preferred.pop("default"), "gtk")
        self.assertTrue(all(name.startswith("org.freedesktop.impl.portal.") for name in preferred))
        self.assertEqual({name.rsplit(".", 1)[1] for name, who in preferred.items() if who == "wlr"},
                         {"ScreenCast", "Screenshot"})

    def test_greetd(self):
        greetd = tomllib.loads(self.read("share/doc/redecho/greetd.toml"))
        self.assertEqual(greetd["default_session"]["command"].split()[-1], "redecho-session")
        self.assertEqual(greetd["terminal"], {"vt": 1})


if __name__ == "__main__":
    unittest.main(verbosity=2)
