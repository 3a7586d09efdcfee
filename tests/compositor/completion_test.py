#!/usr/bin/env python3
"""What bash, zsh and fish offer after redechoctl and redecho, beside a real desk.

Usage: completion_test.py REDECHO REDECHOCTL SOURCE
"""

import os
import pty
import re
import select
import subprocess
import sys
import time
import unittest

from ctl_test import PATIENCE_S, REDECHO, REDECHOCTL, SOURCE, Desk

FOLDER = SOURCE / "configs/completions"
BASH = """
for file in /usr/share/bash-completion/bash_completion; do [ ! -r "$file" ] || . "$file"; done
. "$1"
COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
shift
COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
"_$1"
printf '%s\\n' "${COMPREPLY[@]}"
"""


class Shell(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.desk = Desk()
        cls.addClassCleanup(cls.desk.stop)
        cls.environment = dict(cls.desk.environment, HOME=str(cls.desk.folder), TERM="dumb",
                               PATH=f"{REDECHOCTL.parent}:{REDECHO.parent}:{os.environ['PATH']}")

    def bash(self, *words):
        text = subprocess.run(["bash", "-c", BASH, "bash", FOLDER / f"{words[0]}.bash", *words],
                              env=self.environment, capture_output=True, text=True, check=True,
                              timeout=PATIENCE_S).stdout
        return text.split()

    def fish(self, *words):
        line = " ".join(words)
        text = subprocess.run(["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]",
                               FOLDER / f"{words[0]}.fish", line],
                              env=self.environment, capture_output=True, text=True, check=True,
                              timeout=PATIENCE_S).stdout
        return [entry.split("\t")[0] for entry in text.splitlines()]

    def zsh(self, line):
        """What is on the command line after a Tab."""
        pid, fd = pty.fork()
        if pid == 0:
            os.execvpe("zsh", ["zsh", "-f", "-i"], self.environment)
        try:
            setup = (f"unsetopt zle_bracketed_paste; PS1='>'; fpath=('{FOLDER}' $fpath); "
                     f"autoload -U compinit; compinit -u -d {self.desk.folder}/dump; echo rea''dy\n")
            os.write(fd, setup.encode())
            self.read_until(fd, r"ready\r?\n")
            os.write(fd, f"{line}\t".encode())
            # The completed word is followed by a blank.
            return self.read_until(fd, re.escape(line) + r"(\S+) ").group(1)
        finally:
            os.close(fd)
            os.waitpid(pid, 0)

    def read_until(self, fd, pattern):
        text, end = "", time.monotonic() + PATIENCE_S
        while True:
            found = re.search(pattern, text)
            if found:
                return found
            ready, _, _ = select.select([fd], [], [], max(0, end - time.monotonic()))
            self.assertTrue(ready, f"no {pattern} in {text!r}")
            text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", os.read(fd, 4096).decode(errors="replace"))

    # --- redechoctl ---------------------------------------------------------------------

    def complete(self, *words):
        text = self.desk.ctl("--complete", *words)
        self.assertEqual(text.returncode, 0)
        return text.stdout.split()

    def test_words(self):
        first = self.complete("")
        for word in ("outputs", "top", "run", "focus", "close"):
            self.assertIn(word, first)
        self.assertEqual(self.complete("--j"), ["--json"])
        self.assertEqual(self.complete("--json", "machi"), ["machines"])
        self.assertNotIn("outputs", self.complete("run", ""))
        self.assertEqual(self.complete("focus", "le"), ["left"])
        self.assertEqual(self.complete("run", "layout", "toggle", "a"), ["all"])
        self.assertEqual(self.complete("resize", "grow", "he"), ["height"])
        self.assertEqual(self.complete("output", "HEADLESS-"), ["HEADLESS-1"])
        self.assertEqual(self.complete("output", "HEADLESS-1", "sca"), ["scale"])
        self.assertEqual(self.complete("move", "workspace", ""), ["1", "to"])
        self.assertEqual(self.complete("frobnicate", ""), [])
        self.assertEqual(self.complete("exec", "l"), [])

    def test_without_a_desk(self):
        environment = dict(self.environment, REDECHO_SOCKET="/nowhere")
        text = subprocess.run([REDECHOCTL, "--complete", "o"], env=environment, capture_output=True,
                              text=True, check=True, timeout=PATIENCE_S).stdout
        self.assertEqual(text.split(), ["outputs"])

    def test_shells(self):
        self.assertEqual(self.bash("redechoctl", "work"), ["workspaces", "workspace"])
        self.assertEqual(self.bash("redechoctl", "focus", "le"), ["left"])
        self.assertEqual(self.fish("redechoctl", "work"), ["workspace", "workspaces"])
        self.assertEqual(self.fish("redechoctl", "focus", "le"), ["left"])
        self.assertEqual(self.zsh("redechoctl focus le"), "ft")

    # --- redecho ------------------------------------------------------------------------

    def test_options(self):
        usage = subprocess.run([REDECHO, "--help"], capture_output=True, text=True, check=True,
                               timeout=PATIENCE_S).stdout
        options = set(re.findall(r"--[a-z-]+(?=[ ,])", usage)) - {"--debug."}
        self.assertGreater(len(options), 12)
        self.assertEqual(set(self.bash("redecho", "--")), options)
        self.assertEqual(set(self.fish("redecho", "--")), options)
        self.assertEqual(self.bash("redecho", "--accel", "k"), ["kvm"])
        self.assertEqual(self.fish("redecho", "--accel", "k"), ["kvm"])
        self.assertEqual(self.zsh("redecho --no-ma"), "chines")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
