#!/usr/bin/env python3
"""redecho-vmd with real QEMU machines through libvirt, and a bridge that shows nothing.

Usage: machine_test.py --vmd FILE --client FILE --guest FILE --cache FOLDER NAME
NAME is one of the functions test_NAME below.
"""

import fcntl
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from vmd_desk import HERE, PATIENCE_S, SKIP, Client, Desk, alive, fail, run_test, wait_until


def test_life(options):
    """Spawn, what the client is told, and an orderly exit with a machine running."""
    with Desk(options).start() as desk:
        client = desk.client()
        number = client.spawn("halt")
        client.expect(rf"identity {number} halt halt \[\] \[halt\]")
        client.expect(rf"state {number} starting")
        client.expect(rf"need_display {number}")
        client.say("display", number)
        client.expect(rf"detail {number} qemu-pid \d+")
        client.expect(rf"detail {number} accel tcg")
        client.expect(rf"state {number} running")
        desk.wait_up("halt")
        wait_until("the bridge was told of both connections", lambda: {
            "set_wayland", "set_display_bus"} <= set(desk.bridge_log.read_text().split()))
        desk.shutdown()


def test_power_off(options):
    """The power button; a guest that ignores it is killed; a second press kills at once."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, bridge, qemu = client.run("button")
        desk.wait_up("button")
        client.say("power_off", number)
        client.expect(rf"state {number} stopping")
        client.expect(rf"ended {number} shutdown .*")
        wait_until("bridge and QEMU are gone", lambda: not alive(bridge) and not alive(qemu))

        number, _, _ = client.run("off")
        client.expect(rf"ended {number} shutdown .*")

        number, _, _ = client.run("halt")
        desk.wait_up("halt")
        client.say("power_off", number)
        client.expect(rf"state {number} stopping")
        start = time.monotonic()
        client.say("power_off", number)
        client.expect(rf"ended {number} destroyed .*")
        if client.when - start > 5:
            fail("a second press took", client.when - start, "s")
        desk.shutdown()


def test_grace(options):
    """A guest that ignores the button is killed when the grace period is over."""
    with Desk(options).start() as desk:
        path = desk.programs / "halt.scfg"
        path.write_text(path.read_text().replace("grace 20s", "grace 700ms"))
        client = desk.client()
        number, _, _ = client.run("halt")
        desk.wait_up("halt")
        start = time.monotonic()
        client.say("power_off", number)
        client.expect(rf"ended {number} destroyed killed: it had not powered off in time")
        if not 0.6 < client.when - start < 10:
            fail("the grace period was", client.when - start, "s")
        desk.shutdown()


def test_qemu_killed(options):
    """A machine killed from outside: said within a second, and the others go on."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, bridge, qemu = client.run("halt")
        desk.write_program("other", "cmdline b")
        other, _, _ = client.run("other")
        desk.wait_up("other")
        start = time.monotonic()
        os.kill(qemu, signal.SIGKILL)
        client.expect(rf"ended {number} crashed .*")
        if client.when - start > 1:
            fail("it took", client.when - start, "s")
        wait_until("its bridge is gone", lambda: not alive(bridge))
        client.say("restart", number)
        client.expect(rf"state {number} running")
        client.say("power_off", other)
        client.expect(rf"ended {other} shutdown .*")
        desk.shutdown()


