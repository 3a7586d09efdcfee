#!/usr/bin/env python3
"""redecho-vmd and what goes wrong around it: leaks, names, folders, calls that never return.

Usage: hostile_test.py --vmd FILE --client FILE --guest FILE --cache FOLDER NAME
NAME is one of the functions test_NAME below.
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from vmd_desk import PATIENCE_S, SKIP, Desk, alive, fail, run_test, wait_until


def open_files(pid):
    """What a process has open, by what it is."""
    names = []
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            names.append(os.readlink(entry))
        except OSError:
            pass
    return names


def children(pid):
    """(pid, state, name) of a process's children; those that ended and were not waited for too."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (entry / "stat").read_text(errors="replace").rpartition(")")
        except OSError:
            continue
        state, parent = rest.split()[:2]
        if int(parent) == pid:
            found.append((int(entry.name), state, name.partition("(")[2]))
    return found


def test_leaks(options):
    """Thirty machines later redecho-vmd has no more open, and no more children, than before."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, _, _ = client.run("halt")

        def end(cause):
            client.say("kill", number)
            client.expect(rf"ended {number} {cause} .*")
        end("destroyed")
        wait_until("no child is left", lambda: not children(desk.vmd.pid), 10)
        before = len(open_files(desk.vmd.pid))
        for _ in range(30):
            client.say("restart", number)
            client.expect(rf"state {number} running")
            end("destroyed")
        for _ in range(3):  # a restart of what runs
            client.say("restart", number)
            client.say("restart", number)  # at once: it ignores the button
            client.expect(rf"state {number} running")
        end("destroyed")
        wait_until(f"no child is left: {children(desk.vmd.pid)}",
                   lambda: not children(desk.vmd.pid), 10)
        wait_until(f"{before} files are open: {sorted(open_files(desk.vmd.pid))}",
                   lambda: len(open_files(desk.vmd.pid)) <= before, 10)
        desk.shutdown()


def test_odd_folder(options):
    """Folders whose names have a meaning in XML, in a URI or in QEMU's options."""
    with Desk(options, folder=" a,b'c&d%41=x;").start() as desk:
        client = desk.client()
        client.run("halt")
        desk.wait_up("halt")
        desk.shutdown()


def test_long_folder(options):
    """Folders too long for a socket: a machine starts or says why, at whatever length."""
    starts, says = 0, 0
    for length in range(30, 96, 8):
        with Desk(options, folder="x" * (length - 20)) as desk:
            try:
                desk.start()
            except (AssertionError, OSError):  # no socket has a name so long
                continue
            client = desk.client()
            number = client.spawn("halt")
            match = client.expect(rf"(state {number} running|ended {number} .*)")
            print(length, match[0])
            starts += "running" in match[0]
            says += "too long" in match[0]
            if "running" not in match[0] and "too long" not in match[0]:
                fail(length, match[0])
            desk.shutdown()
    if starts < 2 or says < 1:
        fail(starts, "started,", says, "said why not")


def test_shutdown_while_restarting(options):
    """A restart that is under way does not outlive the desk's exit."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, _, _ = client.run("halt")
        client.say("restart", number)
        client.say("shutdown 0")
        client.expect("closed", 10)
        if desk.vmd.wait(PATIENCE_S) != 0:
            fail("redecho-vmd's exit status is", desk.vmd.returncode)


def test_emulator_hangs(options):
    """A QEMU that never answers libvirt: machines can be killed, and the desk can end."""
    with tempfile.TemporaryDirectory(prefix="re-path.", dir="/tmp") as folder:
        emulator = pathlib.Path(folder, "qemu-system-x86_64")
        emulator.write_text("#!/bin/sh\nexec sleep 60\n")
        emulator.chmod(0o755)
        environment = {"PATH": f"{folder}:{os.environ['PATH']}"}
        with Desk(options, pathlib.Path(folder), environment=environment).start() as desk:
            client = desk.client()
            number = client.spawn("halt")
            client.expect(rf"state {number} starting")
            client.say("kill", number)
            client.expect(rf"ended {number} destroyed .*", 10)
            client.say("spawn halt")
            client.expect(r"state 1 starting")
            start = time.monotonic()
            client.say("shutdown 0")
            client.expect("closed", 30)
            desk.vmd.wait(PATIENCE_S)
            if time.monotonic() - start > 25:
                fail("the exit took", time.monotonic() - start, "s")


def test_bad_state(options):
    """A state file that is cut off: the machine that nobody knows any more is not left running."""
    with Desk(options).start() as desk:
        client = desk.client()
        _, bridge, qemu = client.run("halt")
        desk.kill_vmd()
        state = desk.path / "v/m/halt/state"
        state.write_bytes(state.read_bytes()[:30])
        desk.start()
        wait_until("QEMU is gone", lambda: not alive(qemu), 10)
        os.kill(bridge, signal.SIGKILL)  # nothing tells any more which process it is
        client = desk.client()
        client.run("halt")
        desk.shutdown()


def test_inherited_files(options):
    """Bridge and QEMU get the files that they need, and nothing of redecho-vmd's."""
    with Desk(options).start() as desk:
        client = desk.client()
        client.run("button")
        _, bridge, qemu = client.run("halt")
        foreign = ("manager.lock", "/v/run/", "libvirt", "/button/")
        for name, pid in ("bridge", bridge), ("QEMU", qemu):
            for path in open_files(pid):
                if any(part in path for part in foreign) and "/halt." not in path:
                    fail(name, "has", path)
        variables = {word.partition(b"=")[0].decode() for word in
                     pathlib.Path(f"/proc/{qemu}/environ").read_bytes().split(b"\0")}
        if more := variables & {"WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "FAKE_BRIDGE_LOG"}:
            fail("QEMU's environment has", *more)
        desk.shutdown()


def test_two_clients(options):
    """Two compositors at once, one of which vanishes in the middle of a spawn."""
    with Desk(options).start() as desk:
        one, two = desk.client(), desk.client()
        number = one.spawn("halt")
        two.expect(r"identity \d+ halt halt .*")
        one.process.kill()
        theirs = int(two.expect_known(r"identity (\d+) halt halt .*")[1])
        two.say("display", theirs)
        two.expect(rf"state {theirs} running")
        desk.clients.remove(one)
        desk.shutdown()


def test_stopped_while_starting(options):
    """QEMU stops answering before libvirt has finished its start: it can be killed."""
    with Desk(options).start() as desk:
        client = desk.client()
        client.run("button")
        number = client.spawn("halt")

        def qemu():
            found = [pid for pid, state, name in children(desk.vmd.pid)
                     if name.startswith("qemu-system") and b"\0halt" in
                     pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"guest=halt", b"\0halt")]
            return found[0] if found else None
        pid = wait_until("QEMU is there", qemu)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.3)
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed .*", 10)
        if alive(pid):
            fail("QEMU lives")
        desk.shutdown()


