"""P3: a Linux machine that flips pages or draws, on a desk and on QEMU's own displays.

redecho  redecho, redecho-vmd, redecho-bridge, and a renderer where there is one;
vnc      QEMU's -vnc, and a viewer that takes the pixels and throws them away;
gtk      QEMU's -display gtk under headless sway, where this QEMU has it;
none     -display none: what the machine costs when nobody looks.

Each machine is booted once; all but the one that is looked at are stopped. What is counted is the
processor time of all that takes part, without the threads that run the guest's processor.
"""

import contextlib
import dataclasses
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "machine"))

from desk import MACHINES, PATIENCE_S, Desk, pid_of  # noqa: E402
from plain_qemu import PlainQemu  # noqa: E402
from vnc import Vnc  # noqa: E402

IMAGE = MACHINES / "linux-gl"
CARD = "virtio_gpu"
SIZE = (640, 480)
DESK = (1280, 800)
# modetest takes any size, with VESA's times. The number of the connector is the first word.
MODE = "640,656,752,800,480,490,492,525-60"
CONNECTOR = f"set -- $(modetest -M {CARD} -c | grep -w connected)"
TURN_S = 3


@dataclasses.dataclass
class Program:
    """What the machine runs, and how it tells of its frames."""
    run: str
    line: re.Pattern
    frames: int  # between two lines; 0: each line tells how many there were so far
    graphics: str

    def command_line(self):
        return f'quiet console=ttyS0 redecho.run="{self.run}"'

    def told(self, log):
        """How many lines there are, and how many frames they tell of."""
        lines = self.line.findall(log)
        return len(lines), len(lines) * self.frames or int([0, *lines][-1])


FLIPS = Program(f"{CONNECTOR}; modetest -M {CARD} -s $1:{MODE} -v",
                re.compile(r"^freq: ([\d.]+)Hz", re.MULTILINE), 60, "2d")
CUBE = Program("kmscube", re.compile(r"^Rendered (\d+) frames in .*fps\)", re.MULTILINE), 0, "virgl")
FREQ, CPU, SHOWN = "frames/s", "processor ms a frame", "pictures/s"


def thread_ns(pid):
    """Nanoseconds that the threads of a process have run, but for a guest's processors."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            if not re.match(r"(CPU \d|ALL CPUs)", (task / "comm").read_text()):
                total += int((task / "schedstat").read_text().split()[0])
    return total


class Arm:
    """A machine that draws; stopped but in its turn."""

    def __init__(self, program, qemu, others, log):
        self.program, self.qemu, self.others, self.log = program, qemu, others, log
        self.shown = lambda: 0

    def pause(self):
        os.kill(self.qemu, signal.SIGSTOP)

    def resume(self):
        os.kill(self.qemu, signal.SIGCONT)

    def wait_lines(self, count, seconds=0):
        """Waits for so many more lines of the program, and so long; returns the frames so far."""
        start = seen = self.program.told(self.log())[0]
        begin = time.monotonic()
        while True:
            lines, frames = self.program.told(self.log())
            past = time.monotonic() - begin
            # Only when one has just come.
            if lines > seen and lines >= start + count and past >= seconds:
                return frames
            if past > 2 * PATIENCE_S:
                raise RuntimeError(f"a machine does not draw:\n{self.log()[-2000:]}")
            seen = lines
            time.sleep(0.01)

    def check(self):
        """A machine of graphics virgl may not have drawn by itself."""
        if self.program.graphics == "virgl" and not re.search(r"renderer: .*virgl", self.log()):
            raise RuntimeError(f"not drawn by virgl:\n{self.log()[:2000]}")

    def look(self, pids):
        return time.monotonic(), sum(map(thread_ns, pids)), self.shown()

    def turn(self):
        self.resume()
        first = self.wait_lines(2)  # the first of them is of a time before
        pids = [self.qemu, *self.others()]
        before = self.look(pids)
        frames = self.wait_lines(1, TURN_S) - first
        after = self.look(pids)
        self.pause()
        seconds = after[0] - before[0]
        return {FREQ: frames / seconds, CPU: (after[1] - before[1]) / 1e6 / frames,
                SHOWN: (after[2] - before[2]) / seconds}


# --- The arms -------------------------------------------------------------------------------

def desk_arm(stack, build, program):
    runtime = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="re-bench-", dir="/tmp")))
    (runtime / "programs").mkdir()
    command_line = program.command_line().replace('"', '\\"')
    (runtime / "programs/flips.scfg").write_text(
        f"program flips {{\n\tlabel linux\n\tlinux gl\n\tcmdline \"{command_line}\"\n"
        f"\tgraphics {program.graphics}\n\tmemory 768M\n\tephemeral yes\n\tgrace 1s\n}}\n")
    desk = stack.enter_context(Desk(build, [
        "--accel", "tcg", "--vmd", build / "vm-bridge/manager/redecho-vmd",
        "--bridge", build / "vm-bridge/bridge/redecho-bridge", "--programs", runtime / "programs",
        "--machines", MACHINES], size=DESK))
    desk.command("spawn", "flips")
    desk.command_on("flips", "floating", "on")
    desk.command_on("flips", "resize", "set", *map(str, SIZE))
    machine = desk.until(lambda: (found := desk.machine("flips")) and found["details"].get("qemu-pid") and found,
                         "QEMU of the machine")

    def log():
        return "".join(path.read_text(errors="replace") for path in desk.runtime.glob("redecho-*/**/flips/serial.log"))
    fixed = [pid_of(machine, "bridge-pid"), desk.process.pid, desk.vmd()]

    def others():
        if program.graphics == "2d":
            return fixed
        return [*fixed, pid_of(desk.machine("flips"), "renderer-pid")]
    arm = Arm(program, pid_of(machine, "qemu-pid"), others, log)
    stack.callback(arm.resume)
    return arm


class Taker(threading.Thread):
    """Asks a VNC server for what has changed, again and again, and throws it away."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.vnc = Vnc(path, patience_s=None)
        self.updates = 0
        self.pid = threading.get_native_id()

    def run(self):
        stream, buffer, whole = self.vnc.stream, memoryview(bytearray(4 << 20)), True
        with contextlib.suppress(OSError, EOFError, ValueError):
            while True:
                self.vnc.socket.sendall(struct.pack(">BBHHHH", 3, 0 if whole else 1, 0, 0,
                                                    self.vnc.width, self.vnc.height))
                kind, count = self.vnc.read(">BxH")
                if kind != 0:
                    return
                whole = False
                for _ in range(count):
                    _, _, width, height, encoding = self.vnc.read(">HHHHi")
                    if encoding != 0:
                        return
                    stream.readinto(buffer[:width * height * 4])
                self.updates += 1


