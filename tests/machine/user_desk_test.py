#!/usr/bin/env python3
"""A user who does anything, 500 times, on a desk with two real machines and programs of the host.
Usage: user_desk_test.py BUILD

What is done follows from USER_DESK_SEED alone (1 without). The bridges tell what they hear: each
runs with WAYLAND_DEBUG, its words in a file of its own.
"""

import collections
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import unittest

from desk_test import BUILD, CONFIG, DeskTest, make_desk
from mouse import Mouse

ACTIONS = 500
MACHINES = ("clock", "clock-2")
SIZE = (1280, 720)
DESK = CONFIG + """
locker "swaylock -c 204060"
unbind Mod+Shift+e
unbind Mod+Shift+q
unbind Mod+Ctrl+q
unbind Mod+Shift+r
unbind Mod+Return
unbind Mod+n
unbind Mod+c
unbind Mod+Shift+x
"""
CONFIGS = (DESK, DESK + "gaps inner 8\nfocus-follows-pointer yes\n",
           DESK + "default-layout tabbed\n", DESK + "rule {\n\tmatch kind host\n\tfloating yes\n}\n")
COMMANDS = """focus left|focus right|focus parent|focus child|focus last|focus older
focus mode-toggle|move left|move right|move up|move workspace 1|move workspace 2|move workspace mail
move position -500 4000|move position center|workspace 1|workspace 2|workspace next|workspace mail
workspace back-and-forth|rename workspace to other|split vertical|split toggle|layout tabbed
layout stacked|layout toggle all|layout horizontal|resize left 40|resize grow width 40|balance
fullscreen|fullscreen off|floating|sticky|scratchpad move|scratchpad show|gaps inner 12|gaps inner 0
border toggle|pointer-mode|passthrough|pause toggle|hotkeys|launcher|mode resize|mode default
identify|urgent|move output next|move workspace to output next"""
COMMANDS = [line for row in COMMANDS.splitlines() for line in row.split("|")]
OUTPUTS = ("output create side 640x480", "output side remove", "output active scale 1.25",
           "output * scale 1", "output active transform 90", "output * transform normal",
           "output active mode 1024x768", "output * reset", "output * power off",
           "output * power on")
CHORDS = ("h", "l", "Left", "Right", "f", "b", "v", "e", "w", "s", "a", "space", "minus", "1", "2",
          "Tab", "grave", "x", "p", "i", "Page_Down")
# What a bridge heard of its keyboard and its pointer.
HEARD = re.compile(r"wl_(keyboard|pointer)#\d+\.(enter|leave|key|button)\(([^)]*)\)")


class Heard:
    """What a bridge has heard so far, from its file."""

    def __init__(self, path):
        self.held, self.taps, self.mistakes = set(), [], []
        for device, event, arguments in HEARD.findall(path.read_text(errors="replace")):
            if event in ("enter", "leave"):
                # Of a press before the enter a machine knows nothing.
                self.held = {entry for entry in self.held if entry[0] != device}
                continue
            code, state = (int(word) for word in arguments.split(",")[2:4])
            if state == 1:
                self.mistakes += [(device, code, "down twice")] * ((device, code) in self.held)
                self.held.add((device, code))
            else:
                self.held.discard((device, code))
                self.taps.append(code)