def test_bridge_killed(options):
    """A dead bridge ends its QEMU, which neither spins nor stays."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, bridge, qemu = client.run("halt")
        desk.wait_up("halt")
        start = time.monotonic()
        os.kill(bridge, signal.SIGKILL)
        wait_until("QEMU is gone", lambda: not alive(qemu), 2)
        took = time.monotonic() - start
        client.expect(rf"ended {number} bridge_died .*")
        if took > 0.5 or client.when - start > 1:
            fail("QEMU lived for", took, "s, the client heard after", client.when - start)
        print(f"QEMU was gone {took * 1000:.0f} ms after its bridge")
        # A bridge that hangs is no reason for the machine not to be killed.
        number, bridge, qemu = client.run("halt")
        os.kill(bridge, signal.SIGSTOP)
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed .*", 5)
        wait_until("bridge and QEMU are gone", lambda: not alive(bridge) and not alive(qemu), 5)
        desk.shutdown()


def test_qemu_hangs(options):
    """A QEMU that answers nothing holds up its own machine alone, and can be killed."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, _, qemu = client.run("halt")
        os.kill(qemu, signal.SIGSTOP)
        client.say("pause", number)  # libvirt waits for an answer
        other, _, _ = client.run("button")
        desk.wait_up("button")
        client.say("power_off", other)
        client.expect(rf"ended {other} shutdown .*", 10)
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed killed", 5)
        wait_until("QEMU is gone", lambda: not alive(qemu), 5)
        desk.shutdown()


def test_panic(options):
    """A guest's panic is a cause of its own."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, _, _ = client.run("panic")
        client.expect(rf"ended {number} panicked .*")
        desk.shutdown()


def test_reset(options):
    """A guest that resets itself keeps QEMU and bridge."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, bridge, qemu = client.run("reset")
        wait_until("it came up three times", lambda: desk.serial("reset").count("up") >= 3)
        if not alive(bridge) or not alive(qemu):
            fail("bridge or QEMU ended")
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed .*")
        desk.shutdown()


def test_adopt(options):
    """redecho-vmd is killed: machines stay, and the next one knows them."""
    with Desk(options).start() as desk:
        client = desk.client()
        _, bridge, qemu = client.run("button")
        _, lost_bridge, lost_qemu = client.run("halt")
        desk.wait_up("button")
        desk.kill_vmd()
        if not alive(bridge) or not alive(qemu):
            fail("bridge or QEMU did not outlive redecho-vmd")
        # One machine loses its bridge while nobody looks.
        os.kill(lost_bridge, signal.SIGKILL)
        desk.start()
        client = desk.client()
        seen = "\n".join(client.seen)
        number = int(re.search(r"identity (\d+) button", seen)[1])
        client.expect_known(rf"detail {number} qemu-pid {qemu}")
        client.expect_known(rf"state {number} running")
        wait_until("the machine without a bridge is gone", lambda: not alive(lost_qemu))
        client.say("power_off", number)
        client.expect(rf"ended {number} shutdown .*")
        wait_until("bridge and QEMU are gone", lambda: not alive(bridge) and not alive(qemu))
        desk.shutdown()


def test_adopt_and_kill(options):
    """A machine that is killed while it is adopted, at whatever point of that, is gone."""
    with Desk(options).start() as desk:
        for delay_ms in (0, 2, 5, 10, 30):
            desk.client().run("halt")
            desk.kill_vmd()
            desk.start()
            client = desk.client()
            number = int(client.expect_known(r"identity (\d+) \S+ halt .*")[1])
            time.sleep(delay_ms / 1000)
            client.say("kill", number)
            client.expect(rf"ended {number} destroyed killed")
        desk.shutdown()


def test_reconnect(options):
    """A client that comes later is told of every machine, and of what it has to do."""
    with Desk(options).start() as desk:
        first = desk.client()
        first.spawn("halt")
        first.expect(r"state \d+ running")
        second = desk.client()
        seen = "\n".join(second.seen)
        for pattern in (r"new 0", r"identity 0 halt halt", r"state 0 running", r"need_display 0"):
            if not re.search(pattern, seen):
                fail(pattern, "is not in", seen)
        second.say("display 0")
        wait_until("the bridge was given it",
                   lambda: "set_wayland" in desk.bridge_log.read_text())
        first.spawn("button")
        second.expect(r"identity 1 button button .*")
        desk.shutdown()


def test_duplicate(options):
    """A program that is not ephemeral runs once; one that is, as often as asked for."""
    with Desk(options).start() as desk:
        client = desk.client()
        client.run("halt")
        client.spawn("halt")
        client.expect(r"duplicate 1 halt")
        desk.write_program("twice", "cmdline h", "ephemeral yes")
        client.spawn("twice")
        client.expect(r"identity 2 twice twice .*")
        client.expect(r"state 2 running")
        client.spawn("twice")
        client.expect(r"identity 3 twice-2 twice .*")
        client.expect(r"state 3 running")
        desk.shutdown()