def vnc_viewer(path):
    """The viewer's whole process: told so much as it took on its standard output."""
    taker = Taker(path)
    taker.start()
    for _ in sys.stdin:
        print(taker.updates, flush=True)


def plain_arm(stack, program, extra, environment=None):
    plain = PlainQemu(IMAGE / "vmlinuz", SIZE, initrd=IMAGE / "initrd", memory="768M", command_line=program.command_line(),
                      extra=["-drive", f"file={IMAGE}/disk,format=raw,if=virtio,readonly=on",
                             "-name", "plain,debug-threads=on", *extra])
    at = plain.command.index("-display")
    if "-display" in extra:
        del plain.command[at:at + 2]
    if program.graphics == "virgl":
        plain.command = [word.replace("virtio-gpu-pci", "virtio-gpu-gl-pci") for word in plain.command]
    plain.command = [word.replace("DIRECTORY", str(plain.directory)) for word in plain.command]
    old = {name: os.environ.get(name) for name in environment or {}}
    os.environ.update(environment or {})
    try:
        stack.enter_context(plain)
    finally:
        for name, value in old.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    return Arm(program, plain.process.pid, list,
               lambda: (plain.directory / "serial.log").read_text(errors="replace")), plain


def vnc_arm(stack, program):
    arm, plain = plain_arm(stack, program, ["-vnc", "unix:DIRECTORY/vnc"])
    arm.wait_lines(1)  # from here on the picture keeps its size
    viewer = subprocess.Popen([sys.executable, HERE / "displays.py", plain.directory / "vnc"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stack.callback(viewer.wait)
    stack.callback(viewer.kill)

    def shown():
        viewer.stdin.write("\n")
        viewer.stdin.flush()
        return int(viewer.stdout.readline())
    arm.others, arm.shown = lambda: [viewer.pid], shown
    return arm


def gtk_arm(stack, program):
    runtime = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="re-bench-", dir="/tmp")))
    config = runtime / "config"
    config.write_text(f"output * resolution {DESK[0]}x{DESK[1]}\nxwayland disable\nfor_window [app_id=.*] floating enable\n")
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment |= {"XDG_RUNTIME_DIR": str(runtime), "WLR_BACKENDS": "headless", "WLR_RENDERER": "pixman",
                    "WLR_LIBINPUT_NO_DEVICES": "1"}
    log = stack.enter_context(open(runtime / "log", "wb"))
    sway = subprocess.Popen(["sway", "-c", config], env=environment, stdin=subprocess.DEVNULL,
                            stdout=log, stderr=log)
    stack.callback(sway.wait)
    stack.callback(sway.terminate)
    end = time.monotonic() + PATIENCE_S
    while not (sockets := [path for path in runtime.glob("wayland-*") if path.suffix != ".lock"]):
        if time.monotonic() > end or sway.poll() is not None:
            raise RuntimeError(f"sway does not listen:\n{(runtime / 'log').read_text()}")
        time.sleep(0.02)
    arm, _ = plain_arm(stack, program, ["-display", "gtk,gl=" + ("on" if program.graphics == "virgl" else "off")],
                       {"XDG_RUNTIME_DIR": str(runtime), "WAYLAND_DISPLAY": sockets[0].name, "GDK_BACKEND": "wayland"})
    arm.others = lambda: [sway.pid]
    return arm


def has_gtk():
    result = subprocess.run(["qemu-system-x86_64", "-display", "help"], capture_output=True, text=True)
    return "gtk" in result.stdout.split()


def makers(stack, build, program):
    """How each arm is made, by its name."""
    made = {"redecho": lambda: desk_arm(stack, build, program)}
    if program.graphics == "2d":
        made["vnc"] = lambda: vnc_arm(stack, program)
        made["none"] = lambda: plain_arm(stack, program, [])[0]
    if has_gtk():
        made["gtk"] = lambda: gtk_arm(stack, program)
    return made


def measure(build, rounds, program):
    """For each round a dict: (arm, what) -> value."""
    rows = []
    with contextlib.ExitStack() as stack:
        arms = {}
        for name, make in makers(stack, build, program).items():
            arms[name] = make()
            arms[name].wait_lines(1)
            arms[name].check()
            arms[name].pause()
        names = list(arms)
        for index in range(rounds):
            row = {}
            for name in names[index % len(names):] + names[:index % len(names)]:
                row.update({(name, what): value for what, value in arms[name].turn().items()})
            rows.append(row)
        for arm in arms.values():
            arm.resume()
    return rows


if __name__ == "__main__":
    vnc_viewer(sys.argv[1])
