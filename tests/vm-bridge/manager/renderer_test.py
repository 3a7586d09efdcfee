#!/usr/bin/env python3
"""Machines with `graphics virgl`: their renderers, with QEMU, and a bridge and a renderer that
show nothing.

Usage: renderer_test.py and the options of machine_test.py, NAME
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import tempfile

from vmd_desk import HERE, Desk, alive, fail, run_test, wait_until

SOFTWARE = "virgl in software: the desk has no render node"


@contextlib.contextmanager
def desk_of(options, *arguments, **environment):
    """A desk whose renderers are fake ones; `virgl` is a program with a guest that only waits."""
    with Desk(options, environment=environment) as desk:
        desk.write_program("virgl", "cmdline h", "graphics virgl")
        desk.arguments = ("--renderer", HERE / "fake_render.py", *arguments)
        desk.start(*desk.arguments)
        yield desk


def notes(desk, word):
    """What the bridges noted that begins with a word."""
    lines = desk.bridge_log.read_text().splitlines() if desk.bridge_log.exists() else []
    return [line for line in lines if line.split()[0] == word]


def given(desk, count):
    """What the renderers said that bridges were given, when there are so many."""
    lines = wait_until(f"{count} renderers", lambda: (
        lines := notes(desk, "set_renderer")) and len(lines) >= count and lines)
    if [line for line in lines if "node" not in line]:
        fail("a renderer said nothing:", lines)
    return lines


def start(client, program="virgl"):
    """Starts a machine with a renderer: number, pids of bridge, QEMU, renderer."""
    number = client.spawn(program)
    renderer = int(client.expect(rf"detail {number} renderer-pid (\d+)")[1])
    bridge = int(client.expect(rf"detail {number} bridge-pid (\d+)")[1])
    client.expect(rf"need_display {number}")
    client.say("display", number)
    qemu = int(client.expect(rf"detail {number} qemu-pid (\d+)")[1])
    client.expect(rf"state {number} running")
    return number, bridge, qemu, renderer


def command_line(pid):
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def test_life(options):
    """It is there before the guest, is replaced when it is wanted again, and ends with the machine."""
    with desk_of(options) as desk:
        client = desk.client()
        number, bridge, qemu, renderer = start(client)
        client.expect_known(rf"detail {number} graphics {SOFTWARE}")
        if notes(desk, "graphics") != ["graphics virgl virgl device"]:
            fail("the bridge was started with", notes(desk, "graphics"))
        if given(desk, 1) != ["set_renderer socket True node - open 0 1 2 3"]:
            fail("the bridge was given", notes(desk, "set_renderer"))
        line = command_line(qemu)
        if "vhost-user-test-device-pci,virtio-id=16" not in line or "dbus" in line:
            fail("QEMU was started with", line)
        desk.wait_up("virgl")

        # What runs is replaced too, if it is wanted again; nothing stays, dead or alive.
        os.kill(renderer, signal.SIGKILL)
        os.kill(bridge, signal.SIGUSR1)
        second = int(client.expect(rf"detail {number} renderer-pid (\d+)")[1])
        given(desk, 2)
        os.kill(bridge, signal.SIGUSR1)
        third = int(client.expect(rf"detail {number} renderer-pid (\d+)")[1])
        given(desk, 3)
        wait_until("the former ones are buried", lambda: not any(
            pathlib.Path(f"/proc/{pid}").exists() for pid in (renderer, second)), 5)

        # One that hangs ends no less.
        os.kill(third, signal.SIGSTOP)
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed .*")
        wait_until("it ended with the machine", lambda: not pathlib.Path(f"/proc/{third}").exists(), 5)

        # And so it does with a bridge that is killed.
        client.say("restart", number)
        again = int(client.expect(rf"detail {number} renderer-pid (\d+)")[1])
        bridge = int(client.expect(rf"detail {number} bridge-pid (\d+)")[1])
        client.expect(rf"state {number} running")
        os.kill(again, signal.SIGSTOP)
        os.kill(bridge, signal.SIGKILL)
        client.expect(rf"ended {number} bridge_died .*")
        wait_until("it ended with the bridge", lambda: not alive(again), 5)
        desk.shutdown()


def test_plain(options):
    """A machine that draws in 2D has no renderer, whatever its bridge says it wants."""
    with desk_of(options) as desk:
        client = desk.client()
        number, bridge, _ = client.run("button")
        client.expect_known(rf"detail {number} graphics 2d")
        desk.wait_up("button")
        os.kill(bridge, signal.SIGUSR1)
        wait_until("the bridge has said it", lambda: notes(desk, "told"))
        os.kill(bridge, signal.SIGUSR2)
        wait_until("the bridge has said both", lambda: len(notes(desk, "told")) == 2)
        for _ in range(2):  # after the first answer redecho-vmd has heard the bridge, too
            client.say("reload")
            client.expect("done")
        client.say("power_off", number)
        client.expect(rf"ended {number} \w+ .*")
        if notes(desk, "graphics") != ["graphics button - -"] or notes(desk, "set_renderer"):
            fail(desk.bridge_log.read_text())
        if [line for line in client.seen if "renderer" in line]:
            fail("a renderer was started")
        desk.shutdown()


def test_dies(options):
    """One that ends at once is started three times, and then no more until the machine is."""
    with desk_of(options, FAKE_RENDER="die") as desk:
        client = desk.client()
        number, bridge, _, renderer = start(client)
        for _ in range(2):
            wait_until("it ended", lambda pid=renderer: not alive(pid))
            os.kill(bridge, signal.SIGUSR1)
            renderer = int(client.expect(rf"detail {number} renderer-pid (\d+)")[1])
        wait_until("it ended", lambda: not alive(renderer))
        os.kill(bridge, signal.SIGUSR1)
        why = "its renderer ended 3 times within 5 s: no OpenGL until it is restarted"
        client.expect(f"notice 1 virgl: {why}")
        client.expect(rf"detail {number} graphics virgl, stopped: {why}")
        told = len(client.seen)
        for _ in range(100):
            os.kill(bridge, signal.SIGUSR1)
        client.say("reload")
        client.expect("done")
        if [line for line in client.seen[told:] if re.search(r"renderer-pid \d|notice", line)]:
            fail("one was started again")
        client.say("restart", number)
        client.say("restart", number)
        client.expect(rf"detail {number} graphics {SOFTWARE}")
        client.expect(rf"detail {number} renderer-pid \d+")
        client.expect(rf"state {number} running")
        desk.shutdown()


def test_lost(options):
    """One that the bridge has given up is killed at once, and nothing of its reason is told."""
    with desk_of(options, FAKE_RENDER="hang") as desk:
        client = desk.client()
        number, bridge, _, renderer = start(client)
        given(desk, 1)
        os.kill(bridge, signal.SIGUSR2)
        wait_until("it was killed", lambda: not alive(renderer), 5)
        os.kill(bridge, signal.SIGUSR1)
        client.expect(rf"detail {number} renderer-pid (\d+)")
        given(desk, 2)
        if not alive(bridge) or [line for line in client.seen if "guest wrote" in line]:
            fail("the bridge's words were told, or it was ended for them")
        desk.shutdown()


def test_adopt(options):
    """The next redecho-vmd knows the renderer: it kills it, replaces it, and ends it."""
    with desk_of(options, FAKE_RENDER="hang") as desk:
        number, bridge, qemu, renderer = start(desk.client())
        given(desk, 1)
        desk.kill_vmd()
        if not alive(renderer) or not alive(qemu):
            fail("the renderer did not outlive redecho-vmd")
        desk.start(*desk.arguments)
        client = desk.client()
        number = int(client.expect_known(r"identity (\d+) virgl .*")[1])
        client.expect_known(rf"detail {number} renderer-pid {renderer}")
        client.expect_known(rf"detail {number} graphics {SOFTWARE}")
        client.expect_known(rf"state {number} running")
        os.kill(bridge, signal.SIGUSR2)
        wait_until("it was killed", lambda: not alive(renderer), 5)
        os.kill(bridge, signal.SIGUSR1)
        second = int(client.expect(rf"detail {number} renderer-pid (\d+)")[1])
        given(desk, 2)
        # What came after the start is known to the one after that.
        desk.kill_vmd()
        desk.start(*desk.arguments)
        client = desk.client()
        client.expect_known(rf"detail {number} renderer-pid {second}")
        client.expect_known(rf"state {number} running")
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed .*")
        wait_until("it ended with the machine", lambda: not alive(second), 5)
        desk.shutdown()


def test_absent(options):
    """Without redecho-render the machine draws in 2D, and says so."""
    with desk_of(options, "--renderer", "/nonexistent/redecho-render") as desk:
        client = desk.client()
        number, _, qemu = client.run("virgl")
        client.expect_known(rf"detail {number} graphics 2d: redecho-render is not installed")
        if notes(desk, "graphics") != ["graphics virgl - -"] or "vhost-user-gpu" not in command_line(qemu):
            fail(notes(desk, "graphics"), command_line(qemu))
        desk.shutdown()


@contextlib.contextmanager
def emulator(*refused):
    """A PATH whose QEMU refuses to start with an argument that has one of these in it."""
    real = shutil.which("qemu-system-x86_64")
    with tempfile.TemporaryDirectory(prefix="re-path.", dir="/tmp") as folder:
        path = pathlib.Path(folder, "qemu-system-x86_64")
        cases = "".join(f'*{part}*) echo "qemu-system-x86_64: this one has no {part}" >&2; exit 1;;\n'
                        for part in refused)
        path.write_text(f'#!/bin/sh\ncase "$*" in\n{cases}esac\nexec {real} "$@"\n')
        path.chmod(0o755)
        yield {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_refused_by_qemu(options):
    """A QEMU without OpenGL: the machine starts with the other device, and keeps the node."""
    with emulator("rendernode") as path, desk_of(options, **path) as desk:
        client = desk.client()
        client.say("render_node /dev/null")
        number = client.spawn("virgl")
        client.expect(rf"detail {number} graphics virgl on /dev/null")
        client.expect(rf"detail {number} graphics virgl on /dev/null: QEMU does not start with OpenGL: "
                      ".+")
        client.expect(rf"need_display {number}")
        client.say("display", number)
        qemu = int(client.expect(rf"detail {number} qemu-pid (\d+)")[1])
        client.expect(rf"state {number} running")
        if notes(desk, "graphics") != ["graphics virgl virgl -", "graphics virgl virgl device"]:
            fail(notes(desk, "graphics"))
        if "node /dev/null" not in given(desk, 1)[-1]:
            fail(given(desk, 1))
        if "vhost-user-test-device-pci" not in command_line(qemu):
            fail(command_line(qemu))
        desk.wait_up("virgl")

        # The next redecho-vmd says the same of it.
        desk.kill_vmd()
        desk.start(*desk.arguments)
        client = desk.client()
        number = int(client.expect_known(r"identity (\d+) virgl .*")[1])
        client.expect_known(rf"detail {number} graphics virgl on /dev/null: QEMU .*")
        client.expect_known(rf"state {number} running")

        # A restart begins with the best again, which is another by now.
        client.say("render_node -")
        client.say("restart", number)
        client.say("restart", number)
        client.expect(rf"detail {number} graphics {SOFTWARE}")
        client.expect(rf"state {number} running")
        desk.shutdown()


def test_refused_twice(options):
    """A QEMU with neither: the machine starts in 2D, with no renderer, and says what it lacks."""
    with emulator("rendernode", "vhost-user-test-device-pci") as path, desk_of(options, **path) as desk:
        client = desk.client()
        client.say("render_node /dev/null")
        number = client.spawn("virgl")
        client.expect(rf"detail {number} graphics virgl on /dev/null: QEMU does not .*")
        renderer = int(client.expect(rf"detail {number} renderer-pid (\d+)")[1])
        # libvirt does not always hear what a QEMU that ends so quickly says.
        client.expect(rf"detail {number} graphics 2d: QEMU does not start with 3D: .+")
        client.expect(rf"state {number} running")
        desk.wait_up("virgl")
        wait_until("no renderer is left", lambda: not alive(renderer))
        if notes(desk, "graphics")[-1] != "graphics virgl - -":
            fail(notes(desk, "graphics"))
        if [line for line in client.seen if line.startswith(f"ended {number}")]:
            fail("it was told as an end")
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed killed")
        desk.shutdown()


def test_refused_for_another_reason(options):
    """What no graphics can mend is told as what it is, and a kill meanwhile is a kill."""
    with emulator("q35") as path, desk_of(options, **path) as desk:
        client = desk.client()
        number = client.spawn("virgl")
        # libvirt does not always hear what a QEMU that ends so quickly says.
        client.expect(rf"ended {number} start_failed .*(this one has no q35|monitor).*")
        client.say("restart", number)
        client.expect(rf"detail {number} bridge-pid \d+")
        client.say("kill", number)
        client.expect(rf"ended {number} destroyed killed")
        desk.shutdown()


def test_gl(options):
    """On a render node QEMU's own display has OpenGL, and the GPU is the one that libvirt knows."""
    with desk_of(options) as desk:
        client = desk.client()
        # Mesa draws in software for a node that has no driver.
        client.say("render_node /dev/null")
        number, _, qemu, _ = start(client)
        client.expect_known(rf"detail {number} graphics virgl on /dev/null")
        line = command_line(qemu)
        if "vhost-user-gpu-pci" not in line or not re.search(
                r"dbus,p2p=on,gl=on,rendernode=/dev/null", line):
            fail(line)
        if notes(desk, "graphics") != ["graphics virgl virgl -"]:
            fail(notes(desk, "graphics"))
        if "node /dev/null" not in given(desk, 1)[0]:
            fail(given(desk, 1))
        wait_until("the bridge has QEMU's display", lambda: notes(desk, "set_display_bus"))
        desk.shutdown()


