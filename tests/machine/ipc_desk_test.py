#!/usr/bin/env python3
"""redecho-ipc(7) is true: its objects, its events, its requests. Usage: ipc_desk_test.py BUILD"""

import json
import queue
import re
import socket
import subprocess
import threading
import unittest

from desk import PATIENCE_S
from desk_test import BUILD, CONFIG, SOURCE, DeskTest, make_desk

PAGE = (SOURCE / "docs/redecho-ipc.7.scd").read_text()

# What stands in a paragraph on an object like a member, and is a value.
VALUES = {
    "Output": {"background", "bottom", "top", "overlay", "auto", "off"},
    "Workspace": {"3", "3:web", "mail", "horizontal", "vertical", "tabbed", "stacked"},
    "Window": {"grim -T", "host", "normal", "pixel", "none", "photo", "video", "game"},
    "Machine": {"starting", "booting", "running", "paused", "stopping", "ended", "shutdown", "destroyed",
                "crashed", "panicked", "bridge_died", "start_failed", "absolute", "relative", "redecho-vmd"},
    "Session": set(), "Program": set(), "Command": set(),
    "Seat": {"default"},
}
# Not there on a headless desk: modes, what is in a sandbox, and a limit, which is systemd's.
ELSEWHERE = {"Output": {"preferred", "current"}, "Window": {"engine", "instance_id"},
             "Machine": {"memory-max-bytes"}}
# Facts of a machine, and settings of a device, are named by others; a kind of box is told once.
OPEN_MEMBERS = {"details", "settings", "box", "content", "usable"}


def paragraph(name):
    """The page's words in stars on an object."""
    text = re.search(rf"^\*{name}\*: (.*?)\n\n", PAGE, re.M | re.S).group(1)
    return {word.replace("\\", "") for word in re.findall(r"(?<![\w\\])\*([^*\n]+)\*", text)}


def members(value):
    """The names of all members of a value, and of what is in it."""
    if isinstance(value, list):
        return set().union(*map(members, value))
    if not isinstance(value, dict):
        return set()
    names = set(value)
    for name, inner in value.items():
        if name not in OPEN_MEMBERS:
            names |= members(inner)
    return names


class Events:
    """The event stream, read as it comes."""

    def __init__(self, desk):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(desk.environment["REDECHO_SOCKET"])
        self.connection.sendall(b'{"events":{}}\n')
        self.lines = self.connection.makefile("r", encoding="utf-8")
        assert json.loads(self.lines.readline()) == {"Ok": None}
        self.state = json.loads(self.lines.readline())
        self.queue = queue.Queue()
        self.seen = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.lines:
            self.queue.put(json.loads(line))
        self.queue.put(None)

    def begin(self):
        """What comes from now on is what is waited for, in any order."""
        while not self.queue.empty():
            self.queue.get()
        self.seen = []

    def wait(self, name, change, fits=lambda value: True):
        """An event of that kind, of those since begin()."""
        index = 0
        while True:
            if index == len(self.seen):
                try:
                    self.seen.append(self.queue.get(timeout=PATIENCE_S))
                except queue.Empty:
                    kinds = [(event["event"], event["change"]) for event in self.seen]
                    raise AssertionError(f"no {name} {change}, but {kinds[-20:]}") from None
            event = self.seen[index]
            assert event is not None, f"the stream ended before {name} {change}"
            if (event["event"], event["change"]) == (name, change) and fits(event.get(name)):
                return event
            index += 1

    def close(self):
        self.connection.shutdown(socket.SHUT_RDWR)
        self.reader.join(PATIENCE_S)
        self.lines.close()
        self.connection.close()


