"""What the tests of whole desks share: one desk for a class, logs where a test fails."""

import pathlib
import sys
import unittest

from desk import Desk

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
KIT = BUILD / "guest-kit/programs"

# Colours that no default has; what has no focus keeps its colour.
CONFIG = """
label utility #c08020
label personal #2080c0
label linux #20a040
border {
    width 4
    dim 100
}
"""
COLOURS = {"utility": 0xc08020, "personal": 0x2080c0, "linux": 0x20a040}


def make_desk(config=CONFIG, accel="tcg", **options):
    desk = Desk(BUILD, **options)
    path = desk.runtime / "config.scfg"
    path.write_text(config)
    desk.arguments = ["--config", str(path), "--accel", accel,
                      "--vmd", str(BUILD / "vm-bridge/manager/redecho-vmd"),
                      "--bridge", str(BUILD / "vm-bridge/bridge/redecho-bridge"),
                      "--programs", str(SOURCE / "configs/programs"),
                      "--machines", str(KIT), "--machines", str(desk.machines)]
    return desk


class DeskTest(unittest.TestCase):
    """A desk for all tests of the class; its orderly exit leaves nothing behind."""

    config = CONFIG

    @classmethod
    def make_desk(cls):
        return make_desk(cls.config)

    @classmethod
    def setUpClass(cls):
        cls.desk = cls.make_desk()
        cls.addClassCleanup(cls.end_desk)
        try:
            cls.desk.start()
        except BaseException:
            cls.desk.show_logs()
            raise

    @classmethod
    def end_desk(cls):
        desk = cls.desk
        desk.stop()
        processes = desk.wait_processes()
        files = [str(path) for path in desk.runtime.glob("redecho-*/**/*")]
        log = desk.log()
        desk.__exit__(None, None, None)
        if processes or files:
            raise AssertionError(f"left behind: {processes} {files}\n{log}")

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            self.desk.show_logs()
        return result

    # --- steps --------------------------------------------------------------------------

    def ensure(self, program):
        """The program runs as a machine of its name, and has drawn."""
        machine = self.desk.machine(program)
        if machine is None or machine["state"] == "ended":
            if machine:
                self.dismiss(program)
            self.desk.command("spawn", program)
        return self.desk.wait_drawn(program)

    def dismiss(self, name):
        self.desk.command_on(name, "dismiss")
        self.desk.until(lambda: not self.desk.window(name), f"tile of {name} gone")

    def wait_ended(self, name):
        def ended():
            machine = self.desk.machine(name)
            return machine if machine and machine["state"] == "ended" else None
        return self.desk.until(ended, f"end of {name}")

    def assert_same(self, picture, oracle, what, tolerance=0):
        """The pictures are equal but for `tolerance` pixels; keeps them where they are not."""
        different = picture.difference(oracle)
        if different > tolerance:
            for name, shown in (("desk", picture), ("oracle", oracle)):
                path = pathlib.Path(f"{self.id()}-{name}.ppm")
                path.write_bytes(shown.to_ppm())
                print(f"kept {path.resolve()}", file=sys.stderr)
        self.assertLessEqual(different, tolerance, f"{what}: pixels differ")