def test_broken_node(options):
    """A renderer that ends at once on its node: the next one draws in software."""
    with desk_of(options, FAKE_RENDER="die-on-node") as desk:
        desk.write_program("virgl", "cmdline h", "graphics virgl /dev/null")
        client = desk.client()
        number, bridge, _, _ = start(client)
        client.expect_known(rf"detail {number} renderer-pid none")
        os.kill(bridge, signal.SIGUSR1)
        client.expect(rf"detail {number} graphics virgl in software: the renderer ended at once on "
                      "/dev/null")
        client.expect(rf"detail {number} renderer-pid \d+")
        wait_until("the bridge has it", lambda: any(
            "node - " in line for line in notes(desk, "set_renderer")))
        desk.shutdown()


def test_nodes(options):
    """The program's node goes before the desk's; one that cannot be opened is software, and why."""
    with desk_of(options) as desk:
        client = desk.client()
        client.say("render_node /dev/null")
        desk.write_program("virgl", "cmdline h", "graphics virgl /dev/dri/nowhere")
        number, _, _, _ = start(client)
        why = "virgl in software: /dev/dri/nowhere: No such file or directory"
        client.expect_known(rf"detail {number} graphics {why}")
        client.expect_known(f"notice 0 virgl: {why}")  # for the user has named it
        if "node - " not in given(desk, 1)[0]:
            fail(given(desk, 1))
        desk.shutdown()


def test_usage(options):
    """What the renderer uses is the machine's."""
    with desk_of(options, FAKE_RENDER="big") as desk:
        client = desk.client()
        number, _, _, renderer = start(client)
        given(desk, 1)
        client.say("usage", number)
        memory = int(client.expect(rf"usage {number} \d+ (\d+) \d+")[1])
        os.kill(renderer, signal.SIGKILL)
        wait_until("it is gone", lambda: not alive(renderer))
        client.say("usage", number)
        without = int(client.expect(rf"usage {number} \d+ (\d+) \d+")[1])
        if not 28 << 20 < memory - without < 64 << 20:
            fail("with it", memory, "without it", without)
        desk.shutdown()


run_test(globals())