class IpcDesk(DeskTest):
    @classmethod
    def make_desk(cls):
        return make_desk(CONFIG + 'input "*" {\n\trepeat-rate 30\n}\nmode move {\n'
                         "\tbind Escape mode default\n}\n")

    def request(self, value):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.desk.environment["REDECHO_SOCKET"])
            connection.sendall(json.dumps(value).encode() + b"\n")
            return json.loads(connection.makefile().readline())

    def check_object(self, name, values):
        """Every member is in the page, and every member of the page is there."""
        self.assertTrue(values, name)
        documented, real = paragraph(name), members(values)
        self.assertEqual(real - documented, set(), f"{name}: not in the page")
        facts = {fact for value in values for fact in value.get("details", {})}
        self.assertEqual(documented - real - facts - VALUES[name],
                         ELSEWHERE.get(name, set()), f"{name}: not in the desk")

    def test_objects(self):
        self.ensure("notes")
        self.desk.wait_drawn("notes")
        foot = self.start_program("foot", "--app-id=here")
        menu = self.start_program("fuzzel", "--dmenu")
        self.addCleanup(self.end_program, menu)
        self.addCleanup(self.end_program, foot)
        ask = self.desk.ctl
        self.desk.until(lambda: any(window["app_id"] == "here" for window in ask("windows")), "foot")
        self.desk.until(lambda: any(output["layers"] for output in ask("outputs")), "fuzzel")
        self.desk.command("layout", "tabbed")
        for question, name in (("outputs", "Output"), ("workspaces", "Workspace"), ("windows", "Window"),
                               ("programs", "Program"), ("commands", "Command")):
            with self.subTest(question):
                self.check_object(name, ask(question))
        self.end_program(menu)
        self.desk.focus("notes")
        self.desk.command("passthrough")
        try:
            self.check_object("Seat", [ask("seat")])
        finally:
            self.desk.command("passthrough", "off")
        self.assertEqual(ask("inputs"), [])  # of which the headless backend has none
        self.check_object("Session", [ask("session")])
        self.check_object("Machine", ask("top", "--once"))

    def test_events(self):
        events = Events(self.desk)
        self.addCleanup(events.close)
        parts = {"outputs", "workspaces", "windows", "machines", "programs", "inputs", "seat", "session"}
        self.assertEqual(set(events.state), parts | {"event"})

        def do(*words):
            events.begin()
            self.desk.command(*words)
        do("output", "create", "other", "640x480")
        events.wait("output", "added", lambda output: output["name"] == "other")
        do("workspace", "7")
        events.wait("workspace", "focused", lambda workspace: workspace["number"] == 7)
        do("spawn", "clock")
        events.wait("machine", "added", lambda machine: machine["program"] == "clock")
        events.wait("window", "focused", lambda window: window and window["machine"] == "clock")
        do("floating", "on")
        events.wait("window", "changed", lambda window: window["floating"])
        events.wait("machine", "changed", lambda machine: machine["stage"] == "running")
        do("mode", "move")
        events.wait("seat", "changed", lambda seat: seat["mode"] == "move")
        do("mode", "default")
        events.wait("seat", "changed", lambda seat: seat["mode"] == "default")
        do("reload")
        events.wait("config", "changed")
        self.assertEqual(self.request({"usage": {"interval_ms": 1000}}), {"Ok": None})
        events.begin()
        reply = self.request({"run": {"command": "kill", "machine": "clock"}})
        self.assertEqual(reply, {"Ok": None})
        events.wait("window", "removed", lambda window: window["machine"] == "clock")
        events.wait("machine", "removed", lambda machine: machine["name"] == "clock")
        do("spawn", "nothing-of-that-name")
        events.wait("machine", "changed", lambda machine: machine["cause"] == "start_failed")
        do("dismiss")
        do("output", "other", "remove")
        events.wait("output", "removed", lambda output: output["name"] == "other")

    def start_program(self, *command):
        return subprocess.Popen(command, env=self.desk.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @staticmethod
    def end_program(program):
        program.terminate()
        program.wait(PATIENCE_S)


if __name__ == "__main__":
    unittest.main()