def test_disks(options):
    """An ephemeral machine writes to an overlay; one disk is never given to two machines."""
    if not shutil.which("qemu-img"):
        print("skipped: there is no qemu-img")
        sys.exit(SKIP)
    with Desk(options).start() as desk:
        disk = desk.base / "disk.img"
        disk.write_bytes(bytes(1 << 20))
        for name, extra in (("first", ""), ("second", ""), ("third", "ephemeral yes"),
                            ("fourth", "ephemeral yes")):
            (desk.programs / f"{name}.scfg").write_text(
                f"program {name} {{\n\tdisk {disk}\n\tmemory 64M\n\t{extra}\n}}\n")
        client = desk.client()
        number, _, _ = client.run("first")
        client.spawn("second")
        client.expect(r"ended 1 start_failed its disk is in use by first")
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed .*")
        client.run("third")
        client.run("fourth")
        overlays = list((desk.cache / "redecho/overlays").iterdir())
        if len(overlays) != 2:
            fail("overlays:", *overlays)
        desk.shutdown()
        if list((desk.cache / "redecho/overlays").iterdir()):
            fail("an overlay is left behind")


def test_two_desks(options):
    """Two desks at once, with no capabilities cached: neither waits for the other, nor fails."""
    with tempfile.TemporaryDirectory(prefix="re-cache.", dir="/tmp") as folder:
        cache = pathlib.Path(folder)
        with Desk(options, cache).start() as one, Desk(options, cache).start() as two:
            clients = [one.client(), two.client()]
            for client in clients:
                client.spawn("halt")
            for client in clients:
                client.expect("state 0 running")
            refused = subprocess.run(
                [options.vmd, "--desk-dir", one.path], stderr=subprocess.PIPE, text=True,
                check=False, env=os.environ | {"XDG_CACHE_HOME": folder})
            if refused.returncode == 0 or "another redecho-vmd runs" not in refused.stderr:
                fail("a second redecho-vmd on a desk:", refused.stderr)
            one.shutdown()
            two.shutdown()
        kept = list(cache.glob("redecho/capabilities-*/*.xml"))
        if len(kept) != 1:
            fail("kept capabilities:", *kept)


def test_mistakes(options):
    """What cannot be started says why, with the place."""
    with Desk(options).start() as desk:
        client = desk.client()
        client.spawn("nothing")
        client.expect("ended 0 start_failed there is no program nothing")
        broken = desk.programs / "broken.scfg"
        broken.write_text("program broken {\n\tkernel nowhere.elf\n}\n")
        client.spawn("broken")
        client.expect(f"ended 1 start_failed {re.escape(str(broken))}:2:9: nowhere.elf .*")
        # A kernel that is none: QEMU says so, in one line.
        (desk.programs / "junk").write_text("junk")
        (desk.programs / "junk.scfg").write_text("program junk {\n\tkernel junk\n}\n")
        client.spawn("junk")
        client.expect("ended 2 start_failed .+")
        client.say("kill 0")
        client.say("power_off 2")
        client.say("destroy 2")
        # The same object can be started again, once its file is mended.
        broken.write_text((desk.programs / "halt.scfg").read_text().replace(
            "program halt", "program broken"))
        desk.shutdown()


