"""Red Echo beside sway and labwc, the three on the headless backend with pixman and nothing else:
no machines, no bar, no wallpaper. They are built on the same wlroots, so what differs is their own.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

PATIENCE_S = 60
# Room for 256 tiles side by side.
WIDE = "3840x2160"
FRAMES = 120


def configure(name, directory, mode):
    """Writes a configuration with next to nothing and returns the command line of the compositor."""
    directory = pathlib.Path(directory, "config")
    directory.mkdir()
    if name == "sway":
        text = "xwayland disable\n" + (f"output * mode {mode}\n" if mode else "")
        command = ["sway", "-c", str(directory / "config")]
    elif name == "labwc":
        assert mode is None
        text = ""
        command = ["labwc", "-C", str(directory)]
    else:
        text = "hotkeys-at-start no\n" + (f"output * {{\n\tmode {mode}\n}}\n" if mode else "")
        command = ["redecho", "--no-machines", "--config", str(directory / "config")]
    (directory / "config").write_text(text, encoding="utf-8")
    return command


class Session:
    """A compositor and a client with so many windows; use as a context manager."""

    def __init__(self, build, name, windows, mode=None):
        self.directory = tempfile.mkdtemp(prefix="re-bench-", dir="/tmp")
        environment = dict(os.environ, XDG_RUNTIME_DIR=self.directory, XDG_CONFIG_HOME=self.directory,
                           WLR_BACKENDS="headless", WLR_RENDERER="pixman", WLR_HEADLESS_OUTPUTS="1")
        for variable in ("WAYLAND_DISPLAY", "DISPLAY", "REDECHO_SOCKET", "SWAYSOCK"):
            environment.pop(variable, None)
        command = configure(name, self.directory, mode)
        if name == "redecho":
            command[0] = str(build / "compositor/redecho")
        # It listens for the compositor before that is there.
        self.client = subprocess.Popen([build / "tests/bench/windows", str(windows)], env=environment,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        time.sleep(0.05)
        start = time.monotonic_ns()
        self.compositor = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.first_ms = (int(self.answer("first")[0]) - start) / 1e6
            self.answer("ready")
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.stdin.close()
        self.client.kill()
        self.client.wait()
        self.client.stdout.close()
        self.compositor.terminate()
        try:
            self.compositor.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.compositor.kill()
            self.compositor.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def answer(self, word):
        words = self.client.stdout.readline().split()
        if not words or words[0] != word:
            raise RuntimeError(f"the client of {self.compositor.args[0]} said {words}, not {word}")
        return words[1:]

    def cpu_ns(self):
        """What the compositor's threads have used of a processor."""
        tasks = pathlib.Path(f"/proc/{self.compositor.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir())

    def pss_kib(self):
        rollup = pathlib.Path(f"/proc/{self.compositor.pid}/smaps_rollup").read_text(encoding="utf-8")
        return next(int(text.split()[1]) for text in rollup.splitlines() if text.startswith("Pss:"))

    def frame_us(self):
        """Processor time of one output frame in which 8 by 8 pixels of the first window differ."""
        before = self.cpu_ns()
        self.client.stdin.write(f"{FRAMES}\n")
        self.client.stdin.flush()
        self.answer("done")
        return (self.cpu_ns() - before) / FRAMES / 1000


def start(build, rounds):
    """Rows of {compositor: (ms to the first frame, processor time in ms, PSS in MiB)}, interleaved.

    The processor's time is told by no clock on the wall: other people's load does not count."""
    rows = []
    for number in range(rounds + 1):
        row = {}
        for name in ("redecho", "sway", "labwc"):
            with Session(build, name, 1) as session:
                row[name] = (session.first_ms, session.cpu_ns() / 1e6, session.pss_kib() / 1024)
        if number > 0:  # the first round fills the caches of the disk
            rows.append(row)
    return rows


def frames(build, rounds, counts):
    """Rows of {(compositor, windows): us}, interleaved."""
    rows = []
    for _ in range(rounds):
        row = {}
        for windows in counts:
            for name in ("redecho", "sway"):
                with Session(build, name, windows, WIDE) as session:
                    row[name, windows] = session.frame_us()
        rows.append(row)
    return rows
