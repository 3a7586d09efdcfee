#!/usr/bin/env python3
"""An input method writes into a real program: foot. Usage: method_desk_test.py BUILD"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))
from client import Client  # noqa: E402
from desk import Desk  # noqa: E402
from desk_test import BUILD, DeskTest  # noqa: E402

TEXT = "Grüße, 世界"


class Method(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = Desk(BUILD)
        path = desk.runtime / "config.scfg"
        path.write_text("")
        desk.arguments = ["--no-machines", "--config", str(path)]
        return desk

    def test_foot(self):
        path = self.desk.runtime / "read"
        foot = self.enterContext(Client(
            self.desk, "foot", "sh", "-c", f"IFS= read -r line; printf %s \"$line\" > {path}; sleep 60"))
        self.desk.command("focus", f"window={foot.window()['id']}")
        foot.wait(r"zwp_text_input_v3#\d+\.enter")
        self.desk.run(BUILD / "tests/compositor/write_text", TEXT)
        foot.wait(r"zwp_text_input_v3#\d+\.commit_string\(")
        self.desk.type("-k", "Return")
        self.desk.until(lambda: path.exists() and path.read_text(encoding="utf-8") == TEXT,
                        "the text in foot")


if __name__ == "__main__":
    unittest.main(verbosity=2)
