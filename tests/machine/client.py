"""Real Wayland programs as clients of a desk under test."""

import re
import subprocess

from desk import PATIENCE_S, DeskError


class Client:
    """A program that runs on a desk, with what it said and heard; use as a context manager."""

    def __init__(self, desk, *words, environment=None, stdin=subprocess.DEVNULL):
        self.desk = desk
        self.words = [str(word) for word in words]
        self.environment = {**desk.environment, "WAYLAND_DEBUG": "1", **(environment or {})}
        self.stdin = stdin
        self.process = None
        self.path = None

    def __enter__(self):
        count = len(list(self.desk.runtime.glob("client-*.log")))
        self.path = self.desk.runtime / f"client-{count}.log"
        with open(self.path, "wb") as log:
            self.process = subprocess.Popen(self.words, env=self.environment, stdin=self.stdin,
                                            stdout=log, stderr=log)
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log(self):
        """What it printed, and each request (after ->) and event, as libwayland writes them."""
        text = self.path.read_text(errors="replace")
        return re.sub(r"^\[[ \d.:]+\] ({.*?} +)?", "", text, flags=re.M)

    def saw(self, pattern):
        return re.search(pattern, self.log(), re.M)

    def wait(self, *patterns):
        """Waits until each of the patterns is in the log; returns the last match."""
        match = None
        for pattern in patterns:
            def seen(pattern=pattern):
                if self.process.poll() is not None and not self.saw(pattern):
                    raise DeskError(f"{self.words[0]} ended with {self.process.returncode} before "
                                    f"{pattern}:\n{self.log()[-3000:]}")
                return self.saw(pattern)
            try:
                match = self.desk.until(seen, f"{pattern} from {self.words[0]}")
            except DeskError as error:
                raise DeskError(f"{error}\n{self.log()[-3000:]}") from None
        return match

    def wait_end(self):
        """Waits for its end; fails unless it is content."""
        status = self.process.wait(PATIENCE_S)
        if status != 0:
            raise DeskError(f"{self.words[0]} ended with {status}:\n{self.log()[-3000:]}")

    def window(self):
        """Waits for its window, which is the one of its process."""
        def find():
            for window in self.desk.ctl("windows"):
                if window.get("pid") == self.process.pid:
                    return window
            return None
        return self.desk.until(find, f"window of {self.words[0]}")
