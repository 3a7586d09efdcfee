#!/usr/bin/env python3
"""A login: a machine boots, somebody types name and password at greetd's greeter, works in the
installed session on DRM/KMS, locks and unlocks it, and is back at the greeter after the end.

Usage: login_test.py BUILD
"""

import json
import pathlib
import sys
import time
import unittest

from session_machine import HOME, PASSWORD, SIZE, UID, USER, SessionMachine, check_needs

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
LABEL = 0x20c060
LOCKED = 0x2040a0
HAND = 0xff5f52  # the clock's second hand

DESK = f"""
mod Logo
border {{
    width 6
    titles no
    dim 100
}}
label utility "#{LABEL:06x}"
hotkeys-at-start no
locker "swaylock -f --indicator-idle-visible -c {LOCKED:06x}"
bind --no-repeat Mod+c spawn clock
bind --no-repeat Mod+x lock
bind --no-repeat Mod+Shift+e exit shutdown
"""

# A service of the user's that belongs to every graphical session.
PROBE = """[Unit]
PartOf=graphical-session.target
After=graphical-session.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'env >%t/probe'
"""


def bordered(picture):
    """One tile fills the screen, in the colour of its label."""
    width, height = picture.width, picture.height
    return (width, height) == SIZE and all(
        picture.pixel(x, y) == LABEL
        for x, y in ((2, height // 2), (width - 3, height // 2), (width // 2, 2), (width // 2, height - 3)))


def clock(picture):
    return bordered(picture) and picture.colours().get(HAND, 0) > 50


def locked(picture):
    return picture.colours().get(LOCKED, 0) > 0.9 * SIZE[0] * SIZE[1]


# What D-Bus starts for the user by itself.
ACTIVATED = """[D-BUS Service]
Name=org.redecho.Test
Exec=/bin/sh -c 'env >/run/user/%d/activated; exit 1'
""" % UID
# They tell of the desk, or of the login.
OURS = {"WAYLAND_DISPLAY", "REDECHO_SOCKET", "XDG_CURRENT_DESKTOP", "XDG_SESSION_DESKTOP", "XDG_SESSION_ID",
        "XDG_SESSION_TYPE", "XDG_SEAT", "XDG_VTNR"}


def variables(text):
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


class Login(unittest.TestCase):
    def setUp(self):
        wants = f"{HOME}/.config/systemd/user/graphical-session.target.wants"
        self.began = time.monotonic()
        self.machine = self.enterContext(SessionMachine(BUILD, DESK, start="systemd", files={
            f"{HOME}/.config/systemd/user/probe.service": PROBE,
            f"{wants}/probe.service": pathlib.PurePath("../probe.service"),
            f"{HOME}/.local/share/dbus-1/services/org.redecho.Test.service": ACTIVATED,
            # The user's services outlive the session, so that it can be seen what it leaves there.
            f"/var/lib/systemd/linger/{USER}": "",
        }))

    def note(self, what):
        print(f"{time.monotonic() - self.began:6.1f} s: {what}", flush=True)

    def properties(self, unit, *names):
        return variables(self.machine.run(f"systemctl --user show -p {','.join(names)} {unit}"))

    def activated(self):
        """The environment of what D-Bus starts now."""
        return variables(self.machine.run(
            "dbus-send --session --print-reply --dest=org.redecho.Test / org.redecho.Test.Start >/dev/null 2>&1;"
            " cat $XDG_RUNTIME_DIR/activated"))

    def check_session(self):
        machine = self.machine
        # A display manager would start the same.
        self.assertIn("Exec=/usr/local/bin/redecho-session",
                      machine.run("cat /usr/share/wayland-sessions/redecho.desktop").splitlines())
        self.assertNotIn("linux-terminal/vmlinuz is neither", machine.log())
        # What belongs to a graphical session is started when the desk is there, and finds it.
        machine.run("systemctl --user is-active graphical-session.target")
        probe = variables(machine.run("cat $XDG_RUNTIME_DIR/probe"))
        wanted = {"WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "redecho:wlroots",
                  "XDG_SESSION_TYPE": "wayland", "XDG_SEAT": "seat0", "FROM_PROFILE": "yes",
                  "REDECHO_SOCKET": f"/run/user/{UID}/redecho-0/ipc.sock"}
        for environment in (probe, self.activated()):
            self.assertEqual({name: environment.get(name) for name in wanted}, wanted)
        # No service has what belongs to one process.
        self.assertFalse({"TERM", "SHLVL", "GREETD_SOCK"} & probe.keys())
        session = machine.run(f"loginctl show-user --value -p Display {USER}").strip()
        self.assertEqual(probe["XDG_SESSION_ID"], session)
        # A machine lives outside of the desk's unit.
        processes = machine.run("cat /sys/fs/cgroup$(systemctl --user show --value -p ControlGroup"
                                " redecho.service)/cgroup.procs").split()
        self.assertEqual(processes, [self.properties("redecho.service", "MainPID")["MainPID"]])

    def check_crash(self):
        """The desk comes back by itself, in the same session, and its machine has not noticed."""
        machine = self.machine

        def outlives():
            return (machine.run("pgrep -x -u alice 'qemu-system-x86|redecho-vmd' | sort").split(),
                    self.properties("probe.service", "ActiveEnterTimestampMonotonic", "ActiveState"),
                    [found["name"] for found in json.loads(machine.run("redechoctl --json machines"))])
        before, desk = outlives(), self.properties("redecho.service", "MainPID")["MainPID"]
        machine.run(f"kill -KILL {desk}")
        machine.wait_log("redecho: desk 0(?s:.*)redecho: desk 0", "the desk again")
        machine.wait_picture(clock, "clock after a crash")
        self.assertNotEqual(self.properties("redecho.service", "MainPID")["MainPID"], desk)
        self.assertEqual(outlives(), before)
        self.assertEqual([found["state"] for found in json.loads(machine.run("redechoctl --json machines"))],
                         ["running"])

    def check_terminal(self):
        """Another virtual terminal, and back."""
        machine = self.machine
        machine.press("ctrl", "alt", "f2")
        machine.wait_picture(lambda picture: not bordered(picture), "another virtual terminal")
        self.assertEqual(machine.python("print(open('/sys/class/tty/tty0/active').read(), end='')"), "tty2\n")
        machine.press("ctrl", "alt", "f1")
        machine.wait_picture(clock, "clock on the terminal of the session")

    def check_lock(self):
        machine = self.machine
        machine.press("meta_l", "x")
        machine.wait_picture(locked, "lock")
        machine.type_text(f"{PASSWORD}\n")
        machine.wait_picture(clock, "clock after the lock")

    def check_nothing_left(self):
        machine = self.machine
        self.assertEqual(machine.run("systemctl --user is-active redecho.service graphical-session.target"
                                     " probe.service; true").split(), ["inactive"] * 3)
        left = variables(machine.run("systemctl --user show-environment"))
        self.assertFalse((OURS | {"FROM_PROFILE"}) & left.keys(), left)
        left = self.activated()
        self.assertEqual({name: left.get(name, "") for name in OURS}, dict.fromkeys(OURS, ""))
        self.assertEqual(machine.run(f"ps -u {USER} -o comm= | grep -E 'redecho|qemu' || true"), "")

    def test_login(self):
        machine = self.machine
        machine.log_in()
        self.note("logged in")
        machine.wait_log("Started redecho.service", "readiness")
        self.note("the desk is ready")
        machine.press("meta_l", "c")
        shown = machine.wait_picture(clock, "clock")
        self.note("the clock draws")
        machine.wait_picture(lambda picture: clock(picture) and picture.difference(shown), "clock that goes")
        self.check_session()
        self.check_crash()
        self.note("back after a crash")
        self.check_terminal()
        self.note("back from another virtual terminal")
        self.check_lock()
        self.note("locked and unlocked")

        # What the greeter has written lies under the desk.
        machine.python("open('/dev/tty1', 'w').write('\\033[2J\\033[H')")
        machine.press("meta_l", "shift", "e")
        machine.wait_console("login: *$", "greeter after the session")
        self.note("back at the greeter")
        self.check_nothing_left()


if __name__ == "__main__":
    check_needs("/usr/sbin/greetd", "/usr/lib/systemd/systemd", "/usr/bin/swaylock")
    unittest.main(verbosity=2)