def test_kvm(options):
    """What is written for KVM is taken by libvirt and QEMU, however slow this KVM is."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        print("skipped: /dev/kvm cannot be opened")
        sys.exit(SKIP)
    with Desk(options).start("--accel", "kvm") as desk:
        client = desk.client()
        number = client.spawn("halt")
        client.expect(rf"detail {number} accel kvm")
        client.expect(rf"state {number} running")
        desk.shutdown()


def test_network(options):
    """A machine with a network of its own starts, and so does one that UEFI boots."""
    with Desk(options).start() as desk:
        desk.write_program("online", "cmdline h", "network user", "pointer mouse", "cpus 2")
        (desk.programs / "application.scfg").write_text(
            f"program application {{\n\tuefi \"{options.guest}\"\n\tmemory 64M\n}}\n")
        client = desk.client()
        client.run("online")
        desk.wait_up("online")
        client.run("application")
        desk.shutdown()


def test_kill_while_starting(options):
    """Killed at whatever point of its start, a machine is gone."""
    with Desk(options).start() as desk:
        client = desk.client()
        for delay_ms in (0, 5, 20, 60, 120):
            number = client.spawn("halt")
            time.sleep(delay_ms / 1000)
            client.say("kill", number)
            client.expect(rf"ended {number} destroyed killed")
        wait_until("no process is left", lambda: not desk.processes(), 10)
        number, _, _ = client.run("halt")
        client.say("restart", number)
        client.expect(rf"state {number} stopping")
        client.say("restart", number)
        client.expect(rf"state {number} starting")
        client.expect(rf"state {number} running")
        desk.shutdown()


def test_pause(options):
    """Pausing stops the processors and nothing else."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, _, _ = client.run("halt")
        client.say("pause", number)
        client.expect(rf"state {number} paused")
        client.say("resume", number)
        client.expect(rf"state {number} running")
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed .*")

        # A paused machine costs no time, and outlives redecho-vmd as what it is.
        number, _, _ = client.run("busy")
        desk.wait_up("busy")
        client.say("pause", number)
        client.expect(rf"state {number} paused")
        before = usage_of(client, number)
        after = wait_until("its uptime goes on", lambda: (
            later := usage_of(client, number))[2] - before[2] > 300 and later)
        if after[0] - before[0] > (after[2] - before[2]) / 4:
            fail("paused, it used", before, after)
        desk.kill_vmd()
        desk.start()
        client = desk.client()
        number = int(client.expect_known(r"identity (\d+) busy .*")[1])
        client.expect_known(rf"state {number} paused")
        client.say("resume", number)
        client.expect(rf"state {number} running")

        # The power button works on a paused machine, too.
        other, _, _ = client.run("button")
        desk.wait_up("button")
        client.say("pause", other)
        client.expect(rf"state {other} paused")
        client.say("power_off", other)
        client.expect(rf"state {other} stopping")
        client.expect(rf"ended {other} shutdown .*")
        desk.shutdown()


def usage_of(client, number):
    """Processor time and uptime in ms, memory in bytes: (cpu, memory, uptime)."""
    client.say("usage", number)
    match = client.expect(rf"usage {number} (\d+) (\d+) (\d+)")
    return tuple(map(int, match.groups()))


def test_usage(options):
    """What machines use is told to who asks: the one that computes, not the one that halts."""
    with Desk(options).start() as desk:
        client = desk.client()
        busy, bridge, qemu = client.run("busy")
        still, _, _ = client.run("halt")
        desk.wait_up("busy")
        desk.wait_up("halt")
        client.expect_known(rf"detail {busy} devices gpu keyboard tablet mouse")
        first = {number: usage_of(client, number) for number in (busy, still)}

        def used(number):
            now = usage_of(client, number)
            return now[0] - first[number][0], now[2] - first[number][2]
        # Beside other tests it may get less than a whole processor.
        cpu, passed = wait_until("half a second of processor time", lambda: (
            now := used(busy))[0] > 500 and now)
        print("busy:", cpu, "ms of", passed, "ms, still:", used(still)[0], "ms")
        if cpu > passed * 2 or used(still)[0] > cpu / 2:
            fail("busy:", cpu, passed, "still:", used(still))
        _, memory, uptime = usage_of(client, busy)
        if not 8 << 20 < memory < 1 << 30:
            fail("memory:", memory)
        # The kernel's own word on what one of the two processes has in memory.
        pss = int(re.search(r"Pss: +(\d+)", pathlib.Path(
            f"/proc/{qemu}/smaps_rollup").read_text())[1]) * 1024
        if not pss * 0.8 < memory < pss + (200 << 20):
            fail("memory:", memory, "QEMU alone:", pss)

        # The next redecho-vmd tells the same, of a machine that is as old as it is.
        desk.kill_vmd()
        os.unlink(desk.programs / "busy.scfg")
        desk.start()
        client = desk.client()
        number = int(client.expect_known(r"identity (\d+) busy .*")[1])
        client.expect_known(rf"detail {number} memory-bytes {16 << 20}")
        client.expect_known(rf"detail {number} devices gpu keyboard tablet mouse")
        client.expect_known(rf"state {number} running")
        if usage_of(client, number)[2] < uptime:
            fail("uptime before", uptime, "and after", usage_of(client, number)[2])
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed .*")
        ended = len(client.seen)
        client.say("usage", number)  # of what has ended nothing is told
        client.say("reload")
        client.expect("done")
        if [line for line in client.seen[ended:] if line.startswith(f"usage {number}")]:
            fail("a machine that has ended uses something")
        desk.shutdown()


