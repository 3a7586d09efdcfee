#!/usr/bin/env python3
"""Portals: what a program in a sandbox asks xdg-desktop-portal for is answered by the desk's parts,
as redecho-portals.conf has it. A screenshot, and the beginning of screen casts, with real portals and PipeWire.

Usage: portals_test.py BUILD
"""

import fcntl
import os
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))
from client import Client  # noqa: E402
from desk import PATIENCE_S, Desk, answers  # noqa: E402
from desk_test import BUILD, SOURCE, DeskTest  # noqa: E402
from picture import Picture  # noqa: E402

try:
    from gi.repository import Gio, GLib
except ImportError:
    print("no python3-gi: the test speaks D-Bus by it")
    sys.exit(77)
for path in ("/usr/libexec/xdg-desktop-portal", "/usr/libexec/xdg-desktop-portal-wlr",
             "/usr/libexec/xdg-desktop-portal-gtk", "/usr/bin/pipewire"):
    if not os.path.exists(path):
        print(f"no {path}")
        sys.exit(77)

BUS = """<busconfig>
<type>session</type>
<listen>unix:path={path}</listen>
<servicedir>{services}</servicedir>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy>
</busconfig>
"""
CONFIG = """
hotkeys-at-start no
border {
    host "#20c060"
}
"""
# The portals, and where what the user has allowed is kept.
SERVICES = ("org.freedesktop.portal.Desktop", "org.freedesktop.impl.portal.desktop.wlr",
            "org.freedesktop.impl.portal.desktop.gtk", "org.freedesktop.impl.portal.PermissionStore")
PORTAL = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
MONITOR, WINDOW = 1, 2


