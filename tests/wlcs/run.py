#!/usr/bin/env python3
"""Run the Wayland conformance suite on the compositor and compare what came out with `expected`.

A test that fails and is not in `expected`, one that is in it and passes, one that is skipped for
the want of a protocol that is not in it: each of them is a failure here. What `expected` leaves out
is not run.

Usage: run.py --module FILE --polite FILE --suite FILE [--sanitizer FILE]... [--jobs N] [FILTER]

FILTER is a gtest filter: what it leaves out is not compared.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# What these tests are about is a client that does not wait.
RUDE = "XdgSurfaceStableTest.*"
LINE = re.compile(r"\[ *(RUN|OK|FAILED|SKIP) *\] ([^ ,(]+)(.*)")
MISSING = re.compile(r"Missing extension: (\w+)")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Of a run that hangs. The suite itself gives up on an event after ten seconds.
PATIENCE_S = 400


class Expected:
    """What `expected` says: names after a comment that gives the reason."""

    def __init__(self, path):
        self.failing, self.missing, self.left_out = {}, {}, {}
        reason = []
        begun = False
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            words = line.split()
            if line.startswith("#"):
                reason = [] if begun else reason
                begun = False
                reason.append(line.strip("# "))
            elif not words:
                reason, begun = [], False
            elif len(words) == 2 and words[0] in ("fail", "leave", "missing") and reason:
                begun = True
                table = {"fail": self.failing, "leave": self.left_out, "missing": self.missing}
                table[words[0]][words[1]] = " ".join(reason)
            else:
                sys.exit(f"{path}:{number}: not `fail TEST`, `leave PATTERN` or `missing PROTOCOL` "
                         "below a reason")


class Results:
    """What the suite says of each test, and what it wrote while it ran."""

    def __init__(self):
        self.outcome, self.output, self.lacks = {}, {}, {}

    def read(self, text):
        """Returns the name of a test that has begun and not ended, or None."""
        current = None
        for line in COLOURS.sub("", text).splitlines():
            match = LINE.match(line)
            if match is None:
                if current is not None:
                    self.output[current].append(line)
                    lacks = MISSING.search(line)
                    if lacks:
                        self.lacks.setdefault(current, set()).add(lacks[1])
                continue
            word, name, rest = match.groups()
            if word == "RUN":
                current = name
                self.output[name] = []
            elif "ms" in rest:
                self.outcome[name] = word
                current = None
        return current


def start(arguments, environment, gtest_filter, shard, shards, directory):
    runtime = pathlib.Path(directory, f"{shard}-{len(os.listdir(directory))}")
    runtime.mkdir(mode=0o700)
    environment = dict(environment, XDG_RUNTIME_DIR=str(runtime), GTEST_TOTAL_SHARDS=str(shards),
                       GTEST_SHARD_INDEX=str(shard))
    with open(runtime / "log", "wb") as log:
        return runtime / "log", subprocess.Popen(
            [arguments.suite, arguments.module, f"--gtest_filter={gtest_filter}"],
            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)


def run_suite(arguments, left_out):
    """Returns the results, and lines about processes that did not come to their end."""
    environment = dict(os.environ, WLR_BACKENDS="headless", WLR_RENDERER="pixman",
                       WLR_HEADLESS_OUTPUTS="1", REDECHO_WLCS_CONFIG=str(HERE / "config"),
                       LSAN_OPTIONS=f"suppressions={HERE / 'lsan.supp'}:print_suppressions=0")
    for name in ("WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"):
        environment.pop(name, None)
    rude = dict(environment, LD_PRELOAD=":".join(arguments.sanitizer))
    polite = dict(environment, LD_PRELOAD=":".join(arguments.sanitizer + [arguments.polite]))
    results, complaints = Results(), []
    with tempfile.TemporaryDirectory(prefix="re-wlcs-", dir="/tmp") as directory:
        chosen = ":".join([f"{arguments.filter}-{RUDE}", *left_out])
        runs = [start(arguments, polite, chosen, shard, arguments.jobs, directory)
                for shard in range(arguments.jobs)]
        if arguments.filter == "*":
            runs.append(start(arguments, rude, RUDE, 0, 1, directory))
        for log, process in runs:
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            text = log.read_text(encoding="utf-8", errors="replace")
            unfinished = results.read(text)
            # 1 is the suite's own word for tests that failed, but also for a library that it
            # cannot load.
            ended = process.returncode in (0, 1) and "test cases run" in text
            if unfinished is not None or not ended:
                complaints.append(f"the suite ended with {process.returncode} in {unfinished}:\n" +
                                  "\n".join(text.splitlines()[-60:]))
            elif "Sanitizer" in text or "runtime error:" in text:
                report = text[text.rfind("tests failed:"):]
                complaints.append(f"the suite ended with a report:\n{report[:20000]}")
    return results, complaints


def compare(results, expected, whole):
    """Yields a line for everything that is not as expected."""
    for name, outcome in sorted(results.outcome.items()):
        if outcome == "SKIP":
            # SelfTest tries what the suite makes of a skip.
            for lacks in results.lacks.get(name, set()) - expected.missing.keys():
                yield f"{name} was skipped: {lacks} is missing"
            if name not in results.lacks and not name.startswith("SelfTest."):
                yield f"{name} was skipped without a reason"
        elif outcome == "FAILED" and name not in expected.failing:
            yield f"{name} failed:\n    " + "\n    ".join(results.output[name][-40:])
        elif outcome == "OK" and name in expected.failing:
            yield f"{name} passed, but: {expected.failing[name]}"
    if whole:
        for name in sorted(expected.failing.keys() - results.outcome.keys()):
            yield f"{name} was not run"
        lacking = set().union(*results.lacks.values())
        for name in sorted(expected.missing.keys() - lacking):
            yield f"nothing was skipped for the want of {name}"


def main():
    parser = argparse.ArgumentParser()
    for option in ("--module", "--polite", "--suite"):
        parser.add_argument(option, required=True)
    parser.add_argument("--sanitizer", action="append", default=[], help="library to load first")
    parser.add_argument("--jobs", type=int, default=4, help="processes; most of the time they wait")
    parser.add_argument("filter", nargs="?", default="*")
    arguments = parser.parse_args()

    expected = Expected(HERE / "expected")
    results, complaints = run_suite(arguments, expected.left_out)
    complaints += compare(results, expected, arguments.filter == "*")
    for complaint in complaints:
        print(complaint)
    counts = {word: list(results.outcome.values()).count(word) for word in ("OK", "FAILED", "SKIP")}
    print(f"{counts['OK']} passed, {counts['FAILED']} failed, {counts['SKIP']} skipped, "
          f"{len(complaints)} not as expected")
    return 1 if complaints or not counts["OK"] else 0


if __name__ == "__main__":
    sys.exit(main())
