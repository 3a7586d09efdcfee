#!/usr/bin/env python3
"""redechoctl against a real, headless desk; and whether the documentation is true: every
configuration in it is accepted by `redecho --check`, every request in it is understood.

Usage: ctl_test.py REDECHO REDECHOCTL SOURCE
"""

import json
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

PATIENCE_S = 30
REDECHO, REDECHOCTL, SOURCE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])


def literal_blocks(text):
    """What stands between ``` and ```, with the word after the first."""
    return [(match.group(1), match.group(2))
            for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)]


class Desk:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="re-ctl.", dir="/tmp"))
        self.environment = {key: value for key, value in os.environ.items()
                            if key not in ("WAYLAND_DISPLAY", "DISPLAY", "REDECHO_CONFIG")}
        self.environment.update(XDG_RUNTIME_DIR=str(self.folder), XDG_CONFIG_HOME=str(self.folder),
                                WLR_BACKENDS="headless", WLR_RENDERER="pixman",
                                WLR_HEADLESS_OUTPUTS="1")
        self.environment.pop("REDECHO_SOCKET", None)
        self.process = subprocess.Popen([REDECHO, "--no-machines"], env=self.environment,
                                        stdin=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE_S
        while self.ctl("version").returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("redecho did not start")
            time.sleep(0.02)

    def ctl(self, *words, **options):
        return subprocess.run([REDECHOCTL, *words], env=self.environment, capture_output=True,
                              text=True, timeout=PATIENCE_S, check=False, **options)

    def ask(self, request):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(str(self.folder / "redecho-0/ipc.sock"))
            connection.sendall(json.dumps(request).encode() + b"\n")
            return json.loads(connection.makefile().readline())

    def stop(self):
        self.process.terminate()
        status = self.process.wait(PATIENCE_S)
        shutil.rmtree(self.folder)
        return status


class CtlTest(unittest.TestCase):
    def setUp(self):
        self.desk = Desk()

    def tearDown(self):
        self.assertEqual(self.desk.stop(), 0)

    def answer(self, *words):
        result = self.desk.ctl("--json", *words)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def test_questions(self):
        self.assertEqual(len(self.answer("outputs")), 1)
        self.assertEqual(self.answer("windows"), [])
        heads = {"outputs": "HEADLESS-1 (active)\n    mode 1280x720", "workspaces": "WORKSPACE", "windows": "ID",
                 "machines": "MACHINE", "programs": "PROGRAM", "commands": "COMMAND"}
        for question, head in heads.items():
            result = self.desk.ctl(question)
            self.assertEqual(result.returncode, 0)
            self.assertTrue(result.stdout.startswith(head), result.stdout)
        self.assertEqual(self.answer("inputs"), [])
        seat = self.answer("seat")
        self.assertEqual((seat["layouts"], seat["layout"]), (["English (US)"], 1))
        self.assertEqual(self.desk.ctl("mode", "resize").returncode, 0)
        self.assertEqual(self.answer("seat")["mode"], "resize")
        self.assertEqual(self.desk.ctl("seat").stdout, "mode resize\nlayout 1  English (US)  on\n")
        self.assertEqual(self.desk.ctl("mode", "default").returncode, 0)
        # options go before and after the question
        self.assertEqual(self.desk.ctl("-j", "workspaces").stdout, self.desk.ctl("workspaces", "-j").stdout)

    def test_commands(self):
        for words in (["workspace", "3"], ["run", "workspace", "4"]):
            result = self.desk.ctl(*words)
            self.assertEqual((result.returncode, result.stdout), (0, ""))
        self.assertEqual([place["number"] for place in self.answer("workspaces")], [4])
        self.assertEqual(self.desk.ctl("nop", "machine=x", "--json").returncode, 0)

    def test_top(self):
        self.assertEqual(self.answer("top", "--once"), [])
        text = self.desk.ctl("top", "--once").stdout
        self.assertTrue(text.startswith("0 machines, 0 with a process; CPU 0%, memory 0M\n\nMACHINE "), text)
        for argument, wrong in (({"interval_ms": 99}, "usage takes interval_ms"), ({}, "usage takes"),
                                ({"interval_ms": "1000"}, "usage takes"), (None, "usage takes"),
                                ({"interval_ms": 1000, "more": 1}, "usage takes"),
                                ({"interval_ms": 1 << 40}, "usage takes"), ({"interval_ms": -1}, "usage takes")):
            self.assertIn(wrong, self.desk.ask({"usage": argument})["Err"]["message"], argument)
        # What is told goes on until it is asked to stop, and requests are answered meanwhile.
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(str(self.desk.folder / "redecho-0/ipc.sock"))
            lines = connection.makefile()
            connection.sendall(b'{"usage":{"interval_ms":100}}\n')
            self.assertEqual(json.loads(lines.readline()), {"Ok": None})
            for _ in range(3):
                self.assertEqual(json.loads(lines.readline()),
                                 {"event": "usage", "change": "changed", "machines": []})
            connection.sendall(b'{"usage":{"interval_ms":0}}\n{"version":{}}\n')
            seen = [json.loads(lines.readline()) for _ in range(2)]
            while "Ok" not in seen[-2] or "Ok" not in seen[-1]:
                seen.append(json.loads(lines.readline()))
            self.assertIn("version", seen[-1]["Ok"])
            connection.sendall(b'{"run":{"command":"nop"}}\n')
            self.assertEqual(json.loads(lines.readline()), {"Ok": None})
        # On a terminal it is drawn in place, and q ends it.
        controller, terminal = os.openpty()
        top = subprocess.Popen([REDECHOCTL, "top"], env=self.desk.environment, stdin=terminal, stdout=terminal)
        seen = b""
        while seen.count(b"\x1b[H\x1b[J0 machines") < 2:
            self.assertTrue(select.select([controller], [], [], PATIENCE_S)[0], seen)
            seen += os.read(controller, 4096)
        os.write(controller, b"q")
        self.assertEqual(top.wait(PATIENCE_S), 0)
        seen += os.read(controller, 4096)
        self.assertTrue(seen.endswith(b"\x1b[?7h"), seen)
        os.close(terminal)
        os.close(controller)

    def test_refusals(self):
        for words, status, text in (
                (["frobnicate"], 1, "there is no command frobnicate"),
                (["focus", "sideways"], 1, "usage: focus"),
                (["input", "type:mouse", "tap", "yes"], 1, "usage: input"),
                (["input", "*", "tap", "perhaps"], 1, "usage: input"),
                (["input", "*", "calibration", "1", "0"], 1, "usage: input"),
                (["passthrough"], 1, "no window takes keys now"),
                (["passthrough", "maybe"], 1, "usage: passthrough"),
                (["mode", "nowhere"], 1, "there is no binding mode nowhere"),
                (["keyboard-layout", "2"], 1, "keyboard layouts are 1 to 1"),
                (["close", "window=7"], 1, "there is no such window"),
                (["close", "machine=clock"], 1, "there is no such machine"),
                (["close", "window=x"], 2, "is no window"),
                (["run"], 2, "a command is missing"),
                (["outputs", "now"], 2, "a question takes no words"),
                (["top", "now"], 2, "a question takes no words"),
                (["outputs", "--once"], 2, "--once is for top"),
                (["--frobnicate"], 2, "unrecognized option"),
                ([], 2, "usage:"),
                (["--socket", "/nonexistent/socket", "outputs"], 2, "is Red Echo running?"),
                (["--socket", "/" + 200 * "x", "outputs"], 2, "too long"),
                ([b"\xff\xfe"], 2, "cannot be sent")):
            result = self.desk.ctl(*words)
            self.assertEqual(result.returncode, status, words)
            self.assertIn(text, result.stderr)
            self.assertEqual(result.stdout, "")

    def test_help(self):
        result = self.desk.ctl("--help")
        self.assertEqual(result.returncode, 0)
        for question in ("outputs", "workspaces", "windows", "machines", "programs", "events"):
            self.assertIn(f"  {question}", result.stdout)

    def test_events(self):
        for options in ([], ["--json"]):
            with subprocess.Popen([REDECHOCTL, *options, "events"], env=self.desk.environment,
                                  stdout=subprocess.PIPE, text=True, bufsize=1) as events:
                state = events.stdout.readline()
                self.assertEqual(self.desk.ctl("workspace", "5").returncode, 0)
                self.assertTrue(select.select([events.stdout], [], [], PATIENCE_S)[0])
                change = events.stdout.readline()
                events.terminate()
            self.assertEqual(self.desk.ctl("workspace", "1").returncode, 0)
            if options:
                self.assertEqual(json.loads(state)["event"], "state")
                self.assertIn("workspace", json.loads(change))
            else:
                self.assertTrue(state.startswith("state: 1 outputs"), state)
                self.assertTrue(change.startswith("workspace "), change)

    def test_events_end_with_the_desk(self):
        with subprocess.Popen([REDECHOCTL, "--json", "events"], env=self.desk.environment,
                              stdout=subprocess.PIPE, text=True) as events:
            events.stdout.readline()
            self.assertEqual(self.desk.ctl("exit").returncode, 0)
            rest = [json.loads(line)["event"] for line in events.stdout]
            self.assertIn("exit", rest)
            self.assertEqual(events.wait(PATIENCE_S), 0)

    def test_documented_requests(self):
        blocks = literal_blocks((SOURCE / "docs/redecho-ipc.7.scd").read_text())
        values = [json.loads(line) for _, block in blocks for line in block.splitlines()]
        requests = [value for value in values
                    if len(value) == 1 and not {"Ok", "Err"} & value.keys()]
        self.assertGreater(len(requests), 8)
        for request in requests:
            reply = self.desk.ask(request)
            message = reply.get("Err", {}).get("message", "")
            self.assertIn(message, ("", "there is no such window", "there is no such machine"))

    def test_every_command_is_documented(self):
        page = (SOURCE / "docs/redecho.5.scd").read_text()
        commands = self.desk.ask({"commands": {}})["Ok"]
        self.assertGreater(len(commands), 30)
        for command in commands:
            self.assertTrue(re.search(rf"(?m)^\*{command['name']}[* ]", page), command["usage"])


class DocumentationTest(unittest.TestCase):
    def check(self, text):
        with tempfile.NamedTemporaryFile("w", prefix="re-doc.", dir="/tmp") as file:
            file.write(text)
            file.flush()
            return subprocess.run([REDECHO, "--check", "--config", file.name], capture_output=True,
                                  text=True, check=False, timeout=PATIENCE_S)

    def test_snippets(self):
        snippets = [("redecho.5.scd", text) for _, text in
                    literal_blocks((SOURCE / "docs/redecho.5.scd").read_text())]
        for path in [*SOURCE.glob("*.md"), *SOURCE.glob("docs/*.md")]:
            # ```scfg holds a configuration, or a program file, which redecho-vmd reads
            snippets += [(path.name, text) for word, text in literal_blocks(path.read_text())
                         if word == "scfg" and not text.lstrip().startswith("program ")]
        self.assertGreater(len(snippets), 5)
        for name, text in snippets:
            result = self.check(text)
            self.assertEqual(result.returncode, 0, f"{name}:\n{text}\n{result.stderr}")

    def test_configurations(self):
        for name in ("config", "demo"):
            result = self.check((SOURCE / "configs" / name).read_text())
            self.assertEqual(result.returncode, 0, result.stderr)
        # what is commented out in the default is right as well
        text = (SOURCE / "configs/config").read_text()
        for comment in re.findall(r"^#   (\w.*)$", text, re.M):
            self.assertEqual(self.check(comment).returncode, 0, comment)

    def test_mistakes_are_told(self):
        result = self.check("workspaces 3\nbind Mod+x frobnicate\n")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r":2:12: there is no command frobnicate")

    def test_every_directive_is_documented(self):
        page = (SOURCE / "docs/redecho.5.scd").read_text()
        known = self.check("frobnicate").stderr.split("known: ")[1].strip().split(", ")
        for block in ("output x", "input", "border", "cursor", "passthrough", "mode x"):
            text = block + " {\n\tfrobnicate\n}"
            known += self.check(text).stderr.split("known: ")[1].strip().split(", ")
        self.assertGreater(len(known), 40)
        for name in known:
            self.assertIn(f"*{name}*", page)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