def test_restart(options):
    """A restart presses the power button first; asked for again, or too slow, it kills."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, _, qemu = client.run("button")
        desk.wait_up("button")
        client.say("restart", number)
        client.expect(rf"state {number} stopping")
        client.expect(rf"state {number} starting")
        again = int(client.expect(rf"detail {number} qemu-pid (\d+)")[1])
        client.expect(rf"state {number} running")
        if again == qemu or alive(qemu):
            fail("the former QEMU lives")
        # Taken back: the second power off ends it for good.
        client.say("restart", number)
        client.say("power_off", number)
        client.expect(rf"ended {number} \w+ .*")

        # Its program has changed by the time it is started again.
        number, _, _ = client.run("halt")
        desk.wait_up("halt")
        client.say("power_off", number)
        client.expect(rf"state {number} stopping")
        path = desk.programs / "halt.scfg"
        path.write_text(path.read_text().replace("memory 16M", "memory 24M\n\tlabel work"))
        client.say("restart", number)  # is added to the power off
        client.say("restart", number)  # and now at once
        client.expect(rf"identity {number} halt halt \[work\] .*")
        client.expect(rf"detail {number} memory-bytes {24 << 20}")
        client.expect(rf"state {number} running")
        desk.shutdown()


def test_signal(options):
    """SIGTERM is an orderly exit too."""
    with Desk(options).start() as desk:
        client = desk.client()
        number, _, _ = client.run("button")
        desk.wait_up("button")
        desk.vmd.terminate()
        client.expect(rf"ended {number} shutdown .*")
        client.expect("closed")
        if desk.vmd.wait(PATIENCE_S) != 0 or list(desk.path.iterdir()):
            fail("exit status", desk.vmd.returncode, "left", *desk.path.iterdir())


def test_inherited(options):
    """Socket and lock as inherited file descriptors, as redecho hands them over."""
    desk = Desk(options)
    with desk:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(desk.path / "manager.sock"))
        listener.listen()
        lock = os.open(desk.path / "manager.lock", os.O_CREAT | os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_EX)
        client = Client(desk)  # connects before redecho-vmd is there
        desk.clients.append(client)
        desk.vmd = subprocess.Popen(
            [options.vmd, "--desk-dir", desk.path, "--programs", desk.programs, "--bridge",
             HERE / "fake_bridge.py", "--accel", "tcg", "--listen-fd", str(listener.fileno()),
             "--lock-fd", str(lock)], pass_fds=(listener.fileno(), lock),
            env=os.environ | {"XDG_CACHE_HOME": str(options.cache),
                              "FAKE_BRIDGE_LOG": str(desk.bridge_log)})
        listener.close()
        os.close(lock)
        client.expect("done")
        client.run("halt")
        # A bridge or QEMU that held the lock would keep the next redecho-vmd away.
        desk.kill_vmd()
        probe = os.open(desk.path / "manager.lock", os.O_RDWR)
        fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(probe)
        desk.start()
        desk.client()
        desk.shutdown()


run_test(globals())
