#!/usr/bin/env python3
"""A login where nothing is systemd's: greetd starts the installed session, which gets its seat from
seatd and makes its own folder and session bus. A bound key, a crash, another virtual terminal, the
end.

Usage: seatd_test.py BUILD
"""

import pathlib
import sys
import time
import unittest

from session_machine import HOME, SIZE, UID, USER, SessionMachine, check_needs

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
BORDER = 0x20c060
RUNTIME = f"/tmp/redecho-{UID}"

DESK = f"""
mod Logo
border {{
    width 6
    titles no
    host "#{BORDER:06x}"
    dim 100
}}
hotkeys-at-start no
bind --no-repeat Mod+Return exec "foot sh -c 'env >~/window; exec cat'"
bind --no-repeat Mod+Shift+e exit
"""

# What D-Bus starts for the user by itself.
ACTIVATED = f"""[D-BUS Service]
Name=org.redecho.Test
Exec=/bin/sh -c 'env >{HOME}/activated; exit 1'
"""


def bordered(picture):
    """One window fills the screen."""
    width, height = picture.width, picture.height
    return (width, height) == SIZE and all(
        picture.pixel(x, y) == BORDER
        for x, y in ((2, height // 2), (width - 3, height // 2), (width // 2, height - 3)))


def variables(text):
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


class Seatd(unittest.TestCase):
    def setUp(self):
        self.began = time.monotonic()
        self.machine = self.enterContext(SessionMachine(BUILD, DESK, start="seatd", files={
            f"{HOME}/.local/share/dbus-1/services/org.redecho.Test.service": ACTIVATED}))

    def note(self, what):
        print(f"{time.monotonic() - self.began:6.1f} s: {what}", flush=True)

    def check_environment(self):
        machine = self.machine
        wanted = {"WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "redecho:wlroots",
                  "XDG_SESSION_TYPE": "wayland", "XDG_SESSION_DESKTOP": "redecho", "XDG_SEAT": "seat0",
                  "XDG_RUNTIME_DIR": RUNTIME, "REDECHO_SOCKET": f"{RUNTIME}/redecho-0/ipc.sock",
                  "FROM_PROFILE": "yes"}
        window = variables(machine.run("cat window"))
        machine.run(f"DBUS_SESSION_BUS_ADDRESS='{window['DBUS_SESSION_BUS_ADDRESS']}' dbus-send --session"
                    " --print-reply --dest=org.redecho.Test / org.redecho.Test.Start || true")
        for environment in (window, variables(machine.run("cat activated"))):
            self.assertEqual({name: environment.get(name) for name in wanted}, wanted)
        self.assertEqual(machine.run(f"stat -c '%U %a' {RUNTIME}"), f"{USER} 700\n")

    def test_login(self):
        machine = self.machine
        machine.log_in()
        self.note("logged in")
        machine.wait_log("redecho: desk 0", "desk")
        machine.press("meta_l", "ret")
        machine.wait_picture(bordered, "window")
        self.note("a window")
        self.check_environment()
        # Another virtual terminal, by seatd, and back.
        machine.press("ctrl", "alt", "f2")
        machine.wait_picture(lambda picture: not bordered(picture), "another virtual terminal")
        self.assertEqual(machine.python("print(open('/sys/class/tty/tty0/active').read(), end='')"), "tty2\n")
        machine.press("ctrl", "alt", "f1")
        machine.wait_picture(bordered, "the desk's virtual terminal")
        self.note("back from another virtual terminal")
        # After a crash it comes back, without the window, which had nobody to show it.
        machine.run("kill -KILL $(pgrep -x -u alice redecho)")
        machine.wait_log("redecho ended with status 137, starting it again(?s:.*)redecho: desk 0", "the desk again")
        machine.wait_picture(lambda picture: not bordered(picture), "the desk without the window")
        machine.press("meta_l", "ret")
        machine.wait_picture(bordered, "a window after the crash")
        self.note("back after a crash")

        # What the greeter has written lies under the desk.
        machine.python("open('/dev/tty1', 'w').write('\\033[2J\\033[H')")
        machine.press("meta_l", "shift", "e")
        machine.wait_console("login: *$", "greeter after the session")
        self.note("back at the greeter")
        self.assertEqual(machine.run(f"ps -u {USER} -o comm= | grep -E 'redecho|dbus-daemon' || true"), "")


if __name__ == "__main__":
    check_needs("/usr/sbin/greetd", "/usr/sbin/seatd", "/usr/bin/dbus-daemon")
    unittest.main(verbosity=2)