class User(DeskTest):
    @classmethod
    def make_desk(cls):
        desk = make_desk(DESK)
        wrapper = desk.runtime / "bridge"
        wrapper.write_text(f'#!/bin/sh\nexport WAYLAND_DEBUG=client\nexec "{BUILD}/vm-bridge/bridge/'
                           f'redecho-bridge" "$@" 2>"{desk.runtime}/bridge.$$.heard"\n')
        wrapper.chmod(0o755)
        desk.arguments[desk.arguments.index("--bridge") + 1] = str(wrapper)
        cls.config_path = desk.runtime / "config.scfg"
        return desk

    # --- what is done ---------------------------------------------------------------------

    def try_command(self, line):
        """Some cannot be done where nothing fits; that is told, and no more."""
        subprocess.run([str(BUILD / "compositor/ctl/redechoctl"), "run", *line.split()],
                       env=self.desk.environment, capture_output=True, timeout=60, check=False)

    def act_command(self):
        self.try_command(self.chance.choice(COMMANDS))

    def act_output(self):
        self.try_command(self.chance.choice(OUTPUTS))

    def act_type(self):
        self.desk.type("".join(self.chance.choices("abc 123", k=3)))

    def act_chord(self):
        extra = self.chance.choice(([], ["-M", "shift"], ["-M", "ctrl"]))
        self.desk.type("-M", "logo", *extra, "-k", self.chance.choice(CHORDS))

    def act_hold(self):
        """A key that is down while something else happens."""
        self.desk.type("-P", "a", "-M", "logo", "-k", self.chance.choice(CHORDS), "-p", "a")

    def act_escape(self):
        self.desk.type("-k", "Escape")

    def act_mouse(self):
        self.mouse.move(self.chance.randrange(SIZE[0]), self.chance.randrange(SIZE[1]))

    def act_button(self):
        if self.button:
            self.mouse.release(self.button)
            self.button = None
        else:
            self.button = self.chance.choice(("left", "left", "right", "middle"))
            self.mouse.button(self.button, True)

    def act_drag(self):
        if not self.button:
            places = [(self.chance.randrange(SIZE[0]), self.chance.randrange(SIZE[1])) for _ in "ab"]
            self.mouse.drag(*places)

    def act_scroll(self):
        self.mouse.scroll(self.chance.choice((-1, 1)))

    def act_window(self):
        if self.windows and self.chance.random() < 0.5:
            self.end(self.windows.pop())
        elif len(self.windows) < 2:
            self.windows.append(subprocess.Popen(
                ["foot", "sleep", "1000"], env=self.desk.environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def act_machine(self):
        """A third one comes and is ended."""
        machine = self.desk.machine("notes")
        self.try_command("kill machine=notes" if machine else "spawn notes")

    def act_configure(self):
        self.config_path.write_text(self.chance.choice(CONFIGS))
        self.desk.command("reload")

    def act_lock(self):
        self.desk.command("lock")
        self.desk.until(lambda: self.desk.ctl("session")["locked"], "lock")
        self.try_command(self.chance.choice(COMMANDS))
        self.act_mouse()
        self.unlock()

    def unlock(self):
        """One that has just begun dies of the signal, and another one is started."""
        asked = set()

        def unlocked():
            for pid, command in self.desk.processes():
                if command.startswith("swaylock") and pid not in asked and self.handles(pid):
                    os.kill(pid, signal.SIGUSR1)
                    asked.add(pid)
            return not self.desk.ctl("session")["locked"]
        self.desk.until(unlocked, "end of the lock")

    def handles(self, pid):
        try:
            status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        except OSError:
            return False
        caught = int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16)
        return bool(caught >> (signal.SIGUSR1 - 1) & 1)

    def end(self, process):
        process.kill()
        process.wait()

    # --- what holds -----------------------------------------------------------------------

    def check(self):
        windows, spaces = self.desk.ctl("windows"), self.desk.ctl("workspaces")
        names = [space["name"] for space in spaces]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual(sum(window["focused"] for window in windows), 1)
        for name in MACHINES:
            self.assertEqual(len([w for w in windows if w.get("machine") == name]), 1, name)
            self.assertIn(self.desk.machine(name)["state"], ("running", "paused"))
        for window in windows:
            self.assertTrue(window["workspace_name"] in names or window["scratchpad"] is not None,
                            window)

    def files(self):
        """What the compositor has open, but for the buffers of screens, and wlroots' one device."""
        links = []
        for path in pathlib.Path(f"/proc/{self.desk.process.pid}/fd").iterdir():
            try:
                links.append(os.readlink(path))
            except OSError:
                pass  # closed meanwhile
        return collections.Counter(re.sub(r"\d+", "N", link) for link in links
                                   if not link.startswith(("/dev/shm/", "/dev/urandom", "/memfd:")))

    def come_to_rest(self):
        if self.button:
            self.act_button()
        while self.windows:
            self.end(self.windows.pop())
        if self.desk.machine("notes"):
            self.desk.command("kill", "machine=notes")
        self.config_path.write_text(DESK)
        for line in ("reload", "output * enable", "output side remove", "output * reset",
                     "output * power on", "passthrough off", "mode default"):
            self.try_command(line)
        self.desk.type("-k", "Escape")
        self.desk.until(lambda: len(self.desk.ctl("windows")) == len(MACHINES), "the two machines")

    def heard(self, name):
        pid = self.desk.machine(name)["details"]["bridge-pid"]
        return Heard(self.desk.runtime / f"bridge.{pid}.heard")

    def running(self, name):
        self.try_command(f"resume machine={name}")
        return self.desk.machine(name)["state"] == "running"

    def check_machines(self):
        for name in MACHINES:
            self.desk.until(lambda: self.running(name), f"{name} to run")
            self.desk.focus(name)
            # Wherever it was put, all of it is seen.
            self.desk.command("fullscreen", "on")
            heard = self.heard(name)
            self.assertEqual((heard.held, heard.mistakes), (set(), []), name)
            self.desk.type("g")
            self.desk.until(lambda: len(self.heard(name).taps) > len(heard.taps), f"key in {name}")
            self.assertEqual(self.heard(name).held, set(), name)
            # It draws, too: the hands of the clock go on.
            self.desk.wait_changed(name, self.desk.wait_drawn(name))
            self.desk.command("fullscreen", "off")

    def live(self, len_actions):
        table = ((self.act_command, 30), (self.act_type, 8), (self.act_chord, 14),
                 (self.act_hold, 4), (self.act_escape, 2), (self.act_mouse, 10),
                 (self.act_button, 8), (self.act_drag, 6), (self.act_scroll, 3),
                 (self.act_window, 5), (self.act_output, 4), (self.act_machine, 1),
                 (self.act_configure, 1), (self.act_lock, 1))
        acts, weights = zip(*table)
        for number in range(len_actions):
            act = self.chance.choices(acts, weights)[0]
            try:
                act()
                if number % 10 == 0:
                    self.check()
            except BaseException as error:
                error.add_note(f"seed {self.seed}, action {number}: {act.__name__}")
                raise
        self.come_to_rest()
        self.check()

    def test_user(self):
        self.seed = int(os.environ.get("USER_DESK_SEED", "1"))
        self.chance = random.Random(self.seed)
        self.button, self.windows = None, []
        for name in MACHINES:
            self.desk.command("spawn", "clock")
            self.desk.wait_drawn(name)
        bridges = {name: self.desk.machine(name)["details"]["bridge-pid"] for name in MACHINES}
        with Mouse(self.desk, *SIZE) as self.mouse:
            self.live(ACTIONS // 10)  # what is opened but once is open after this
            files = self.files()
            self.live(ACTIONS)
            # What has just been closed may take a moment.
            self.desk.until(lambda: not self.files() - files,
                            f"closing of files: {self.files()}, and before {files}")
            self.check_machines()
        self.assertEqual({name: self.desk.machine(name)["details"]["bridge-pid"]
                          for name in MACHINES}, bridges, json.dumps(self.desk.ctl("machines")))
        self.assertNotIn("Sanitizer", self.desk.log())


if __name__ == "__main__":
    unittest.main()
