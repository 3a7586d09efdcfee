#!/usr/bin/env python3
"""Print the names of the tests that ./dev test runs, one a line.

Usage: choose.py BUILD [--slow | --quick] [PATTERN]

PATTERN is part of a test's name, or a glob for the whole of it. --slow adds the suite slow,
--quick leaves out the suite machine.
"""

import argparse
import fnmatch
import json
import pathlib
import sys


def fits(test, pattern):
    name = test["name"]
    return not pattern or pattern in name or fnmatch.fnmatchcase(name, pattern)


def main():
    parser = argparse.ArgumentParser(prog="./dev test", add_help=False)
    speed = parser.add_mutually_exclusive_group()
    speed.add_argument("--slow", action="store_true")
    speed.add_argument("--quick", action="store_true")
    parser.add_argument("pattern", nargs="?")
    build = pathlib.Path(sys.argv[1])
    arguments = parser.parse_args(sys.argv[2:])

    left_out = set() if arguments.slow else {"slow", "machine"} if arguments.quick else {"slow"}
    tests = json.loads((build / "meson-info/intro-tests.json").read_text(encoding="utf-8"))
    fitting = [test for test in tests if fits(test, arguments.pattern)]
    if not fitting:
        sys.exit(f"dev: no test is called like '{arguments.pattern}'")
    chosen = []
    for test in fitting:
        # Meson writes a suite as PROJECT:SUITE.
        if not left_out & {suite.split(":")[-1] for suite in test["suite"]}:
            chosen.append(test["name"])
    if not chosen:
        sys.exit(f"dev: what is called like '{arguments.pattern}' is slow: add --slow")
    print("\n".join(dict.fromkeys(chosen)))


if __name__ == "__main__":
    sys.exit(main())
