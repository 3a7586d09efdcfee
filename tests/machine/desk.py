"""A desk under test: redecho on the headless backend with machines through libvirt and TCG.

Everything a desk makes lies in its own runtime directory, which goes with it. Waiting is for
a state that redechoctl tells or that a picture shows, bounded in time, never for a time.
"""

import json
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

from picture import Picture

# TCG on a shared machine can be slow: what takes longer than this is broken.
PATIENCE_S = 60

# What ./dev setup has made.
MACHINES = pathlib.Path(os.environ.get("REDECHO_ENV", pathlib.Path(__file__).resolve().parents[2] / ".env"),
                        "machines")


class DeskError(Exception):
    """The desk did not do what it was asked for."""


class Desk:
    """Starts redecho; use as a context manager."""

    def __init__(self, build, arguments=(), size=(1280, 800), runtime=None, log=None, environment=None,
                 first_start=False):
        self.build = pathlib.Path(build).resolve()
        self.source = pathlib.Path(__file__).resolve().parents[2]
        self.machines = MACHINES
        self.own_runtime = runtime is None
        self.runtime = pathlib.Path(runtime or tempfile.mkdtemp(prefix="re-", dir="/tmp"))
        self.log_path = pathlib.Path(log or self.runtime / "redecho.log")
        self.arguments = [str(argument) for argument in arguments]
        self.size = size
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(self.runtime),
                                WLR_BACKENDS="headless", WLR_HEADLESS_OUTPUTS="1",
                                **(environment or {}))
        self.environment.setdefault("WLR_RENDERER", "pixman")
        if self.own_runtime:
            # Not the user's: neither configuration nor programs of theirs may change a test.
            self.environment["XDG_CONFIG_HOME"] = str(self.runtime / "config")
            if not first_start:
                # One without a configuration would be greeted.
                (self.runtime / "config/redecho").mkdir(parents=True)
                (self.runtime / "config/redecho/config").touch()
        self.outer = {}
        for name in ("WAYLAND_DISPLAY", "DISPLAY", "REDECHO_SOCKET"):
            self.environment.pop(name, None)
        self.process = None

    def show_in(self, outer):
        """Opens the desk in the display that the variables of `outer` name, not headless."""
        self.outer = outer

    # --- life ---------------------------------------------------------------------------

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            self.show_logs()
        self.stop()
        if self.own_runtime:
            shutil.rmtree(self.runtime, ignore_errors=True)

    def start(self, *more):
        """Starts the compositor and waits until it answers."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.build / "compositor/redecho", *self.arguments, *more],
                env={**self.environment, **self.outer}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.until(self.find_sockets, "redecho's sockets")
        self.until(lambda: self.ctl("outputs"), "an output")

    def find_sockets(self):
        if self.process.poll() is not None:
            raise DeskError(f"redecho ended with {self.process.returncode}:\n{self.log()}")
        # A compositor that was killed leaves its sockets, on which nobody answers.
        ipc = [path for path in self.runtime.glob("redecho-*/ipc.sock") if answers(path)]
        display = [path for path in self.runtime.glob("wayland-*")
                   if path.suffix != ".lock" and answers(path)]
        if not ipc or not display:
            return False
        self.environment["REDECHO_SOCKET"] = str(ipc[0])
        self.environment["WAYLAND_DISPLAY"] = display[0].name
        return True

    def stop(self):
        """An orderly exit: machines end with the desk."""
        if self.process is None:
            return
        if self.process.poll() is not None:
            self.clear_away()
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise DeskError(f"redecho did not end within 60 s:\n{self.log()}") from None

    def clear_away(self):
        """Ends the machines that a compositor which crashed or was killed has left."""
        for pid, _ in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.runtime / "redecho-0", ignore_errors=True)

    def processes(self):
        """(pid, command line) of every process that works for this desk."""
        mine = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environ = (entry / "environ").read_bytes()
            except OSError:
                continue
            if command and int(entry.name) != os.getpid() and (
                    str(self.runtime) in command or
                    f"XDG_RUNTIME_DIR={self.runtime}\0".encode() in environ):
                mine.append((int(entry.name), command))
        return mine

    def wait_processes(self, patience_s=10):
        """Those that do not end now that the desk has: what a program of it has started itself, as
        a sanitizer its symbolizer, ends a moment after it."""
        end = time.monotonic() + patience_s
        while (processes := self.processes()) and time.monotonic() < end:
            time.sleep(0.05)
        return processes

    def vmd(self):
        """The process id of the desk's redecho-vmd, or None."""
        for pid, _ in self.processes():
            try:
                if os.path.basename(os.readlink(f"/proc/{pid}/exe")) == "redecho-vmd":
                    return pid
            except OSError:
                pass  # it has just ended
        return None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def show_logs(self):
        print(f"--- {self.log_path}\n{self.log()[-6000:]}", file=sys.stderr)
        for path in sorted(self.runtime.glob("redecho-*/**/*.log")):
            if path != self.log_path and path.is_file():
                print(f"--- {path}\n{path.read_text(errors='replace')[-2500:]}", file=sys.stderr)

    # --- asking -------------------------------------------------------------------------

    def run(self, *command, check=True, **options):
        result = subprocess.run([str(word) for word in command], env=self.environment,
                                capture_output=True, timeout=PATIENCE_S, **options)
        if check and result.returncode != 0:
            raise DeskError(f"{' '.join(map(str, command))}: {result.returncode}: "
                            f"{result.stderr.decode(errors='replace')}")
        return result.stdout

    def ctl(self, *command):
        """redechoctl's answer to a question, decoded."""
        text = self.run(self.build / "compositor/ctl/redechoctl", "--json", *command)
        return json.loads(text) if text.strip() else None

    def command(self, *words):
        """Runs a command of the desk, as a binding would."""
        self.run(self.build / "compositor/ctl/redechoctl", "run", *words)

    def command_on(self, name, *words):
        """Runs a command of the desk on a machine's window."""
        self.until(lambda: self.window(name), f"window of {name}")
        self.command(*words, f"machine={name}")

    def machine(self, name):
        for machine in self.ctl("machines"):
            if machine["name"] == name:
                return machine
        return None

    def window(self, name):
        """The tile of a machine."""
        for window in self.ctl("windows"):
            if window.get("machine") == name:
                return window
        return None

    def until(self, question, what, patience_s=PATIENCE_S):
        """Asks until the answer is true, and returns it."""
        end = time.monotonic() + patience_s
        while True:
            answer = question()
            if answer:
                return answer
            if time.monotonic() > end:
                raise DeskError(f"no {what} within {patience_s} s")
            if self.process.poll() is not None:
                raise DeskError(f"redecho ended with {self.process.returncode} while waiting for {what}")
            time.sleep(0.05)

    # --- looking and typing -------------------------------------------------------------

    def picture(self, box=None):
        """The output's picture, or the part of it that box = (x, y, width, height) names."""
        place = ["-g", "{},{} {}x{}".format(*box)] if box else []
        return Picture.from_ppm(self.run("grim", "-t", "ppm", *place, "-"))

    def content(self, name):
        """What the machine's guest shows: the inside of its tile."""
        window = self.window(name)
        return self.picture(box_of(window["content"]))

    def wait_drawn(self, name, patience_s=PATIENCE_S):
        """Waits until the machine has drawn a frame that is not one colour."""
        def drawn():
            machine = self.machine(name)
            if machine and machine["state"] == "ended":
                raise DeskError(f"machine {name} ended: {machine.get('message')}")
            if not machine or machine["stage"] != "running":
                return None
            picture = self.content(name)
            return None if picture.one_colour() else picture
        return self.until(drawn, f"picture of {name}", patience_s)

    def wait_changed(self, name, before, patience_s=PATIENCE_S):
        """Waits until the machine shows something else than the picture before."""
        def changed():
            picture = self.content(name)
            return picture if picture.difference(before) else None
        return self.until(changed, f"change in {name}", patience_s)

    def wait_still(self, name, times=4):
        """Waits until the same picture was seen several times in a row."""
        state = {"picture": None, "seen": 0}

        def still():
            picture = self.content(name)
            same = state["picture"] is not None and picture.pixels == state["picture"].pixels
            state["seen"] = state["seen"] + 1 if same else 0
            state["picture"] = picture
            return picture if state["seen"] >= times else None
        return self.until(still, f"still picture of {name}")

    def type(self, *arguments):
        self.run("wtype", *arguments)

    def focus(self, name):
        self.command_on(name, "focus")
        self.until(lambda: self.window(name)["focused"], f"focus on {name}")


def answers(path):
    """Whether somebody listens on a unix socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True


def box_of(box):
    return box["x"], box["y"], box["width"], box["height"]


def pid_of(machine, key):
    """A process id among a machine's details."""
    text = machine["details"][key]
    if not re.fullmatch(r"[1-9][0-9]*", text):
        raise DeskError(f"{key} is {text!r}")
    return int(text)
