#!/usr/bin/env python3
"""`./dev bench`: what Red Echo costs, as ratios within one run.

Every figure has arms that are interleaved round by round; what is printed is the median of the
rounds' ratios with its quartiles. A shared machine's absolute times say nothing, so they are shown
only to be divided by their denominator.

Usage: bench.py --build DIR [--rounds N] [FIGURE...]

FIGURE is one of p1 p3 p4 p5 p6 p7 p9 p10 start; all of them without.
"""

import argparse
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "machine"))

import compositors  # noqa: E402
import displays  # noqa: E402
import virgl  # noqa: E402
from desk import PATIENCE_S, Desk  # noqa: E402


def quartiles(values):
    values = sorted(values)
    if len(values) < 4:
        return values[0], statistics.median(values), values[-1]
    low, middle, high = statistics.quantiles(values, n=4)
    return low, middle, high


def line(figure, what, ratios, goal, detail):
    low, middle, high = quartiles(ratios)
    verdict = "unrated" if goal is None else "met" if goal(middle) else "MISSED"
    print(f"{figure}  {what}: {middle:.2f}  (quartiles {low:.2f}-{high:.2f}, {len(ratios)} rounds, "
          f"{verdict}; {detail})", flush=True)


# --- P1: spawn -> first pixel ---------------------------------------------------------------

class Events:
    """The desk's event stream, each event with the time at which it was read."""

    def __init__(self, desk):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(PATIENCE_S)
        self.connection.connect(desk.environment["REDECHO_SOCKET"])
        self.connection.sendall(b'{"events":{}}\n')
        self.buffer = b""

    def __iter__(self):
        while True:
            while b"\n" in self.buffer:
                text, self.buffer = self.buffer.split(b"\n", 1)
                yield time.monotonic(), json.loads(text)
            data = self.connection.recv(65536)
            if not data:
                return
            self.buffer += data

    def close(self):
        self.connection.close()


def machine_of(event, name):
    """The machine's state in an event that is about it, else None."""
    machine = event.get("machine")
    return machine if machine and machine["name"] == name else None


def spawn_clock(desk):
    """Seconds from the command to: domain running, driver up, first frame."""
    events = Events(desk)
    start = time.monotonic()
    desk.command("spawn", "clock")
    seen = {}
    for now, event in events:
        machine = machine_of(event, "clock")
        if machine is None:
            continue
        if machine["state"] == "ended":
            raise RuntimeError(f"clock ended: {machine.get('message')}")
        if machine["domain"] == "running":
            seen.setdefault("domain", now - start)
        if machine["stage"] in ("booting", "running"):
            seen.setdefault("driver", now - start)
        if machine["stage"] == "running":
            seen["frame"] = now - start
            break
    events.close()
    desk.command_on("clock", "kill")
    desk.until(lambda: not desk.window("clock"), "end of clock")
    return seen


def plain_first_flush(kernel, directory):
    """Seconds from exec to the first flush under plain QEMU with its own virtio-gpu."""
    command = ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", "max", "-m", "32M", "-nodefaults",
               "-vga", "none", "-display", "none", "-kernel", str(kernel),
               "-device", "virtio-gpu-pci", "-device", "virtio-keyboard-pci",
               "-device", "virtio-tablet-pci", "-serial", f"file:{directory}/serial",
               "-trace", "enable=virtio_gpu_cmd_res_flush"]
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        for text in process.stderr:
            if b"virtio_gpu_cmd_res_flush" in text:
                return time.monotonic() - start
        raise RuntimeError(f"plain QEMU ended with {process.wait()} before its first flush")
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def p1(build, rounds):
    kernel = build / "guest-kit/programs/clock.elf"
    with tempfile.TemporaryDirectory(prefix="re-bench-", dir="/tmp") as directory:
        source = HERE.parents[1]
        with Desk(build, ["--vmd", build / "vm-bridge/manager/redecho-vmd",
                          "--bridge", build / "vm-bridge/bridge/redecho-bridge",
                          "--programs", source / "configs/programs",
                          "--machines", build / "guest-kit/programs", "--accel", "tcg"]) as desk:
            spawn_clock(desk)  # the first one also fills the caches of the disk
            ratios, stages = [], []
            for _ in range(rounds):
                seen = spawn_clock(desk)
                plain = plain_first_flush(kernel, directory)
                ratios.append(seen["frame"] / plain)
                stages.append((seen.get("domain", 0), seen.get("driver", 0), seen["frame"], plain))
    middle = [statistics.median(column) * 1000 for column in zip(*stages)]
    line("P1", "clock, spawn -> first frame / plain QEMU, exec -> first flush (tcg, warm)", ratios,
         lambda ratio: ratio <= 1.5,
         "domain runs at {:.0f} ms, driver at {:.0f}, frame at {:.0f}; plain {:.0f} ms".format(*middle))