class Portals(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = Desk(BUILD)
        config = desk.runtime / "config.scfg"
        config.write_text(CONFIG)
        desk.arguments = ["--no-machines", "--session", "--config", str(config)]
        # Where it would be installed.
        share = desk.runtime / "share/xdg-desktop-portal"
        share.mkdir(parents=True)
        shutil.copy(SOURCE / "configs/session/redecho-portals.conf", share)
        desk.environment |= {
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={desk.runtime}/bus", "HOME": str(desk.runtime),
            "XDG_DATA_DIRS": f"{desk.runtime}/share:/usr/share", "XDG_DATA_HOME": f"{desk.runtime}/data",
            "PIPEWIRE_RUNTIME_DIR": str(desk.runtime), "XDG_STATE_HOME": f"{desk.runtime}/state"}
        desk.environment.pop("XDG_CURRENT_DESKTOP", None)
        # Before the desk: what the bus starts knows only what the desk tells it.
        services = desk.runtime / "services"
        services.mkdir()
        for name in SERVICES:
            shutil.copy(f"/usr/share/dbus-1/services/{name}.service", services)
        (desk.runtime / "bus.conf").write_text(BUS.format(path=desk.runtime / "bus", services=services))
        cls.bus = cls.enterClassContext(Client(desk, "dbus-daemon", "--nofork", "--nopidfile",
                                               f"--config-file={desk.runtime}/bus.conf"))
        return desk

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(Client(cls.desk, "pipewire"))
        cls.desk.until(lambda: answers(cls.desk.runtime / "pipewire-0"), "PipeWire")
        cls.connection = Gio.DBusConnection.new_for_address_sync(
            cls.desk.environment["DBUS_SESSION_BUS_ADDRESS"],
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
            None, None)
        cls.requests = 0
        # Something to be seen.
        cls.enterClassContext(Client(cls.desk, "foot", "sh", "-c", "seq 99; sleep 600"))
        cls.desk.until(lambda: not cls.desk.picture().crop(8, 100, 200, 400).one_colour(), "text in the terminal")

    @classmethod
    def end_desk(cls):
        # What it has started ends with it.
        cls.connection.close_sync(None)
        cls.bus.__exit__(None, None, None)
        cls.desk.until(lambda: not [line for _, line in cls.desk.processes() if "xdg-" in line], "end of the portals")
        super().end_desk()

    def call(self, name, path, interface, method, arguments):
        return self.connection.call_sync(name, path, interface, method, arguments, None,
                                         Gio.DBusCallFlags.NONE, PATIENCE_S * 1000, None).unpack()

    def ask(self, interface, method, signature, *arguments, meanwhile=None, **options):
        """A request to a portal; returns its response's number and results."""
        Portals.requests += 1
        token = f"t{self.requests}"
        sender = self.connection.get_unique_name()[1:].replace(".", "_")
        answer = []
        subscription = self.connection.signal_subscribe(
            PORTAL[0], "org.freedesktop.portal.Request", "Response",
            f"/org/freedesktop/portal/desktop/request/{sender}/{token}", None, Gio.DBusSignalFlags.NONE,
            lambda *signal: answer.append(signal[5].unpack()))
        options["handle_token"] = GLib.Variant("s", token)
        self.call(*PORTAL, f"org.freedesktop.portal.{interface}", method,
                  GLib.Variant(f"({signature}a{{sv}})", (*arguments, options)))
        if meanwhile is not None:
            meanwhile()
        context = GLib.MainContext.default()

        def answered():
            while context.iteration(False):
                pass
            return answer
        self.desk.until(answered, f"response to {method}")
        self.connection.signal_unsubscribe(subscription)
        return answer[0]

    def wait_for_layer(self, namespace):
        self.desk.until(lambda: [layer for layer in self.desk.ctl("outputs")[0]["layers"]
                                 if layer["namespace"] == namespace], f"layer surface of {namespace}")

    def choose_screen(self):
        """slurp asks the user, who clicks on the screen that is to be shown."""
        self.wait_for_layer("selection")
        self.desk.run("wlrctl", "pointer", "move", 100, 100)
        self.desk.run("wlrctl", "pointer", "click", "left")

    def choose_window(self):
        """fuzzel asks; the only window is the first in its list."""
        self.wait_for_layer("launcher")
        self.desk.type("-k", "Return")

    def cast(self, kind, choose):
        """Begins a screen cast of a kind of source, and ends it; returns what the stream shows."""
        status, results = self.ask("ScreenCast", "CreateSession", "",
                                   session_handle_token=GLib.Variant("s", f"cast{kind}"))
        self.assertEqual(status, 0)
        session = results["session_handle"]
        status, _ = self.ask("ScreenCast", "SelectSources", "o", session, meanwhile=choose,
                             types=GLib.Variant("u", kind))
        self.assertEqual(status, 0)
        status, results = self.ask("ScreenCast", "Start", "os", session, "")
        self.assertEqual(status, 0)
        (_, properties), = results["streams"]
        self.call(PORTAL[0], session, "org.freedesktop.portal.Session", "Close", None)
        return properties

    def test_screen_cast(self):
        """Of the screen that the user clicks on: a stream of its size begins."""
        box = self.desk.ctl("outputs")[0]["box"]
        self.assertEqual(self.cast(MONITOR, self.choose_screen),
                         {"source_type": MONITOR, "position": (box["x"], box["y"]),
                          "size": (box["width"], box["height"])})

    def test_window_cast(self):
        """Of the window that the user chooses from a list."""
        self.assertEqual(self.cast(WINDOW, self.choose_window)["source_type"], WINDOW)

    def test_screenshot(self):
        # Else a dialog would ask the user, which is not wlr's.
        self.call("org.freedesktop.impl.portal.PermissionStore", "/org/freedesktop/impl/portal/PermissionStore",
                  "org.freedesktop.impl.portal.PermissionStore", "SetPermission",
                  GLib.Variant("(sbssas)", ("screenshot", True, "screenshot", "", ["yes"])))
        oracle = self.desk.picture()
        # wlr writes to one and the same file, whoever runs it.
        folder = os.open("/tmp", os.O_RDONLY)
        self.addCleanup(os.close, folder)
        fcntl.flock(folder, fcntl.LOCK_EX)
        status, results = self.ask("Screenshot", "Screenshot", "s", "")
        self.assertEqual(status, 0)
        path = pathlib.Path(results["uri"].removeprefix("file://"))
        self.addCleanup(path.unlink)
        shown = Picture.from_ppm(self.desk.run("magick", path, "-depth", "8", "ppm:-"))
        self.assert_same(shown, oracle, "screenshot")


if __name__ == "__main__":
    unittest.main(verbosity=2)
