#!/usr/bin/env python3
"""A desk whose machines are looked after: what they use. Usage: manage_desk_test.py BUILD"""

import json
import re
import signal
import subprocess
import unittest

from desk import pid_of
from desk_test import BUILD, COLOURS, DeskTest

GUEST = BUILD / "tests/vm-bridge/manager/guest.elf"


class ManageDesk(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = super().make_desk()
        programs = desk.runtime / "programs"
        programs.mkdir()
        # It draws nothing: its tile stays a placeholder.
        (programs / "busy.scfg").write_text(
            f"program busy {{\n\tlabel untrusted\n\tkernel {GUEST}\n\tcmdline c\n\tmemory 16M\n}}\n")
        desk.arguments += ["--programs", str(programs)]
        return desk

    def top(self):
        """The machines by name, with their usage."""
        return {machine["name"]: machine for machine in self.desk.ctl("top", "--once")}

    def test_top_tells_load_memory_and_uptime(self):
        self.ensure("notes")
        self.desk.command("spawn", "busy")
        self.desk.until(lambda: self.desk.machine("busy")["details"].get("qemu-pid"), "QEMU of busy")
        self.desk.until(lambda: self.desk.machine("busy")["domain"] == "running", "busy runs")
        self.assertIsNone(self.desk.machine("busy")["usage"], "nobody asks")

        def under_load():
            machines = self.top()
            busy, notes = (machines[name]["usage"]["cpu_percent"] for name in ("busy", "notes"))
            return machines if busy > 25 and notes < busy / 2 else None
        machines = self.desk.until(under_load, "load of busy")
        usage = machines["busy"]["usage"]
        self.assertLess(usage["cpu_percent"], 250)
        # QEMU takes some 40 MB beside the guest's memory; what is not touched takes none.
        self.assertTrue(10 << 20 < usage["memory_bytes"] < 400 << 20, usage)
        self.assertEqual(machines["busy"]["details"]["devices"], "gpu keyboard tablet mouse")
        later = self.top()["busy"]["usage"]
        self.assertGreaterEqual(later["uptime_ms"], usage["uptime_ms"] + 400)
        self.assertGreater(later["cpu_ms"], usage["cpu_ms"])
        self.assertIsNone(self.desk.machine("busy")["usage"], "nobody asks any more")

        # For people: a table, and one after the other where it is no terminal.
        text = self.desk.run(BUILD / "compositor/ctl/redechoctl", "top", "--once").decode()
        self.assertRegex(text, r"\nbusy +untrusted +\w+ +\d+\.\d +\d+M +16M +\d+s +gpu keyboard tablet mouse\n")
        top = subprocess.Popen([BUILD / "compositor/ctl/redechoctl", "--json", "top"],
                               env=self.desk.environment, stdout=subprocess.PIPE, text=True)
        first, second = (json.loads(top.stdout.readline()) for _ in range(2))
        top.send_signal(signal.SIGTERM)
        top.stdout.close()
        top.wait()
        names = [machine["name"] for machine in second]
        self.assertEqual(names, [machine["name"] for machine in first])
        self.assertIn("busy", names)
        self.desk.until(lambda: self.desk.machine("busy")["usage"] is None, "end of the measurements")

        # Measured by the next compositor, too, which has found the machines there.
        qemu = pid_of(self.desk.machine("busy"), "qemu-pid")
        self.desk.process.send_signal(signal.SIGKILL)
        self.desk.process.wait()
        self.desk.start()
        self.desk.until(lambda: (machine := self.desk.machine("busy")) and machine["details"].get("qemu-pid"),
                        "busy after the restart")
        self.assertEqual(pid_of(self.desk.machine("busy"), "qemu-pid"), qemu)
        again = self.desk.until(lambda: self.top()["busy"]["usage"], "usage of busy after the restart")
        self.assertGreater(again["uptime_ms"], later["uptime_ms"])
        self.assertTrue(re.search(r"^busy ", self.desk.run(
            BUILD / "compositor/ctl/redechoctl", "top", "--once").decode(), re.M))
        self.desk.command_on("busy", "kill")
        self.desk.until(lambda: self.desk.machine("busy") is None, "end of busy")

    def test_the_label_is_seen_in_full_screen(self):
        self.ensure("notes")
        self.desk.focus("notes")
        self.desk.command("fullscreen", "on")
        output = self.desk.ctl("outputs")[0]["box"]
        content = self.desk.window("notes")["content"]
        self.assertEqual((content["x"], content["y"], content["width"], content["height"]),
                         (0, 4, output["width"], output["height"] - 4))
        colour = COLOURS["personal"]

        def strip_of(height):
            picture = self.desk.picture((0, 0, output["width"], height))
            return picture.colours().keys() == {colour}
        # First the bar with the name; it goes, and leaves the strip.
        self.desk.until(lambda: strip_of(4), "strip")
        self.desk.until(lambda: not strip_of(5), "picture of notes below the strip")
        self.desk.wait_still("notes")
        below = self.desk.picture((0, 4, output["width"], 30))
        self.desk.command("identify")
        bar = self.desk.picture((0, 4, output["width"], 15))
        self.assertGreater(bar.colours().get(colour, 0), output["width"] * 10)
        self.desk.until(lambda: self.desk.picture((0, 4, output["width"], 30)).difference(below) == 0,
                        "end of the bar")
        self.desk.command("fullscreen", "off")

    # --- pausing ------------------------------------------------------------------------

    def pause(self, name):
        self.desk.command_on(name, "pause")
        self.desk.until(lambda: self.desk.machine(name)["state"] == "paused", f"pause of {name}")

    def resume(self, name):
        self.desk.command_on(name, "resume")
        self.desk.until(lambda: self.desk.machine(name)["state"] == "running", f"{name} going on")

    def seconds(self, name, seconds):
        """Waits until the machine is older by so many seconds."""
        def uptime():
            usage = self.top()[name]["usage"]
            return usage["uptime_ms"] if usage else 0
        end = uptime() + seconds * 1000
        self.desk.until(lambda: uptime() > end, f"{seconds} s of {name}")

    def test_a_paused_machine_stands_still_and_then_goes_on(self):
        self.ensure("clock")
        for _ in range(2):  # also when it has been done once
            self.pause("clock")
            covered = self.desk.content("clock")
            self.seconds("clock", 2.2)
            self.assertEqual(self.desk.content("clock").difference(covered), 0, "it stands still")
            load = self.top()["clock"]["usage"]
            self.assertLess(load["cpu_percent"], 15)
            self.resume("clock")
            picture = self.desk.wait_changed("clock", covered)
            for _ in range(2):
                picture = self.desk.wait_changed("clock", picture)

    def test_no_key_sticks_in_a_machine_that_was_paused(self):
        self.ensure("notes")
        self.desk.focus("notes")
        picture = self.desk.wait_still("notes")
        # A key goes down, and comes up while the machine stands still.
        held = subprocess.Popen(["wtype", "-P", "a", "-s", "600000", "-p", "a"],
                                env=self.desk.environment)
        try:
            for _ in range(3):  # until it repeats
                picture = self.desk.wait_changed("notes", picture)
            self.pause("notes")
        finally:
            held.kill()  # its keyboard goes with it, and with that the key
            held.wait()
        self.desk.type("nobody reads this")
        self.resume("notes")
        with_a = self.desk.wait_still("notes", times=12)
        # What repeats would be repeated by now; and the next key does what it always does.
        self.desk.type("b")
        self.desk.wait_changed("notes", with_a)
        with_b = self.desk.wait_still("notes")
        self.desk.type("-k", "BackSpace")
        self.desk.wait_changed("notes", with_b)
        self.assertEqual(self.desk.wait_still("notes").difference(with_a), 0)

    def test_a_paused_machine_can_be_ended_and_started_again(self):
        self.ensure("notes")
        window = self.desk.window("notes")["id"]
        self.pause("notes")
        self.desk.command_on("notes", "restart")
        self.desk.until(lambda: self.desk.machine("notes")["stage"] != "running", "restart of notes")
        self.desk.wait_drawn("notes")
        self.assertEqual(self.desk.window("notes")["id"], window)
        self.pause("notes")
        self.desk.command_on("notes", "power-off")
        self.desk.until(lambda: not self.desk.window("notes"), "tile gone")
        self.assertIn("notes ended: shutdown", self.desk.log())


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
