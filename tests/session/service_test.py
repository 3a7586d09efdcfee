#!/usr/bin/env python3
"""redecho --session, headless: what the session bus, systemd and whoever started it are told.

Usage: service_test.py BUILD
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
PATIENCE_S = 30


class Service(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="re-serv-", dir="/tmp")))
        (self.dir / "config").write_text("")
        (self.dir / "bin").mkdir()
        self.fake("systemctl", "exit 1")
        self.notify = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self.notify.bind(str(self.dir / "notify"))
        self.notify.settimeout(PATIENCE_S)
        self.environment = {
            **os.environ, "PATH": f"{self.dir}/bin:{os.environ['PATH']}", "XDG_RUNTIME_DIR": str(self.dir),
            "XDG_DATA_HOME": str(self.dir / "data"), "WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman",
            "NOTIFY_SOCKET": str(self.dir / "notify")}
        for name in ("WAYLAND_DISPLAY", "DISPLAY", "REDECHO_SOCKET", "XDG_CURRENT_DESKTOP",
                     "DBUS_SESSION_BUS_ADDRESS"):
            self.environment.pop(name, None)

    def fake(self, name, does):
        path = self.dir / "bin" / name
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)

    def start_bus(self):
        """A session bus, with a service that writes down with which environment it was started."""
        services = self.dir / "data/dbus-1/services"
        services.mkdir(parents=True)
        (services / "org.redecho.Test.service").write_text(
            f"[D-BUS Service]\nName=org.redecho.Test\nExec=/bin/sh -c 'env >{self.dir}/activated; exit 1'\n")
        environment = {name: value for name, value in self.environment.items() if name != "NOTIFY_SOCKET"}
        bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        self.addCleanup(bus.wait)
        self.addCleanup(bus.kill)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        bus.stdout.close()

    def activated(self):
        """The environment of what the bus starts."""
        subprocess.run(["dbus-send", "--session", "--print-reply", "--dest=org.redecho.Test", "/",
                        "org.redecho.Test.Start"],
                       env=self.environment, capture_output=True, timeout=PATIENCE_S)
        return dict(line.split("=", 1) for line in (self.dir / "activated").read_text().splitlines()
                    if "=" in line)

    def start(self, *options, **environment):
        desk = subprocess.Popen([BUILD / "compositor/redecho", "--config", self.dir / "config",
                                 "--no-machines", *options], stderr=subprocess.PIPE, text=True,
                                env={**self.environment, **environment})
        self.addCleanup(desk.stderr.close)
        self.addCleanup(desk.wait)
        self.addCleanup(desk.kill)
        return desk

    def heard(self):
        return self.notify.recv(4096).decode().splitlines()

    def wait_file(self, path):
        end = time.monotonic() + PATIENCE_S
        while not path.exists():
            self.assertLess(time.monotonic(), end, f"no {path}")
            time.sleep(0.02)

    def test_session(self):
        if shutil.which("dbus-daemon") is None:
            self.skipTest("no dbus-daemon")
        self.start_bus()
        # A user manager that takes the environment.
        self.fake("systemctl", f'echo "$@" $WAYLAND_DISPLAY >>"{self.dir}/systemctl"')
        child = self.dir / "child"
        desk = self.start("--session", "--exec", f"env >{child}.new; mv {child}.new {child}")
        self.assertEqual(self.heard(), ["READY=1", "STATUS=Desk 0 on wayland-0"])
        # When it is ready the others know already.
        wanted = {"WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "redecho:wlroots",
                  "REDECHO_SOCKET": f"{self.dir}/redecho-0/ipc.sock"}
        activated = self.activated()
        self.assertEqual(wanted, {name: activated.get(name) for name in wanted})
        self.assertEqual((self.dir / "systemctl").read_text().splitlines(), [
            "--user show-environment wayland-0",
            "--user import-environment WAYLAND_DISPLAY XDG_CURRENT_DESKTOP REDECHO_SOCKET wayland-0"])
        self.wait_file(child)
        environment = dict(line.split("=", 1) for line in child.read_text().splitlines() if "=" in line)
        self.assertEqual(wanted, {name: environment.get(name) for name in wanted})
        # A child cannot speak for the desk.
        self.assertNotIn("NOTIFY_SOCKET", environment)
        # A desk in a window of this one leaves it all alone.
        (self.dir / "systemctl").unlink()
        inner = self.start("--session", WLR_BACKENDS="wayland", WAYLAND_DISPLAY="wayland-0")
        self.assertEqual(self.heard(), ["READY=1", "STATUS=Desk 1 on wayland-1"])
        self.assertEqual(self.activated()["WAYLAND_DISPLAY"], "wayland-0")
        self.assertFalse((self.dir / "systemctl").exists())
        # The end is told, too, and is orderly.
        for ending in (inner, desk):
            ending.terminate()
            self.assertEqual(self.heard(), ["STOPPING=1"])
            self.assertEqual(ending.wait(PATIENCE_S), 0)

    def test_not_the_session(self):
        """Without --session nobody's environment changes."""
        self.fake("systemctl", f': >"{self.dir}/called"')
        self.fake("dbus-update-activation-environment", f': >"{self.dir}/called"')
        self.start()
        self.assertEqual(self.heard()[0], "READY=1")
        self.assertFalse((self.dir / "called").exists())

    def test_bus_that_hangs(self):
        os.mkfifo(self.dir / "never")
        self.fake("dbus-update-activation-environment", f'cat "{self.dir}/never"')
        desk = self.start("--session", "--exec", f": >{self.dir}/child",
                          DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
        self.assertEqual(self.heard()[0], "READY=1")
        self.wait_file(self.dir / "child")
        desk.terminate()
        self.assertEqual(desk.wait(PATIENCE_S), 0)
        with open(self.dir / "never", "w"):
            pass  # its reader ends, which holds the log
        self.assertIn("the session's environment was not told within 5 s", desk.stderr.read())


if __name__ == "__main__":
    unittest.main(verbosity=2)
