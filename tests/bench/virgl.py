"""P9: an OpenGL program of this system, drawn three ways by the same llvmpipe.

native  the program's own driver;
vtest   Mesa's virpipe and virgl_test_server: virglrenderer with nothing around it;
cached  the same, with Mesa's cache of compiled shaders, which the others go without, for
        redecho-render may not have it;
bridge  through a fake guest's virtio-gpu, redecho-bridge and redecho-render.
"""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "machine"))

from desk import PATIENCE_S, Desk  # noqa: E402

# Frames of each, about half a second. What they stress: vertices, textures, the fragment shader,
# uploads, a filter, passes.
SCENES = {"build": 250, "texture": 350, "shading": 100, "buffer": 120, "effect2d": 200, "shadow": 100}
ARMS = ("native", "vtest", "cached", "bridge")
CPU = "processor time"

FRAME = re.compile(r"^\[(\w+)\].*FPS: \d+ FrameTime: ([\d.]+) ms", re.MULTILINE)
RENDERER = re.compile(r"GL_RENDERER:\s*(.*)")


def glmark2(environment, before=()):
    """Milliseconds of a frame by scene, the renderer's name, and the program's processor time."""
    command = [*before, "glmark2-es2-wayland", "--off-screen"]
    for scene, frames in SCENES.items():
        command += ["-b", f"{scene}:nframes={frames}"]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([str(word) for word in command], env=environment,
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        killer = threading.Timer(PATIENCE_S * 5, process.kill)
        killer.start()
        _, status, usage = os.wait4(process.pid, 0)
        killer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    times = {scene: float(ms) for scene, ms in FRAME.findall(text)}
    if process.returncode != 0 or len(times) != len(SCENES):
        raise RuntimeError(f"{' '.join(map(str, command))}: {process.returncode}\n{text}")
    return times, RENDERER.search(text).group(1), usage.ru_utime + usage.ru_stime


def processes(pid):
    """A process and all that come from it."""
    yield pid
    for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from processes(int(child))


def processor_s(pid):
    """Seconds that a process and all that come from it have run so far."""
    ticks = 0
    for one in processes(pid):
        fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def running(command, path, environment):
    """A server, until its socket is there and as long as it is used."""
    process = subprocess.Popen([str(word) for word in command], env=environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE_S
        while not path.exists():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{command[0]} does not listen")
            time.sleep(0.01)
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        path.unlink(missing_ok=True)


def has_bridge(build):
    """Whether this bridge can render."""
    usage = subprocess.run([build / "vm-bridge/bridge/redecho-bridge", "--help"], capture_output=True, text=True)
    return "--graphics" in usage.stdout + usage.stderr


def guest(build, path):
    """The words before a program that is to draw through a bridge."""
    return [build / "tests/vtest/vtest_guest", "--gpu", path,
            "--preload", build / "tests/fakes/libguest_memory.so", "--"]


class Arms:
    """Runs glmark2 in one arm after the other, in a desk that shows it and the bridge."""

    def __init__(self, build, desk):
        self.build = build
        self.desk = desk
        self.environment = dict(desk.environment, LIBGL_ALWAYS_SOFTWARE="1", GALLIUM_DRIVER="llvmpipe",
                                MESA_SHADER_CACHE_DISABLE="true")

    def run(self, arm):
        """Milliseconds of a frame by scene, and the processor time of it all in seconds."""
        times, renderer, seconds = getattr(self, arm)()
        if renderer.startswith("virgl") != (arm != "native") or "llvmpipe" not in renderer.lower():
            raise RuntimeError(f"the arm {arm} was drawn by {renderer}")
        return {**times, CPU: seconds}

    def native(self):
        return glmark2(self.environment)

    def served(self, server, path, environment, before=(), **variables):
        """glmark2 with more variables than its server."""
        with running(server, path, environment) as process:
            start_s = processor_s(process.pid)
            times, renderer, seconds = glmark2({**environment, **variables}, before)
            return times, renderer, seconds + processor_s(process.pid) - start_s

    def vtest(self, **variables):
        path = self.desk.runtime / "vtest"
        return self.served(["virgl_test_server", "--use-egl-surfaceless", "--no-fork", "--socket-path", path],
                           path, {**self.environment, **variables}, GALLIUM_DRIVER="virpipe",
                           VTEST_SOCKET_NAME=str(path), VIRGL_DEBUG="nocoherent")  # as without blobs

    def cached(self):
        return self.vtest(MESA_SHADER_CACHE_DISABLE="false",
                          MESA_SHADER_CACHE_DIR=str(self.desk.runtime / "shaders"))

    def bridge(self):
        path = self.desk.runtime / "gpu"
        return self.served([self.build / "vm-bridge/bridge/redecho-bridge", "--gpu", path, "--graphics", "virgl"],
                           path, self.environment, guest(self.build, path))


def times(build, rounds):
    """For each round a dict: (arm, scene) -> milliseconds of a frame; (arm, CPU) -> seconds."""
    arms = ARMS if has_bridge(build) else ARMS[:3]
    rows = []
    with Desk(build, ["--no-machines"]) as desk:
        place = Arms(build, desk)
        place.run("cached")  # fills the cache
        for index in range(rounds):
            row = {}
            # Each round begins with another, so that no arm always follows the same one.
            for arm in arms[index % len(arms):] + arms[:index % len(arms)]:
                row.update({(arm, what): value for what, value in place.run(arm).items()})
            rows.append(row)
    return rows


# --- P7: memory ---------------------------------------------------------------------------------

MEMORY_ROWS = ("2d", "virgl", "virgl drawing")


def memory_mib(pid):
    """Proportional set size of a process and all that come from it, without a guest's memory or
    pixels, which are shared files."""
    bytes_by = {"Pss": 0, "Pss_Shmem": 0}
    for one in processes(pid):
        for text in pathlib.Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            name, _, rest = text.partition(":")
            if name in bytes_by:
                bytes_by[name] += int(rest.split()[0]) * 1024
    return (bytes_by["Pss"] - bytes_by["Pss_Shmem"]) / (1 << 20)


def idle_mib(arms, graphics):
    """Of a bridge with its window open, and the renderer that it may have."""
    path = arms.desk.runtime / "gpu"
    command = [arms.build / "vm-bridge/bridge/redecho-bridge", "--gpu", path, "--graphics", graphics]
    with running(command, path, arms.environment) as process:
        arms.desk.until(lambda: arms.desk.ctl("windows"), "the bridge's window")
        arms.desk.until(lambda: processor_s(process.pid) == settled(process.pid), "rest")
        return memory_mib(process.pid)


def settled(pid):
    time.sleep(0.3)
    return processor_s(pid)


def drawing_mib(arms):
    """The most that it was, looked at every 20 ms, while glmark2 drew."""
    path = arms.desk.runtime / "gpu"
    command = [arms.build / "vm-bridge/bridge/redecho-bridge", "--gpu", path, "--graphics", "virgl"]
    most = [0.0]
    done = threading.Event()
    with running(command, path, arms.environment) as process:
        def look():
            while not done.wait(0.02):
                most[0] = max(most[0], memory_mib(process.pid))
        looker = threading.Thread(target=look)
        looker.start()
        try:
            glmark2(arms.environment, guest(arms.build, path))
        finally:
            done.set()
            looker.join()
    return most[0]


def memory(build, rounds):
    """For each round a dict: row -> MiB."""
    rows = []
    with Desk(build, ["--no-machines"]) as desk:
        arms = Arms(build, desk)
        for _ in range(rounds):
            rows.append({"2d": idle_mib(arms, "2d"), "virgl": idle_mib(arms, "virgl"),
                         "virgl drawing": drawing_mib(arms)})
    return rows
