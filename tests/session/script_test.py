#!/usr/bin/env python3
"""redecho-session in each of its situations: which commands it runs, in which order and with which
environment. The commands are fakes that write down how they were called.

Usage: script_test.py SCRIPT [SHELL...]

SCRIPT is the template; the shells, words of a command each, are those that it must work in.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SCRIPT = pathlib.Path(sys.argv[1]).resolve()
SHELLS = [shell for shell in sys.argv[2:] if shutil.which(shell.split()[0])] or ["sh"]
del sys.argv[1:]
TOOLS = "awk cat date env find grep id mkdir mv printf sh sleep sort tail uniq".split()

# Its first word is the program; what it is told to do is in the file of that name with .do.
FAKE = """#!{shell}
{{ printf '%s' "${{0##*/}}"; printf ' %s' "$@"; echo; }} >>"{log}"
if [ -e "$0.do" ]; then . "$0.do"; fi
"""

# A user manager in which redecho.service can be started.
SYSTEMCTL = """case "$*" in
*is-active*) exit 3 ;;
*unset-environment*) if printf '%s\\n' "$@" | sort | uniq -d | grep -q .; then exit 1; fi ;;
*--wait*) if [ -e "$0.wait" ]; then cat "$0.wait"; fi; exit ;;
esac
"""


class Script(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="re-script-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.bin, self.log, self.runtime = self.dir / "bin", self.dir / "log", self.dir / "runtime"
        self.bin.mkdir()
        self.runtime.mkdir(mode=0o700)
        self.log.touch()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.fake("redecho")
        script = SCRIPT.read_text().replace("@bindir@", str(self.bin))
        self.script = self.bin / "redecho-session"
        self.script.write_text(script)
        self.script.chmod(0o755)
        self.environment = {"PATH": str(self.bin), "HOME": str(self.dir), "LANG": "C.UTF-8",
                            "XDG_RUNTIME_DIR": str(self.runtime), "INVOCATION_ID": "0", "PWD": "/",
                            "SHELL": "/nonexistent"}  # bash finds one out where none is set

    def fake(self, name, does=""):
        path = self.bin / name
        path.unlink(missing_ok=True)  # it may be a link to the real one
        path.write_text(FAKE.format(shell=shutil.which("sh"), log=self.log))
        path.chmod(0o755)
        pathlib.Path(f"{path}.do").write_text(does)

    def start(self, shell, *words, **environment):
        self.log.write_text("")
        program, *options = shell.split()
        return subprocess.Popen([shutil.which(program), *options, str(self.script), *words], cwd=self.dir, text=True,
                                env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def session(self, shell, *words, status=0, **environment):
        """Runs it; returns what it said. What was called is in calls()."""
        process = self.start(shell, *words, **environment)
        try:
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        self.assertEqual(process.returncode, status, said)
        return said

    def calls(self, *names):
        """The lines of the log, those of `names` only where any are given."""
        lines = self.log.read_text().splitlines()
        return [line for line in lines if not names or line.split()[0] in names]

    def wait_call(self, text):
        end = time.monotonic() + 60
        while text not in self.log.read_text():
            self.assertLess(time.monotonic(), end, f"no {text}")
            time.sleep(0.02)

    def in_each_shell(self, test):
        for shell in SHELLS:
            with self.subTest(shell):
                test(shell)

    # --- nested ---------------------------------------------------------------------------

    def test_nested(self):
        """A window in another session: that one's environment stays what it is."""
        self.fake("systemctl", SYSTEMCTL)
        self.fake("dbus-update-activation-environment")
        self.fake("redecho", f'env >"{self.dir}/environment"\nexit 3')

        def test(shell):
            for name in ("WAYLAND_DISPLAY", "DISPLAY"):
                self.session(shell, status=3, **{name: "somewhere"})
                self.assertEqual(self.calls(), ["redecho "])
                self.assertNotIn("XDG_CURRENT_DESKTOP", (self.dir / "environment").read_text())
        self.in_each_shell(test)

    def test_parameters(self):
        self.assertIn("redecho-session(1)", self.session(SHELLS[0], "--help", status=1))
        self.assertEqual(self.calls(), [])

    # --- the login environment ------------------------------------------------------------

    def login_shell(self, profile):
        """A login shell that reads `profile`: sh, whose own profile is the system's."""
        shell = self.dir / "zsh"
        shell.write_text(f'#!{shutil.which("sh")}\n[ "$1" = -l ] || exit 9\nshift\n'
                         f'{profile}\nexec {shutil.which("sh")} "$@"\n')
        shell.chmod(0o755)
        return str(shell)

    def test_login_shell(self):
        """It is asked once, also if the profile itself runs the session, with exec or without."""
        self.fake("redecho", f'echo "$MARK" >"{self.dir}/mark"')
        for profile in ("export MARK=yes", "export MARK=yes; exec redecho-session",
                        "export MARK=yes; redecho-session"):
            def test(shell, profile=profile):
                self.session(shell, SHELL=self.login_shell(profile))
                self.assertEqual(self.calls("redecho"), ["redecho --session"])
                self.assertEqual((self.dir / "mark").read_text(), "yes\n")
            self.in_each_shell(test)

    def test_no_login_shell(self):
        for shell in ("/usr/sbin/nologin", "/nonexistent/zsh", ""):
            self.session(SHELLS[0], SHELL=shell)
            self.assertEqual(self.calls("redecho"), ["redecho --session"])

    # --- with systemd ---------------------------------------------------------------------

    def test_systemd(self):
        self.fake("systemctl", SYSTEMCTL + f'case "$*" in *import*) env >"{self.dir}/environment" ;; esac')
        self.fake("dbus-update-activation-environment")

        def test(shell):
            self.session(shell, MINE="yes", BAD_="ok", NOTIFY_SOCKET="/x", GREETD_SOCK="/y")
            calls = self.calls("systemctl", "redecho")
            self.assertNotIn("redecho --session", calls)
            verbs = [next(word for word in call.split()[1:] if not word.startswith("--")) for call in calls]
            self.assertEqual(verbs, ["show-environment", "cat", "is-active", "reset-failed",
                                     "import-environment", "start", "start", "unset-environment"])
            imported = set(calls[4].split()[3:])
            self.assertLessEqual({"MINE", "LANG", "PATH", "HOME", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP"},
                                 imported)
            self.assertFalse(imported & {"NOTIFY_SOCKET", "GREETD_SOCK", "INVOCATION_ID", "PWD", "_", "SHLVL"})
            values = (self.dir / "environment").read_text().splitlines()
            self.assertIn("XDG_CURRENT_DESKTOP=redecho:wlroots", values)
            self.assertIn("XDG_SESSION_TYPE=wayland", values)
            self.assertEqual(calls[5], "systemctl --user --wait start redecho.service")
            self.assertEqual(calls[6], "systemctl --user start --job-mode=replace-irreversibly "
                                       "redecho-shutdown.target")
            # What was imported is taken back, and what redecho has told. Each once, or systemd refuses.
            told = {"WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP", "REDECHO_SOCKET", "XDG_SEAT", "XDG_SESSION_CLASS",
                    "XDG_SESSION_DESKTOP", "XDG_SESSION_ID", "XDG_SESSION_TYPE", "XDG_VTNR"}
            self.assertEqual(sorted(calls[7].split()[3:]), sorted(imported | told))
            first, last = self.calls("dbus-update-activation-environment")
            self.assertEqual(set(first.split()[1:]), imported)
            self.assertEqual({word for word in last.split()[1:]}, {f"{name}=" for name in told})
            # D-Bus tells systemd the empty values: systemd forgets them afterwards.
            self.assertGreater(self.calls().index(calls[7]), self.calls().index(last))
        self.in_each_shell(test)

    def test_systemd_refuses_a_value(self):
        self.fake("systemctl", SYSTEMCTL + 'case "$*" in *import*BAD*) exit 1 ;; esac')
        self.session(SHELLS[0], BAD="x")
        self.assertIn("systemctl --user import-environment LANG", self.calls())

    def test_systemd_failure(self):
        """It cleans up after a failure as well, and says where the reason is."""
        self.fake("systemctl", SYSTEMCTL.replace("fi; exit ;;", "fi; exit 4 ;;"))

        def test(shell):
            said = self.session(shell, status=4)
            self.assertIn("journalctl --user --unit redecho.service", said)
            self.assertIn("unset-environment", self.calls()[-1])
        self.in_each_shell(test)

    def test_systemd_already_running(self):
        self.fake("systemctl", "exit 0")
        self.assertIn("already running", self.session(SHELLS[0], status=1))
        self.assertNotIn("start", self.log.read_text())

    def test_systemd_signal(self):
        """When the login is ended from outside, the unit is stopped and the session cleaned up."""
        os.mkfifo(self.bin / "systemctl.wait")
        self.fake("systemctl", SYSTEMCTL + 'case "$*" in *stop*) : >"$0.wait" ;; esac')

        def test(shell):
            process = self.start(shell)
            self.wait_call("--wait start")
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
            self.assertIn("systemctl --user stop redecho.service", self.calls())
            self.assertIn("unset-environment", self.calls()[-1])
        self.in_each_shell(test)

    def test_unit_not_found(self):
        """Installed where systemd does not look: it goes without."""
        self.fake("systemctl", 'case "$*" in *" cat "*) exit 1 ;; esac')
        self.session(SHELLS[0])
        self.assertEqual(self.calls("redecho"), ["redecho --session"])
        self.assertNotIn("import-environment", self.log.read_text())

    # --- without --------------------------------------------------------------------------

    def test_without_systemd(self):
        self.fake("redecho", f'env >"{self.dir}/environment"; echo hello')
        self.fake("dbus-update-activation-environment")

        def test(shell):
            self.session(shell, DBUS_SESSION_BUS_ADDRESS="unix:path=/there")
            self.assertEqual(self.calls("redecho", "dbus-daemon"), ["redecho --session"])
            environment = (self.dir / "environment").read_text().splitlines()
            self.assertIn("XDG_CURRENT_DESKTOP=redecho:wlroots", environment)
            self.assertIn("DBUS_SESSION_BUS_ADDRESS=unix:path=/there", environment)
            self.assertIn(" XDG_CURRENT_DESKTOP", self.calls("dbus-update-activation-environment")[0])
            self.assertEqual((self.dir / ".local/state/redecho/session.log").read_text(), "hello\n")
        self.in_each_shell(test)

    def test_systemctl_without_manager(self):
        """systemd is there, but runs nothing of the user's."""
        self.fake("systemctl", "exit 1")
        self.session(SHELLS[0])
        self.assertEqual(self.calls(), ["systemctl --user show-environment", "redecho --session"])

    def test_own_bus(self):
        """Where no session bus is there, one is made, and ended with the session."""
        sleeper = f"{shutil.which('sleep')} 1000"
        self.fake("dbus-daemon", f'{sleeper} >/dev/null 2>&1 & echo "unix:path=/made,guid=1"; echo $!\n'
                                 f'echo $! >"{self.dir}/pid"')
        self.fake("redecho", f'echo "$DBUS_SESSION_BUS_ADDRESS" >"{self.dir}/address"')

        def test(shell):
            self.session(shell)
            self.assertEqual((self.dir / "address").read_text(), "unix:path=/made,guid=1\n")
            pid = int((self.dir / "pid").read_text())
            end = time.monotonic() + 10
            while pathlib.Path(f"/proc/{pid}/stat").exists() and \
                    pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                self.assertLess(time.monotonic(), end, "the bus lives on")
                time.sleep(0.02)
        self.in_each_shell(test)

    def test_crash(self):
        """A crash is no end of the session; one that comes again and again is."""
        self.fake("redecho", 'kill -SEGV $$')

        def test(shell):
            said = self.session(shell, status=128 + signal.SIGSEGV)
            self.assertEqual(self.calls("redecho"), ["redecho --session"] * 4)
            self.assertIn("it failed; the reason:", said)
        self.in_each_shell(test)

    def test_failure(self):
        self.fake("redecho", "echo no screen; exit 1")
        said = self.session(SHELLS[0], status=1)
        self.assertEqual(self.calls("redecho"), ["redecho --session"])
        self.assertIn("no screen\n", said)

    def test_signal(self):
        """When the login is ended from outside, redecho is asked to end, and waited for."""
        self.fake("redecho", f'trap \'echo ended >>"{self.log}"; exit 0\' TERM\n'
                             f'echo started >>"{self.log}"\nwhile :; do sleep 0.05; done')

        def test(shell):
            process = self.start(shell)
            self.wait_call("started")
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0)
            self.assertEqual(self.calls(), ["redecho --session", "started", "ended"])
        self.in_each_shell(test)

    def test_runtime_dir(self):
        """Without logind a folder of the user's alone, and nobody else's."""
        self.fake("id", "echo 4294967")  # nobody has this number: no folder is theirs
        self.addCleanup(shutil.rmtree, "/tmp/redecho-4294967", ignore_errors=True)
        self.environment.pop("XDG_RUNTIME_DIR")
        self.assertIn("is not a folder of yours alone", self.session(SHELLS[0], status=1))
        self.assertEqual(self.calls("redecho"), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