# --- P3: beside QEMU's own displays -----------------------------------------------------------

def p3(build, rounds):
    if not (displays.IMAGE / "disk").exists():
        print("P3  unmeasured: there is no Linux machine with Mesa; ./dev setup makes it")
        return
    if not displays.has_gtk():
        print("P3  unmeasured beside gtk, and with virgl: this QEMU has no such display (qemu-system-gui)")
        p3_program(build, rounds, "modetest -v, 2D", displays.FLIPS)
        return
    p3_program(build, rounds, "modetest -v, 2D", displays.FLIPS)
    p3_program(build, rounds, "kmscube, virgl", displays.CUBE)


def p3_program(build, rounds, what, program):
    rows = displays.measure(build, rounds, program)
    middle = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    names = [name for name, column in rows[0] if column == displays.CPU]
    for name in names:
        print(f"P3  {what}, {name}: {middle[name, displays.FREQ]:.1f} frames/s, "
              f"{middle[name, displays.CPU]:.2f} ms of processor time a frame" +
              (f", {middle[name, displays.SHOWN]:.1f} pictures/s" if name == "vnc" else ""))
    for other in names[1:]:
        line("P3", f"{what}: frames/s, redecho / {other}",
             [row["redecho", displays.FREQ] / row[other, displays.FREQ] for row in rows], None, "larger is better")
        line("P3", f"{what}: processor time a frame without the guest's, redecho / {other}",
             [row["redecho", displays.CPU] / row[other, displays.CPU] for row in rows],
             (lambda ratio: ratio <= 0.7) if other == "gtk" else None, "smaller is better")


# --- P4 to P6: the bridge alone --------------------------------------------------------------

def synthetic(build, rounds):
    """The synthetic arm prints one JSON object a line: figure, what, ratios, goal, detail."""
    result = subprocess.run([build / "tests/bench/synthetic", build / "vm-bridge/bridge/redecho-bridge",
                             str(rounds)], stdout=subprocess.PIPE, text=True, check=True)
    for text in result.stdout.splitlines():
        row = json.loads(text)
        limit = row.get("goal")
        if limit is None:
            goal = None
        elif row["better"] == "lower":
            goal = lambda ratio, limit=limit: ratio <= limit  # noqa: E731
        else:
            goal = lambda ratio, limit=limit: ratio >= limit  # noqa: E731
        line(row["figure"], row["what"], row["ratios"], goal, row["detail"])


def copies(build):
    """What was copied for a frame, in parts of its damage; exact, so without rounds."""
    result = subprocess.run([build / "tests/bench/copies", build / "vm-bridge/render/redecho-render"],
                            stdout=subprocess.PIPE, text=True, check=True)
    for text in result.stdout.splitlines():
        row = json.loads(text)
        print("P4  copies of the damage a frame, {kind}, {percent} % drawn, {pages} page(s): "
              "{copied:.2f} from the guest, {read:.2f} from the renderer, {duplicated:.2f} from image to image "
              "(counted, 100 frames)".format(**row), flush=True)


# --- P7: memory of a machine's processes ------------------------------------------------------

def p7(build, rounds):
    rows = virgl.memory(build, min(rounds, 3))
    goals = {"2d": lambda mib: mib <= 6, "virgl": lambda mib: mib <= 60}
    for name in virgl.MEMORY_ROWS:
        line("P7", f"MiB (PSS) of a machine's bridge and its renderer, {name}",
             [row[name] for row in rows], goals.get(name), "without the guest's memory and pixels")