def test_shared_folder(options):
    """A desk's folder that others can reach is refused."""
    with Desk(options) as desk:
        for mode in (0o777, 0o755, 0o770):
            desk.path.chmod(mode)
            result = subprocess.run([options.vmd, "--desk-dir", desk.path], text=True, check=False,
                                    stderr=subprocess.PIPE, timeout=PATIENCE_S)
            if result.returncode == 0 or "others" not in result.stderr:
                fail(oct(mode), result.returncode, result.stderr)


def test_hostile_programs(options):
    """Names and contents of program files that nobody would write."""
    with Desk(options).start() as desk:
        client = desk.client()
        secret = desk.base / "secret.scfg"
        secret.write_text("program secret {\n\tkernel /etc/passwd\n}\n")
        for name in ("../secret", "../../x", "/etc/passwd", ".", "..", "-x", "x" * 41):
            number = client.spawn(name)
            client.expect(rf"ended {number} start_failed that is not a program's name")
        lines = ("memory -1M", "memory 99999999999999999999G", "memory 1", "memory 7M", "cpus 0",
                 "cpus 1000000000", "cpus -1", "cpus 1e9", "grace -1s", "kernel ../../../../etc",
                 "title \"a\tb\"", "linux ../x", "label \"" + "x" * 2000 + "\"")
        for index, line in enumerate(lines):
            (desk.programs / f"bad{index}.scfg").write_text(
                f"program bad{index} {{\n\t{line}\n}}\n")
            number = client.spawn(f"bad{index}")
            client.expect(rf"ended {number} start_failed .*bad{index}.scfg:2:\d+: .*")
        for name, text in (("deep", "a {\n" * 16000), ("nul", "program nul {\0}"),
                           ("big", "#" * 70000), ("flat", "{" * 60000),
                           ("folder", "program folder {\n\tkernel /etc\n}\n")):
            (desk.programs / f"{name}.scfg").write_text(text)
            number = client.spawn(name)
            client.expect(rf"ended {number} start_failed .*{name}.scfg.*")
        os.mkfifo(desk.programs / "fifo.scfg")
        number = client.spawn("fifo")
        client.expect(rf"ended {number} start_failed .*")
        title = "a&b<c>'d\\\"{},%s ü"
        desk.write_program("odd", "cmdline h", f'title "{title}"')
        client.run("odd")
        desk.shutdown()


def test_disk_full(options):
    """No room for a desk's files: the reason is told, and what runs goes on."""
    if os.environ.get("DISK_FULL_MOUNTED") is None:
        # A small file system, in a mount namespace of its own.
        again = ["unshare", "--mount", sys.executable, "-B", *sys.argv]
        if os.geteuid() != 0:
            again[1:1] = ["--map-root-user"]
        if subprocess.run([*again[:-len(sys.argv) - 2], "true"], check=False,
                          stderr=subprocess.DEVNULL).returncode != 0:
            print("skipped: no mount namespace can be made")
            sys.exit(SKIP)
        sys.exit(subprocess.run(again, check=False, env=os.environ | {
            "DISK_FULL_MOUNTED": "1"}).returncode)
    with Desk(options) as desk:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "none",
                                  desk.path], check=False)
        if mounted.returncode != 0:
            print("skipped: no file system can be mounted")
            sys.exit(SKIP)
        desk.start()
        client = desk.client()
        running, _, _ = client.run("button")
        desk.wait_up("button")
        with contextlib.suppress(OSError), open(desk.path / "filler", "wb", buffering=0) as filler:
            while filler.write(bytes(4096)):
                pass
        number = client.spawn("halt")
        client.expect(rf"ended {number} start_failed .*No space left on device.*")
        client.say("power_off", running)
        client.expect(rf"ended {running} shutdown .*")
        (desk.path / "filler").unlink()
        client.say("restart", number)
        client.expect(rf"state {number} running")
        client.say("shutdown 0")
        client.expect("closed")
        desk.vmd.wait(PATIENCE_S)
        subprocess.run(["umount", "--lazy", desk.path], check=True)


run_test(globals())
