#!/usr/bin/env python3
"""redecho-vmd's machines in scopes of a systemd that is faked on a bus of its own.

Usage: scope_test.py --systemd FILE and the options of machine_test.py, NAME
"""

import contextlib
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

from vmd_desk import HERE, PATIENCE_S, SKIP, Desk, fail, run_test, wait_until

SYSTEMD = None
# It goes when it is empty, and at the system's end after the desk.
AS_ALL = "CollectMode=inactive-or-failed Before=redecho\\.service"


class Bus:
    """A D-Bus, with the fake systemd on it unless mode is None."""

    def __init__(self, mode):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="re-bus.", dir="/tmp"))
        self.environment = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder}/bus"}
        self.mode, self.processes, self.lines = mode, [], queue.Queue()

    def __enter__(self):
        daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address",
             f"--address={self.environment['DBUS_SESSION_BUS_ADDRESS']}"],
            stdout=subprocess.PIPE, text=True)
        self.processes.append(daemon)
        if not daemon.stdout.readline():
            fail("dbus-daemon did not start")
        if self.mode:
            systemd = subprocess.Popen([SYSTEMD, self.mode], stdout=subprocess.PIPE, text=True,
                                       env=os.environ | self.environment)
            self.processes.append(systemd)
            if systemd.stdout.readline() != "ready\n":
                fail("fake_systemd did not start")
            threading.Thread(target=self.read, args=(systemd.stdout,), daemon=True).start()
        return self

    def read(self, stream):
        for line in stream:
            self.lines.put(line.rstrip("\n"))

    def expect(self, pattern):
        line = self.lines.get(timeout=PATIENCE_S)
        return re.fullmatch(pattern, line) or fail(line, "is not", pattern)

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.kill()
            process.wait(PATIENCE_S)
            process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def desk_on(mode, options):
    if not shutil.which("dbus-daemon"):
        print("skipped: there is no dbus-daemon")
        sys.exit(SKIP)
    with Bus(mode) as bus, Desk(options, environment=bus.environment) as desk:
        desk.bus = bus
        desk.start("--renderer", HERE / "fake_render.py")
        desk.write_program("bound", "cmdline h", "memory-max 192M", "title \"Bound\"")
        yield desk


def test_done(options):
    """Each machine's processes, and redecho-vmd, are moved; the limit is the program's."""
    with desk_on("done", options) as desk:
        desk.bus.expect(rf"start redecho-0-vmd-{desk.vmd.pid}\.scope fail Description=.* "
                        rf"{AS_ALL} PIDs={desk.vmd.pid}")
        client = desk.client()
        number, bridge, qemu = client.run("bound")
        client.expect_known(rf"detail {number} memory-max-bytes {192 << 20}")
        first = desk.bus.expect(
            r"start redecho-0-bound-([0-9a-f]{8})\.scope fail Description=Red Echo machine bound "
            rf"{AS_ALL} MemoryMax={192 << 20} PIDs={qemu},{bridge}")
        _, bridge, qemu = client.run("halt")
        desk.bus.expect(r"start redecho-0-halt-[0-9a-f]{8}\.scope fail .*"
                        rf"{AS_ALL} PIDs={qemu},{bridge}")
        # Started again it is in another scope, for the former may be there still.
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed .*")
        client.say("restart", number)
        client.expect(rf"state {number} running")
        again = desk.bus.expect(r"start redecho-0-bound-([0-9a-f]{8})\.scope .*")
        if first[1] == again[1]:
            fail("one scope for two lives:", first[0])
        if [line for line in client.seen if line.startswith("notice") and "bound" in line]:
            fail("a notice of what went well")
        desk.shutdown()


def test_renderer(options):
    """A renderer is in its machine's scope: the first, and one that comes later."""
    with desk_on("done", options) as desk:
        desk.bus.expect(r"start redecho-0-vmd-.*")
        desk.write_program("virgl", "cmdline h", "graphics virgl", "memory-max 192M")
        client = desk.client()
        number = client.spawn("virgl")
        renderer = int(client.expect(rf"detail {number} renderer-pid (\d+)")[1])
        bridge = int(client.expect(rf"detail {number} bridge-pid (\d+)")[1])
        qemu = int(client.expect(rf"detail {number} qemu-pid (\d+)")[1])
        unit = desk.bus.expect(
            r"start (redecho-0-virgl-[0-9a-f]{8}\.scope) fail Description=Red Echo machine virgl "
            rf"{AS_ALL} MemoryMax={192 << 20} Delegate=1 PIDs={qemu},{bridge},{renderer}")
        client.expect(rf"state {number} running")
        os.kill(bridge, signal.SIGUSR1)
        later = int(client.expect(rf"detail {number} renderer-pid (\d+)")[1])
        desk.bus.expect(rf"attach {re.escape(unit[1])} \[\] {later}")
        desk.shutdown()


def test_refused(options):
    """A failure is a notice, with the reason's first line, and the machine runs."""
    with desk_on("refused", options) as desk:
        client = desk.client()
        client.expect_known(
            "notice 1 redecho-vmd runs without a scope of its own: No delegation")
        client.run("halt")
        client.expect("notice 1 halt runs without a scope of its own: No delegation")
        client.run("bound")
        client.expect("notice 1 bound runs without its memory-max: No delegation")
        desk.shutdown()


def test_failed(options):
    """So is a job that fails after it was taken."""
    with desk_on("failed", options) as desk:
        client = desk.client()
        client.run("bound")
        client.expect('notice 1 bound runs without its memory-max: systemd says "failed"')
        desk.shutdown()


def test_exists(options):
    """The scope of a machine that is adopted is there."""
    with desk_on("exists", options) as desk:
        client = desk.client()
        client.run("bound")
        desk.kill_vmd()
        desk.start()
        client = desk.client()
        client.expect_known(r"state \d+ running")
        client.say("reload")
        client.expect("done")
        for line in client.seen:
            if line.startswith("notice") and "runs without" in line:
                fail(line)
        names = [desk.bus.lines.get(timeout=PATIENCE_S).split()[1] for _ in range(4)]
        if names[1].startswith("redecho-0-vmd") or names[1] not in names[2:]:
            fail("the machine's scope has another name for the next redecho-vmd:", *names)
        desk.shutdown()


def test_silent(options):
    """A systemd that never answers holds up nothing, nor one that dies."""
    with desk_on("silent", options) as desk:
        client = desk.client()
        client.run("bound")
        client.run("halt")
        desk.bus.processes[0].kill()  # the bus itself
        client.expect("notice 1 .* runs without .*")
        client.say("kill 0")
        client.expect("ended 0 destroyed .*")
        client.say("restart 0")
        client.expect("state 0 running")
        desk.shutdown()


def test_absent(options):
    """Without systemd there are no scopes, and a limit that is not kept is said."""
    with desk_on(None, options) as desk:
        client = desk.client()
        client.run("halt")
        client.run("bound")
        client.expect("notice 1 bound runs without its memory-max: there is no systemd .*")
        if [line for line in client.seen if "scope" in line]:
            fail("a notice for nothing")
        desk.shutdown()
    with Desk(options, environment={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}) as desk:
        desk.write_program("bound", "cmdline h", "memory-max 192M")
        desk.start()
        client = desk.client()
        client.run("bound")
        wait_until("a notice", lambda: client.expect(
            "notice 1 bound runs without its memory-max: there is no systemd .*"))
        desk.shutdown()


SYSTEMD = sys.argv.pop(1)
run_test(globals())
