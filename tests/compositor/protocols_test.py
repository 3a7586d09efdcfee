#!/usr/bin/env python3
"""docs/protocols.md against a running desk: every global that it offers has a row, every row a
global, with the same version and for the same clients; every row's test is there.

Usage: protocols_test.py GLOBALS_DUMP SOURCE BUILD
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

DUMP, SOURCE, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
COLUMNS = ["Global", "Version", "Seen by", "Proof", "Test", "Client"]
KINDS = {"public", "security-context", "bridge"}
PROOFS = {"headless", "session", "hardware"}
# Not with the pixman renderer, which the desk of this test has.
NEED_GPU = {"zwp_linux_dmabuf_v1"}


class Row:
    def __init__(self, cells):
        self.cells = dict(zip(COLUMNS, cells))
        self.name = self.cells["Global"].strip("`")
        self.version = self.cells["Version"]
        self.seen_by = set(self.cells["Seen by"].split(", "))
        self.proof = self.cells["Proof"]
        self.test = self.cells["Test"].strip("`")


def read_rows():
    lines = (SOURCE / "docs/protocols.md").read_text(encoding="utf-8").splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")]
             for line in lines if line.startswith("|")]
    if table[0] != COLUMNS or not all(re.fullmatch("-+", cell) for cell in table[1]):
        raise ValueError(f"the table begins with {table[:2]}")
    if not all(len(cells) == len(COLUMNS) for cells in table):
        raise ValueError("rows of different length")
    return [Row(cells) for cells in table[2:]]


def dump_globals():
    """{kind of client: {global: version}} of a desk with the pixman renderer."""
    text = subprocess.run([DUMP], check=True, capture_output=True, text=True, timeout=60).stdout
    kinds = {}
    for line in text.splitlines():
        kind, name, version = line.split()
        kinds.setdefault(kind, {})[name] = version
    return kinds


class ProtocolsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = read_rows()
        cls.globals = dump_globals()

    def test_shape(self):
        names = [row.name for row in self.rows]
        self.assertEqual(names, sorted(set(names)), "the rows are in the order of their names")
        for row in self.rows:
            with self.subTest(row.name):
                self.assertRegex(row.cells["Global"], r"^`[a-z0-9_]+`$")
                self.assertLessEqual(row.seen_by, KINDS)
                self.assertIn(row.proof, PROOFS)
                self.assertTrue(row.cells["Client"])

    def test_globals(self):
        self.assertLessEqual({"public", "bridge"}, self.globals.keys())
        for kind, offered in self.globals.items():
            rows = {row.name: row for row in self.rows if kind in row.seen_by}
            self.assertEqual(offered.keys() - rows.keys(), set(), f"{kind}: without a row")
            missing = {name for name in rows.keys() - offered.keys()
                       if rows[name].proof != "hardware" and name not in NEED_GPU}
            self.assertEqual(missing, set(), f"{kind}: rows of what is not offered")
            for name, version in offered.items():
                self.assertEqual(rows[name].version, version, name)

    def test_proofs(self):
        tests = json.loads((BUILD / "meson-info/intro-tests.json").read_text(encoding="utf-8"))
        names = {test["name"] for test in tests}
        for row in self.rows:
            with self.subTest(row.name):
                if row.proof == "hardware":
                    self.assertEqual(row.test, "-")
                else:
                    self.assertIn(row.test, names)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
