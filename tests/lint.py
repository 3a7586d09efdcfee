#!/usr/bin/env python3
"""Checks that no formatter makes: sizes of files and functions, and what the texts may not say.

Usage: lint.py CHECKOUT
"""

import pathlib
import re
import subprocess
import sys

C_FILE_LINES = 600
HEADER_LINES = 250
FUNCTION_LINES = 60
# A longer function explains itself with a comment that says so.
EXPLAINED = "This function is long"
MIRROR = re.compile(r"https?://[\w.-]*(debian|ubuntu|mirror)[\w.-]*\.(org|net|com)")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|home)/\w+")


def tracked(checkout):
    names = subprocess.run(["git", "-C", checkout, "ls-files", "-co", "--exclude-standard"],
                           check=True, capture_output=True, text=True).stdout
    return [pathlib.Path(checkout, name) for name in names.splitlines()]


def functions(lines):
    """Yield (first line, length) of each function body: it opens with `{` at a line's end on
    column 0 text and closes with `}` on column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        if re.match(r"^[A-Za-z_].*\)\s*\{$", line) or re.match(r"^\t+[^;]*\)\s*\{$", line) and \
                start is None and number > 1 and re.match(r"^[A-Za-z_][^;{}]*[,(]$", lines[number - 2]):
            start = number
        elif line == "}" and start is not None:
            yield start, number - start + 1
            start = None


def check_c(path, text, complain):
    lines = text.splitlines()
    limit = HEADER_LINES if path.suffix == ".h" else C_FILE_LINES
    if len(lines) > limit:
        complain(path, 1, f"{len(lines)} lines, more than {limit}")
    for start, length in functions(lines):
        body = "\n".join(lines[max(0, start - 12):start + 5])
        if length > FUNCTION_LINES and EXPLAINED not in body:
            complain(path, start, f"a function of {length} lines, more than {FUNCTION_LINES}")


def main():
    problems = []

    def complain(path, line, what):
        problems.append(f"{path}:{line}: {what}")

    for path in tracked(sys.argv[1]):
        if not path.is_file() or path.suffix in (".png",):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix in (".c", ".h"):
            check_c(path, text, complain)
        for number, line in enumerate(text.splitlines(), 1):
            if MIRROR.search(line):
                complain(path, number, "names a package mirror")
            if path.name != "lint.py" and MACHINE_PATH.search(line):
                complain(path, number, "names a path of one machine")
            if line.rstrip() != line and path.suffix != ".md":
                complain(path, number, "white space at the end of the line")
    print("\n".join(problems) or "lint: nothing to say")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