# --- P9: OpenGL of a guest -------------------------------------------------------------------

def p9(build, rounds):
    rows = virgl.times(build, rounds)
    middle = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    pairs = [("vtest", "native", None), ("vtest", "cached", None)]
    if ("bridge", virgl.CPU) in rows[0]:
        pairs += [("bridge", "native", None), ("bridge", "vtest", lambda ratio: ratio >= 0.9)]
    else:
        print("P9  unmeasured: this bridge renders nothing")
    for arm, other, goal in pairs:
        for scene in virgl.SCENES if goal else ():
            line("P9", f"glmark2 {scene}, frames/s, {arm} / {other}",
                 [row[other, scene] / row[arm, scene] for row in rows], None,
                 f"{middle[arm, scene]:.1f} and {middle[other, scene]:.1f} ms a frame")
        line("P9", f"glmark2, frames/s, {arm} / {other}, the scenes' geometric mean",
             [statistics.geometric_mean(row[other, scene] / row[arm, scene] for scene in virgl.SCENES)
              for row in rows], goal, f"{len(virgl.SCENES)} scenes, 800x600")
        line("P9", f"glmark2, processor time of all that takes part, {arm} / {other}",
             [row[arm, virgl.CPU] / row[other, virgl.CPU] for row in rows], None,
             f"{middle[arm, virgl.CPU]:.1f} and {middle[other, virgl.CPU]:.1f} s; smaller is better")


# --- P10, start-up and memory: beside other compositors ---------------------------------------

def p10(build, rounds):
    rows = compositors.frames(build, rounds, (1, 16, 64, 256))
    middle = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    for name in ("redecho", "sway"):
        for windows in (64, 256):
            line("P10", f"{name}: a frame's processor time, {windows} windows / one, 8x8 pixels differ",
                 [row[name, windows] / row[name, 1] for row in rows],
                 (lambda ratio: ratio <= 1.2) if (name, windows) == ("redecho", 64) else None,
                 ", ".join(f"{middle[name, count]:.0f} us at {count}" for count in (1, 16, 64, 256)))
    for windows in (1, 16, 64, 256):
        line("P10", f"redecho / sway with {windows} windows",
             [row["redecho", windows] / row["sway", windows] for row in rows],
             lambda ratio: ratio <= 1, "processor time of a frame")


def start(build, rounds):
    rows = compositors.start(build, rounds)
    columns = (("exec -> a client's first frame", "ms"),
               ("processor time of the start, with one window", "ms"),
               ("memory (PSS), one window", "MiB"))
    for index, (what, unit) in enumerate(columns):
        middle = {name: statistics.median(row[name][index] for row in rows) for name in rows[0]}
        for other in ("sway", "labwc"):
            line("start", f"{what}, redecho / {other}",
                 [row["redecho"][index] / row[other][index] for row in rows], None,
                 f"{middle['redecho']:.0f} and {middle[other]:.0f} {unit}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("figures", nargs="*", default=[])
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    wanted = {figure.lower() for figure in arguments.figures} or {"p1", "p3", "p4", "p5", "p6", "p7", "p9", "p10", "start"}
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; ratios, smaller is better but for P5 and P9")
    if wanted & {"p4", "p5", "p6"}:
        synthetic(build, arguments.rounds)
    if "p4" in wanted:
        copies(build)
    if "p1" in wanted:
        p1(build, arguments.rounds)
    if "p3" in wanted:
        p3(build, arguments.rounds)
    if "p7" in wanted:
        p7(build, arguments.rounds)
    if "p9" in wanted:
        p9(build, arguments.rounds)
    if "p10" in wanted:
        p10(build, arguments.rounds)
    if "start" in wanted:
        start(build, arguments.rounds)
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    print("unmeasured here: P2, P3 by damage and 1080p, P7 with many machines, P8, P11, and all that needs KVM or a GPU")


if __name__ == "__main__":
    main()
