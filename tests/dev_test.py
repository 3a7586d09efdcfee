#!/usr/bin/env python3
"""./dev: what it says when something is missing, and how it reads its options.

Usage: dev_test.py CHECKOUT

Each test runs a copy of the script with a PATH of a few real tools and of fakes, which are
shell scripts given as text.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

CHECKOUT = pathlib.Path(sys.argv.pop()).resolve()
TOOLS = """awk basename cat chmod cksum cmp comm cp dirname echo env flock grep head ls mkdir mv paste
    printf python3 readlink rm sed sh sleep sort stat tail timeout tr true xargs""".split()

PROGRAMS = ("redecho", "redechoctl", "redecho-vmd", "redecho-bridge", "redecho-session")


class Dev(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="re-dev-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.checkout = self.dir / "a checkout"
        recipe = self.checkout / "guest-kit/image/terminal"
        recipe.mkdir(parents=True)
        (recipe / "build").write_text("")
        shutil.copy(CHECKOUT / "dev", self.checkout)
        self.bin = self.dir / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.runtime = self.dir / "runtime"
        self.runtime.mkdir(mode=0o700)
        self.environment = {"PATH": str(self.bin), "HOME": str(self.dir), "REDECHO_NATIVE": "0",
                            "XDG_RUNTIME_DIR": str(self.runtime)}
        self.fake("id", 'case $1 in -u) echo 1000 ;; -un) echo someone-unheard-of ;; esac')
        self.fake("unshare", 'echo "unshare: no" >&2; exit 1')
        self.fake("tty", "echo not a tty; exit 1")

    def fake(self, name, script):
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!{shutil.which('sh')}\n{script}\n")
        path.chmod(0o755)

    def dev(self, *words, **environment):
        result = subprocess.run([shutil.which("sh"), self.checkout / "dev", *words], cwd=self.dir,
                                env={**self.environment, **environment}, text=True, timeout=60,
                                stdin=subprocess.DEVNULL, capture_output=True)
        return result.returncode, result.stdout, result.stderr

    def says(self, *texts, words=("setup",), status=1, **environment):
        got, _, said = self.dev(*words, **environment)
        self.assertEqual(got, status, said)
        for text in texts:
            self.assertIn(text, said)
        return said

    # --- set-up ---------------------------------------------------------------------------

    def test_root_without_mount(self):
        self.fake("id", "echo 0")
        said = self.says("lacks CAP_SYS_ADMIN", "--cap-add SYS_ADMIN")
        self.assertNotIn("user namespace", said)

    def test_user_without_namespaces(self):
        said = self.says("may not make a user namespace", "unshare: no", "apt-get install uidmap",
                         "--add-subuids 100000-165535", "util-linux 2.38")
        self.assertNotIn("sysctl kernel.apparmor", said)

    def test_each_cause_alone(self):
        """What is in place is not named."""
        self.fake("unshare", 'case $1 in --help) echo --map-auto ;; *) exit 1 ;; esac')
        self.fake("newuidmap", "true")
        said = self.says("may not make a user namespace")
        self.assertNotIn("uidmap", said)
        self.assertNotIn("util-linux", said)
        # grep is what looks for the user in /etc/subuid
        grep = shutil.which("grep")
        self.fake("grep", f'case "$*" in */etc/subuid) exit 0 ;; esac; exec {grep} "$@"')
        self.assertNotIn("usermod", self.says("may not make a user namespace"))

    def test_sysctls(self):
        cat = shutil.which("cat")
        for key, wrong, right in (("user.max_user_namespaces", 0, 15000),
                                  ("kernel.unprivileged_userns_clone", 0, 1),
                                  ("kernel.apparmor_restrict_unprivileged_userns", 1, 0)):
            file = "/proc/sys/" + key.replace(".", "/")
            if not pathlib.Path(file).exists():
                continue  # not every kernel has each of them
            with self.subTest(key):
                self.fake("cat", f'[ "$1" = {file} ] && echo {wrong} && exit; exec {cat} "$@"')
                self.says(f"as root: sysctl {key}={right}")
                self.fake("cat", f'[ "$1" = {file} ] && echo {right} && exit; exec {cat} "$@"')
                self.assertNotIn(key, self.says("may not make"))

    def test_no_mmdebstrap(self):
        self.fake("unshare", "exit 0")
        self.says("mmdebstrap is missing", "apt-get install mmdebstrap", "dnf install", "pacman -S")

    def test_expired_release_file(self):
        """The second try is without the check of its age, and says so."""
        self.fake("unshare", "[ $# -gt 6 ] && exec cat; exit 0")
        self.fake("mmdebstrap", f'echo "$*" >>"{self.dir}/tries"; exit 1')
        self.says("750 MB to download", str(self.checkout / ".env/root"), "warning", "could not be made")
        tries = (self.dir / "tries").read_text().splitlines()
        self.assertEqual(len(tries), 2)
        self.assertNotIn("Check-Valid-Until", tries[0])
        self.assertIn('Acquire::Check-Valid-Until "false"', tries[1])

    # --- options --------------------------------------------------------------------------

    def test_wrong_options(self):
        for words in (("--seconds",), ("--screenshot",), ("--bogus",), ("--seconds", "5m"), ("desk.png",)):
            with self.subTest(words):
                said = self.says("dev: run: ", words=("run", *words))
                self.assertNotIn("namespace", said)  # it looks before it sets up
        self.says("unknown command 'frob'", "usage: ./dev COMMAND", words=("frob",))

    # --- installing -----------------------------------------------------------------------

    def prepare_install(self, files):
        """A root, a build in it, and a meson that installs `files`; returns environment and build."""
        # Inside: what is run there, without going there.
        self.fake("unshare", 'case " $* " in *" _pivot "*) ;; *) exit 0 ;; esac\n'
                             'while [ "$1" != _pivot ]; do shift; done; shift; exec "$@"')
        self.fake("mmdebstrap", "exit 1")
        self.fake("meson", """while [ "$1" != --destdir ]; do shift; done\n""" + "".join(
            f'mkdir -p "$(dirname "$2/{path}")"; echo \'{text}\' >"$2/{path}"\n' for path, text in files.items()))
        environment, build = self.dir / "environment", self.dir / "build"
        for path in (environment / "root/usr/bin/meson", build / "compositor/redecho",
                     build / "compositor/ctl/redechoctl"):
            path.parent.mkdir(parents=True)
            path.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
            path.chmod(0o755)
        (build / "configs/session").mkdir(parents=True)
        (build / "configs/session/paths").write_text("prefix=/opt\ndatadir=/opt/data\n")
        packages = subprocess.run(["sh", "-c", f'eval "$(sed -n "/^packages=/,/\'$/p" \'{CHECKOUT}/dev\')"; '
                                   "printf '%s\\n' $packages | sort"], capture_output=True, text=True)
        (environment / "installed").write_text(packages.stdout)
        for name in ("terminal", "gl"):
            image = environment / f"machines/linux-{name}"
            image.mkdir(parents=True)
            (image / "stamp").write_text(
                subprocess.run(["cksum"], input="", capture_output=True, text=True).stdout)
        return environment, build

    def test_install_that_enters_the_root(self):
        """What is installed beside the root calls this checkout, whatever its name."""
        self.checkout = self.checkout.rename(self.dir / "a che'ckout")
        environment, build = self.prepare_install({
            **{f"opt/bin/{name}": "" for name in PROGRAMS},
            "opt/data/wayland-sessions/redecho.desktop": "entry", "opt/share/redecho/clock": ""})
        destination = self.dir / "destination"
        self.says("choose Red Echo where you log in", words=("install",), status=0,
                  REDECHO_ENV=str(environment), REDECHO_BUILD=str(build), DESTDIR=str(destination))
        files = sorted(str(path.relative_to(destination)) for path in destination.rglob("*") if path.is_file())
        self.assertEqual(files, ["opt/bin/redecho", "opt/bin/redecho-session", "opt/bin/redechoctl",
                                 "usr/share/wayland-sessions/redecho.desktop"])
        self.assertFalse((environment / "stage").exists())
        # The installed programs, called as the session calls them: in this checkout and environment.
        self.fake("unshare", 'while [ "$1" != _pivot ]; do shift; done; shift; exec "$@"')
        got = subprocess.run([destination / "opt/bin/redecho", "--session", "a b"], text=True, timeout=60,
                             capture_output=True, env=self.environment)
        self.assertEqual(got.returncode, 0, got.stderr)
        self.assertEqual(got.stdout.splitlines()[-2:], ["--session", "a b"])
        self.assertIn(f"{self.checkout}/configs/programs", got.stdout.splitlines())
        self.assertIn(f"{environment}/machines", got.stdout.splitlines())
        self.assertIn(f"{build}/vm-bridge/manager/redecho-vmd", got.stdout.splitlines())
        got = subprocess.run([destination / "opt/bin/redechoctl", "windows"], text=True, timeout=60,
                             capture_output=True, env=self.environment)
        self.assertEqual(got.stdout, "windows\n")

    def test_install_for_one_user(self):
        """In ~/.local: the same, without what only the system reads, and with paths of its own."""
        environment, build = self.prepare_install({
            **{f"opt/bin/{name}": "redecho=/opt/bin/redecho" for name in PROGRAMS},
            "opt/lib/systemd/user/redecho.service": "ExecStart=/opt/bin/redecho --session",
            "opt/lib/udev/rules.d/70-redecho.rules": "", "opt/share/man/man1/redecho.1": "page",
            "opt/share/redecho/clock": "", "opt/share/wayland-sessions/redecho.desktop": "entry"})
        home, where = self.dir / "home", dict(REDECHO_ENV=str(environment), REDECHO_BUILD=str(build))
        self.says(f"{home}/.local/bin/redecho-session", words=("install", "--user"), status=0, HOME=str(home), **where)
        local = home / ".local"
        self.assertEqual(sorted(str(path.relative_to(local)) for path in local.rglob("*") if path.is_file()), [
            "bin/redecho", "bin/redecho-session", "bin/redechoctl", "share/man/man1/redecho.1",
            "share/systemd/user/redecho.service"])
        self.assertEqual((local / "bin/redecho-session").read_text(), f"redecho={local}/bin/redecho\n")
        self.assertEqual((local / "share/systemd/user/redecho.service").read_text(),
                         f"ExecStart={local}/bin/redecho --session\n")
        self.assertTrue(os.access(local / "bin/redecho", os.X_OK))
        self.says("that systemd's units cannot have", words=("install", "--user"), HOME=str(self.dir / "a home"), **where)
        self.says("install: unknown option --frob", words=("install", "--frob"), **where)

    # --- where the desk is seen -----------------------------------------------------------

    def backend(self, **environment):
        status, chosen, said = self.dev("_backend", **environment)
        self.assertEqual(status, 0, said)
        return chosen.strip(), said

    def test_without_display(self):
        self.assertEqual(self.backend(), ("headless", ""))

    def test_wayland(self):
        chosen, said = self.backend(WAYLAND_DISPLAY="wayland-7")
        self.assertEqual(chosen, "headless")
        self.assertIn("WAYLAND_DISPLAY=wayland-7 does not open: FileNotFoundError", said)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(self.runtime / "wayland-7"))
            server.listen()
            self.assertEqual(self.backend(WAYLAND_DISPLAY="wayland-7"), ("wayland", ""))
            self.assertEqual(self.backend(WAYLAND_DISPLAY=str(self.runtime / "wayland-7"),
                                          XDG_RUNTIME_DIR="/nonexistent")[0], "wayland")
        # left by a compositor that has died
        chosen, said = self.backend(WAYLAND_DISPLAY="wayland-7")
        self.assertEqual(chosen, "headless")
        self.assertIn("ConnectionRefusedError", said)

    def test_x11(self):
        chosen, said = self.backend(DISPLAY="localhost:77")
        self.assertEqual(chosen, "headless")
        self.assertIn("xdpyinfo is missing", said)
        self.fake("xdpyinfo", 'echo "unable to open display" >&2; exit 1')
        chosen, said = self.backend(DISPLAY="localhost:77")
        self.assertEqual(chosen, "headless")
        self.assertIn("DISPLAY=localhost:77 does not open: unable to open display", said)
        self.fake("xdpyinfo", "exit 0")
        self.assertEqual(self.backend(DISPLAY=":0"), ("x11", ""))

    def test_virtual_terminal(self):
        self.fake("ls", "exit 0")  # there is a card
        self.fake("tty", "echo /dev/tty2")
        self.assertEqual(self.backend(), ("drm", ""))
        self.fake("tty", "echo /dev/pts/2")
        self.assertEqual(self.backend(), ("headless", ""))
        self.assertEqual(self.backend(XDG_VTNR="3"), ("drm", ""))
        self.fake("ls", "exit 1")
        chosen, said = self.backend(XDG_VTNR="3")
        self.assertEqual(chosen, "headless")
        self.assertIn("no /dev/dri/card*", said)


class Choose(unittest.TestCase):
    """Which tests ./dev test runs."""

    def setUp(self):
        self.build = pathlib.Path(tempfile.mkdtemp(prefix="re-dev-", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.build)
        (self.build / "meson-info").mkdir()
        tests = [{"name": name, "suite": [f"redecho:{suite}"]} for name, suite in
                 (("layout", "unit"), ("layout_random", "unit"), ("kit-desk", "machine"), ("fuzz", "slow"))]
        (self.build / "meson-info/intro-tests.json").write_text(json.dumps(tests))

    def choose(self, *words):
        result = subprocess.run([sys.executable, CHECKOUT / "tests/choose.py", self.build, *words],
                                text=True, capture_output=True, timeout=60)
        return result.stdout.split() if result.returncode == 0 else result.stderr

    def test_choices(self):
        self.assertEqual(self.choose(), ["layout", "layout_random", "kit-desk"])
        self.assertEqual(self.choose("--slow"), ["layout", "layout_random", "kit-desk", "fuzz"])
        self.assertEqual(self.choose("--quick"), ["layout", "layout_random"])
        self.assertEqual(self.choose("random"), ["layout_random"])
        self.assertEqual(self.choose("*lay*"), ["layout", "layout_random"])
        self.assertEqual(self.choose("--slow", "uz"), ["fuzz"])
        self.assertIn("add --slow", self.choose("fuzz"))
        self.assertIn("no test is called like 'frob'", self.choose("frob"))

    def test_summary(self):
        log = self.build / "testlog.json"

        def summary(*results):
            log.write_text("".join(json.dumps(result) + "\n" for result in results))
            run = subprocess.run([sys.executable, CHECKOUT / "tests/summary.py", log], text=True,
                                 capture_output=True, timeout=60)
            return run.returncode, run.stdout

        good = {"name": "a", "result": "OK"}
        skipped = {"name": "b", "result": "SKIP", "stdout": "no card\n"}
        self.assertEqual(summary(good, skipped),
                         (0, "skipped b: no card\n1 passed, 0 failed, 1 skipped\n"))
        self.assertEqual(summary(good, {"name": "c", "result": "TIMEOUT"}),
                         (1, "failed c: TIMEOUT\n1 passed, 1 failed, 0 skipped\n"))
        self.assertEqual(summary(skipped)[0], 0)
        self.assertEqual(summary()[0], 1)


if __name__ == "__main__":
    os.umask(0o022)
    unittest.main()
