"""A desk with redecho-vmd alone, and a bridge that shows nothing; its client."""

import argparse
import contextlib
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 30  # for what has to happen, on a busy machine
SKIP = 77

PROGRAMS = {"halt": "h", "off": "o", "button": "b", "panic": "p", "reset": "r", "chatter": "s", "busy": "c"}


def fail(*words):
    raise AssertionError(" ".join(str(word) for word in words))


def absolute(path):
    return pathlib.Path(path).resolve()


def wait_until(what, condition, seconds=PATIENCE_S):
    """Returns the condition's first true value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    return fail("not within", seconds, "s:", what)


def alive(pid):
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


class Client:
    """manager_client and what it said."""

    def __init__(self, desk):
        self.process = subprocess.Popen(
            [desk.options.client, desk.path / "manager.sock"], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines, self.seen = queue.Queue(), []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put((time.monotonic(), line.rstrip("\n")))

    def say(self, *words):
        print(*words, file=self.process.stdin, flush=True)

    def expect(self, pattern, seconds=PATIENCE_S):
        """Waits for a line, among those not yet passed over, and returns its match and time."""
        end = time.monotonic() + seconds
        while True:
            try:
                when, line = self.lines.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                fail("nothing matches", pattern, "in:\n", "\n".join(self.seen[-30:]))
            self.seen.append(line)
            match = re.fullmatch(pattern, line)
            if match:
                self.when = when
                return match

    def expect_known(self, pattern):
        """Like expect, but the line may have been passed over already."""
        for line in self.seen:
            if match := re.fullmatch(pattern, line):
                return match
        return self.expect(pattern)

    def spawn(self, program):
        self.say("spawn", program)
        number = int(self.expect(r"new (\d+)")[1])
        return number

    def run(self, program):
        """Spawns and waits until it runs: number, pid of the bridge, pid of QEMU."""
        number = self.spawn(program)
        bridge = int(self.expect(rf"detail {number} bridge-pid (\d+)")[1])
        self.expect(rf"need_display {number}")
        self.say("display", number)
        qemu = int(self.expect(rf"detail {number} qemu-pid (\d+)")[1])
        self.expect(rf"state {number} running")
        return number, bridge, qemu

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()


class Desk:
    """A desk's folder and its redecho-vmd."""

    def __init__(self, options, cache=None, folder="", environment=None):
        """folder: what to append to the runtime directory's name."""
        self.options = options
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="re-vmd.", suffix=folder, dir="/tmp"))
        self.environment = environment or {}
        self.path = self.base / "redecho-0"
        self.path.mkdir(mode=0o700)
        self.programs = self.base / "p"
        self.programs.mkdir()
        self.cache = cache or options.cache
        self.bridge_log = self.base / "bridge.log"
        self.vmd, self.clients, self.pids = None, [], set()
        for name, letter in PROGRAMS.items():
            self.write_program(name, f"cmdline {letter}")

    def write_program(self, name, *lines):
        text = "\n\t".join((f"program {name} {{", f"kernel \"{self.options.guest}\"", "memory 16M",
                            "grace 20s", *lines)) + "\n}\n"
        (self.programs / f"{name}.scfg").write_text(text)

    def start(self, *arguments):
        environment = os.environ | {
            "XDG_RUNTIME_DIR": str(self.base), "XDG_CACHE_HOME": str(self.cache),
            "FAKE_BRIDGE_LOG": str(self.bridge_log)} | self.environment
        self.vmd = subprocess.Popen(
            [self.options.vmd, "--desk-dir", self.path, "--programs", self.programs,
             "--bridge", HERE / "fake_bridge.py", "--accel", "tcg", *arguments],
            env=environment)
        wait_until("manager.sock", self.listens)
        return self

    def listens(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.path / "manager.sock")) == 0

    def client(self):
        client = Client(self)
        self.clients.append(client)
        client.expect("done")
        return client

    def kill_vmd(self):
        self.vmd.kill()
        self.vmd.wait(PATIENCE_S)

    def processes(self):
        """Processes that have this desk's folder in their command line, but for redecho-vmd."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (folder / "cmdline").read_bytes()
                environment = (folder / "environ").read_bytes()
                ours = bytes(self.path) in line or (
                    b"fake_" in line and bytes(self.bridge_log) in environment)
                if ours and b"redecho-vmd" not in line and b"manager_client" not in line:
                    found.append(int(folder.name))
        return found

    def serial(self, name):
        path = self.path / "v/m" / name / "serial.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_up(self, name):
        wait_until(f"{name} is up", lambda: "up" in self.serial(name))

    def shutdown(self, grace_ms=0):
        """An orderly exit, after which nothing may be left."""
        client = self.client()
        client.say("shutdown", grace_ms)
        client.expect("closed")
        if self.vmd.wait(PATIENCE_S) != 0:
            fail("redecho-vmd's exit status is", self.vmd.returncode)
        if left := list(self.path.iterdir()):
            fail("left behind:", *sorted(self.path.rglob("*")))
        wait_until("no process of the desk is left", lambda: not self.processes(), 5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.vmd and self.vmd.poll() is None:
            self.kill_vmd()
        for client in self.clients:
            client.close()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.base, ignore_errors=True)


def run_test(tests):
    """Runs the function test_NAME that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--vmd", required=True, type=absolute)
    parser.add_argument("--client", required=True, type=absolute)
    parser.add_argument("--guest", required=True, type=absolute)
    parser.add_argument("--cache", required=True, type=absolute)
    parser.add_argument("name")
    options = parser.parse_args()
    if not shutil.which("qemu-system-x86_64"):
        print("skipped: there is no qemu-system-x86_64")
        sys.exit(SKIP)
    tests[f"test_{options.name}"](options)
