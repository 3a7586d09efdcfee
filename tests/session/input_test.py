#!/usr/bin/env python3
"""Devices that QEMU does not have, made inside the machine by uinput: a touchpad with its gestures, a
touch screen, a tablet's pen and pad, a mouse and a lid. libinput recognises what the fingers do.

Usage: input_test.py BUILD
"""

import json
import pathlib
import re
import shlex
import sys
import time
import unittest

from session_machine import SessionMachine, check_needs

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
WIDTH, HEIGHT = 1024, 768

DESK = """
mod Logo
bind Mod+l keyboard-layout next
bind Mod+x exec touch /run/bound
bind Mod+c exec "echo once >>/run/started"
bind Mod+m mode more
mode more {
    bind x exec touch /run/bound
    bind Escape mode default
}
passthrough {
    key Mod+Ctrl+Escape
}
bind-gesture swipe:3:left workspace 2
bind-gesture swipe:3:right workspace 1
bind-gesture pinch:3:inward fullscreen
bind-switch lid:on exec touch /run/lid-shut
bind-switch lid:off exec touch /run/lid-open
input {
    layout us,de
    repeat-rate 50
    repeat-delay 100
}
input type:touchpad {
    tap yes
    natural-scroll yes
    disable-while-typing no
}
input "*mouse for the left*" {
    left-handed yes
    pointer-profile flat
    pointer-speed 0
}
"""

BAR = '{"layer": "top", "height": 60, "modules-left": ["clock"]}'

# Millimetres on the touchpad, pixels of the screen for touch and pen.
GUEST = """
import time
from uinput import *

class Fingers:
    '''By the protocol of slots; a position is of each finger.'''
    TOOLS = (None, BTN_TOOL_FINGER, BTN_TOOL_DOUBLETAP, BTN_TOOL_TRIPLETAP, BTN_TOOL_QUADTAP)

    def __init__(self, device, tools, scale):
        self.device, self.tools, self.scale, self.last, self.count = device, tools, scale, 0, 0

    def position(self, points, new):
        events = []
        for slot, (x, y) in enumerate(points):
            x, y = round(x * self.scale), round(y * self.scale)
            events.append((EV_ABS, ABS_MT_SLOT, slot))
            if new:
                self.last += 1
                events.append((EV_ABS, ABS_MT_TRACKING_ID, self.last))
            events += [(EV_ABS, ABS_MT_POSITION_X, x), (EV_ABS, ABS_MT_POSITION_Y, y)]
            if slot == 0:
                events += [(EV_ABS, ABS_X, x), (EV_ABS, ABS_Y, y)]
        return events

    def down(self, *points):
        self.count = len(points)
        events = self.position(points, True) + [(EV_KEY, BTN_TOUCH, 1)]
        if self.tools:
            events.append((EV_KEY, self.TOOLS[self.count], 1))
        self.device.emit(*events)

    def move(self, *points):
        self.device.emit(*self.position(points, False))

    def up(self):
        events = []
        for slot in range(self.count):
            events += [(EV_ABS, ABS_MT_SLOT, slot), (EV_ABS, ABS_MT_TRACKING_ID, -1)]
        events.append((EV_KEY, BTN_TOUCH, 0))
        if self.tools:
            events.append((EV_KEY, self.TOOLS[self.count], 0))
        self.device.emit(*events)

    def glide(self, starts, ends, steps=30):
        '''At a hand's speed.'''
        self.down(*starts)
        for step in range(1, steps + 1):
            time.sleep(0.01)
            self.move(*((x + (to_x - x) * step / steps, y + (to_y - y) * step / steps)
                        for (x, y), (to_x, to_y) in zip(starts, ends)))
        time.sleep(0.05)
        self.up()

    def tap(self, *points):
        self.down(*points)
        time.sleep(0.03)
        self.up()

def multitouch(width, height, resolution):
    return {ABS_X: (0, width, resolution), ABS_Y: (0, height, resolution), ABS_MT_SLOT: (0, 4),
            ABS_MT_TRACKING_ID: (0, 65535), ABS_MT_POSITION_X: (0, width, resolution),
            ABS_MT_POSITION_Y: (0, height, resolution)}

pad = Fingers(Device('a touchpad', {EV_KEY: [BTN_LEFT, BTN_TOUCH, BTN_TOOL_FINGER, BTN_TOOL_DOUBLETAP,
                                             BTN_TOOL_TRIPLETAP, BTN_TOOL_QUADTAP]},
                     multitouch(3000, 1800, 30), [INPUT_PROP_POINTER, INPUT_PROP_BUTTONPAD]), True, 30)
touch = Fingers(Device('a touch screen', {EV_KEY: [BTN_TOUCH]}, multitouch(1023, 767, 4),
                       [INPUT_PROP_DIRECT]), False, 1)
mouse = Device('a mouse for the left', {EV_KEY: [BTN_LEFT, BTN_RIGHT, BTN_MIDDLE],
                                        EV_REL: [REL_X, REL_Y, REL_WHEEL]})
lid = Device('a lid', {EV_SW: [SW_LID]})
pen = Device('a pen', {EV_KEY: [BTN_TOOL_PEN, BTN_TOUCH, BTN_STYLUS]},
             {ABS_X: (0, 1023, 4), ABS_Y: (0, 767, 4), ABS_PRESSURE: (0, 4095), ABS_TILT_X: (-60, 60),
              ABS_TILT_Y: (-60, 60)}, [INPUT_PROP_DIRECT], place='usb-tablet/input0')
buttons = Device('a pad', {EV_KEY: [BTN_STYLUS, BTN_0, BTN_1, BTN_2, BTN_3]},
                 {ABS_X: (0, 1), ABS_Y: (0, 1), ABS_WHEEL: (0, 71)}, place='usb-tablet/input1')

def pen_at(x, y, pressure=0, tilt=0, near=1):
    pen.emit((EV_KEY, BTN_TOOL_PEN, near), (EV_ABS, ABS_X, x), (EV_ABS, ABS_Y, y),
             (EV_ABS, ABS_PRESSURE, pressure), (EV_ABS, ABS_TILT_X, tilt),
             (EV_KEY, BTN_TOUCH, int(pressure > 0)))
"""


class Input(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = cls.enterClassContext(SessionMachine(
            BUILD, DESK, files={"/etc/bar/waybar/config": BAR}))
        cls.machine.wait_log("redecho: desk 0", "desk")
        # libinput would read hundreds of files about tablets of which none is here, and the desk wait.
        cls.machine.run("mount -t tmpfs none /usr/share/libwacom")
        cls.machine.python(GUEST)
        cls.machine.run("setsid stdbuf -oL wev >/run/wev 2>&1 </dev/null &")

    def setUp(self):
        self.wev = self.until(lambda: self.find("wev"), "window of wev")["id"]
        self.mark = 0

    # --- steps --------------------------------------------------------------------------

    def ctl(self, *words):
        text = self.machine.run(shlex.join(("redechoctl", "--json", *words)))
        return json.loads(text) if text.strip() else None

    def until(self, question, what, patience_s=90):
        end = time.monotonic() + patience_s
        while not (answer := question()):
            if time.monotonic() > end:
                self.fail(f"no {what}\n{self.machine.run('tail -n 30 /run/wev')}\n{self.machine.log()[-3000:]}")
            time.sleep(0.1)
        return answer

    def find(self, app):
        return next((window for window in self.ctl("windows") if window["app_id"] == app), None)

    def settings(self, name):
        device = next(device for device in self.ctl("inputs") if device["name"] == name)
        return device["type"], device["settings"]

    def play(self, source, pattern, log="/run/wev"):
        """Moves a device and waits until the program with that log has heard this; returns the match."""
        self.mark = int(self.machine.run(f"stat -c %s {log}"))
        self.machine.python(source)
        return self.until(lambda: re.search(pattern, self.heard(log), re.DOTALL), pattern)

    def heard(self, log="/run/wev"):
        """What it has heard since play() began."""
        return self.machine.run(f"tail -c +{self.mark + 1} {log}")

    # --- tests --------------------------------------------------------------------------

    def test_known(self):
        kind, settings = self.settings("a touchpad")
        self.assertEqual(kind, "touchpad")
        wanted = {"tap": "yes", "natural-scroll": "yes", "disable-while-typing": "no", "send-events": "yes"}
        self.assertEqual({name: settings[name] for name in wanted}, wanted)
        kind, settings = self.settings("a mouse for the left")
        self.assertEqual(kind, "pointer")
        wanted = {"left-handed": "yes", "pointer-profile": "flat", "pointer-speed": "0", "natural-scroll": "no"}
        self.assertEqual({name: settings[name] for name in wanted}, wanted)
        for name, wanted in (("a touch screen", "touch"), ("a lid", "switch"), ("a pen", "tablet-tool")):
            self.assertEqual(self.settings(name)[0], wanted)
        self.machine.python("other = Device('another lid', {EV_SW: [SW_LID]})")
        self.until(lambda: any(device["name"] == "another lid" for device in self.ctl("inputs")), "lid")
        self.machine.python("other.close()")
        self.until(lambda: all(device["name"] != "another lid" for device in self.ctl("inputs")), "end of it")

    def press(self, keys, pattern):
        """The same with keys, named as QEMU names them."""
        self.mark = int(self.machine.run("stat -c %s /run/wev"))
        self.machine.press(*keys)
        return self.until(lambda: re.search(pattern, self.heard(), re.DOTALL), pattern)

    def was_run(self):
        return self.machine.run("rm /run/bound 2>/dev/null && echo yes || true") == "yes\n"

    def test_keyboard(self):
        seat = lambda: self.ctl("seat")  # noqa: E731
        # The layout, on all keyboards: QEMU's, and one that comes.
        self.press(["z"], "sym: z .*utf8: 'z'.*released")
        self.machine.press("meta_l", "l")
        self.until(lambda: seat()["layout"] == 2, "the German layout")
        self.press(["z"], "sym: y .*utf8: 'y'.*released")
        self.machine.python("keys = Device('more keys', {EV_KEY: range(1, 200), EV_LED: [LED_CAPSL]})")
        self.until(lambda: any(device["name"] == "more keys" for device in self.ctl("inputs")), "keyboard")
        self.play("for value in (1, 0): keys.emit((EV_KEY, KEY_MINUS, value))", "sym: ssharp .*released")
        self.ctl("keyboard-layout", "next")
        self.play("for value in (1, 0): keys.emit((EV_KEY, KEY_MINUS, value))", "sym: minus .*released")
        # Its lamp, of which the kernel tells the device.
        caps = "for value in (1, 0): keys.emit((EV_KEY, KEY_CAPSLOCK, value))"
        self.machine.python(f"import os, select, struct\nos.set_blocking(keys.fd, False)\n{caps}")
        self.play("for value in (1, 0): keys.emit((EV_KEY, KEY_A, value))", "sym: A .*released")
        self.assertEqual(self.lamps(), [1])
        self.machine.python(caps)
        self.play("for value in (1, 0): keys.emit((EV_KEY, KEY_A, value))", "sym: a .*released")
        self.assertEqual(self.lamps(), [0])
        # A binding that starts something does so once, however long its key is held.
        self.machine.python("for code in (KEY_LEFTMETA, KEY_C): keys.emit((EV_KEY, code, 1))\n"
                            "time.sleep(0.5)\n"
                            "for code in (KEY_C, KEY_LEFTMETA): keys.emit((EV_KEY, code, 0))")
        self.press(["b"], "sym: b .*released")
        self.until(lambda: self.machine.run("cat /run/started 2>/dev/null; true") == "once\n", "start")
        # Unplugged with a key down: it comes up.
        self.play("keys.emit((EV_KEY, KEY_Q, 1))", r"pressed.\n *sym: q ")
        self.play("keys.close()", r"released.\n *sym: q ")

    def test_modes(self):
        self.machine.press("meta_l", "m")
        self.until(lambda: self.ctl("seat")["mode"] == "more", "mode")
        self.machine.press("x")
        self.until(self.was_run, "command of the mode")
        # What the mode does not bind is the window's, and so is what only the default binds.
        self.press(["meta_l", "x"], "sym: x")
        self.machine.press("esc")
        self.until(lambda: self.ctl("seat")["mode"] == "default", "end of the mode")
        self.press(["x"], "sym: x .*released")
        self.assertFalse(self.was_run())
        # Pass-through: every key but one is the window's, and nothing runs.
        self.machine.press("meta_l", "ctrl", "esc")
        self.until(lambda: self.ctl("seat")["passthrough"], "pass-through")
        self.press(["meta_l", "x"], "sym: x")
        self.press(["esc"], "sym: Escape .*released")
        self.machine.press("meta_l", "ctrl", "esc")
        self.until(lambda: not self.ctl("seat")["passthrough"], "end of pass-through")
        self.assertFalse(self.was_run())
        self.machine.press("meta_l", "x")
        self.until(self.was_run, "command of a binding")

    def lamps(self):
        """The last state of each lamp that the keyboard was told since the last question."""
        return json.loads(self.machine.python(
            "lamps = {}\n"
            "while select.select([keys.fd], [], [], 0)[0]:\n"
            "    kind, code, value = struct.unpack('=qqHHi', os.read(keys.fd, 24))[2:]\n"
            "    if kind == EV_LED: lamps[code] = value\n"
            "import json; print(json.dumps(list(lamps.values())))"))

    def test_mouse(self):
        self.machine.python("mouse.emit((EV_REL, REL_X, -2000), (EV_REL, REL_Y, -2000))")
        # Flat: pixel for pixel. And for the left hand.
        before = self.play("mouse.emit((EV_REL, REL_X, 300), (EV_REL, REL_Y, 300))", r"x, y: ([\d.]+), ")
        after = self.play("mouse.emit((EV_REL, REL_X, 101), (EV_REL, REL_Y, 3))", r"motion: .*?x, y: ([\d.]+), ")
        self.assertEqual(float(after[1]) - float(before[1]), 101)
        click = "mouse.emit((EV_KEY, BTN_LEFT, 1)); mouse.emit((EV_KEY, BTN_LEFT, 0))"
        self.play(click, "button: 273 .right., state: 0")
        self.ctl("input", "*mouse*", "left-handed", "no")
        self.play(click, "button: 272 .left., state: 0")
        self.ctl("input", "*mouse*", "pointer-profile", "adaptive")
        slow = self.play("mouse.emit((EV_REL, REL_X, 1), (EV_REL, REL_Y, 0))", r"motion: .*?x, y: ([\d.]+), ")
        self.assertTrue(0 < float(slow[1]) - float(after[1]) < 1)
        self.play("mouse.emit((EV_REL, REL_WHEEL, -1))", r"direction: 0\n.*value120: 120\n")
        self.ctl("input", "*mouse*", "scroll-factor", "2")
        self.play("mouse.emit((EV_REL, REL_WHEEL, -1))", r"value120: 240\n")
        # Not used at all: what the touch screen says comes behind it.
        self.ctl("input", "*mouse*", "send-events", "no")
        self.play(f"{click}; touch.tap((500, 500))", r"wl_touch\] up")
        self.assertNotIn("button", self.heard())
        self.ctl("reload")
        self.assertEqual(self.settings("a mouse for the left")[1]["left-handed"], "yes")

    def test_touchpad(self):
        self.machine.python("mouse.emit((EV_REL, REL_X, -2000), (EV_REL, REL_Y, -2000))")
        self.play("mouse.emit((EV_REL, REL_X, 300), (EV_REL, REL_Y, 300))", "x, y: ")
        # A tap is a click, that of two fingers the right button.
        self.play("pad.tap((50, 20))", "button: 272 .left., state: 0")
        self.play("pad.tap((40, 20), (60, 20))", "button: 273 .right., state: 0")
        # The content follows the fingers, and the program is told that it is so.
        self.play("pad.glide([(40, 15), (60, 15)], [(40, 35), (60, 35)])",
                  r"source: 1 .finger.\n[^\n]*direction: 1\n[^\n]*value: -\d.*axis_stop")
        self.ctl("input", "type:touchpad", "natural-scroll", "no")
        self.play("pad.glide([(40, 15), (60, 15)], [(40, 35), (60, 35)])",
                  r"source: 1 .finger.\n[^\n]*direction: 0\n[^\n]*value: \d.*axis_stop")
        self.ctl("input", "type:touchpad", "tap", "no")
        self.play("pad.tap((50, 20)); touch.tap((500, 500))", r"wl_touch\] up")
        self.assertNotIn("button", self.heard())
        self.ctl("reload")
        self.assertEqual(self.settings("a touchpad")[1]["tap"], "yes")

    def shown_workspace(self):
        return self.ctl("outputs")[0]["workspace_name"]

    def test_gestures(self):
        swipe = "pad.glide([(60, 20), (70, 18), (80, 20)], [(20, 20), (30, 18), (40, 20)])"
        self.machine.python(swipe)
        self.until(lambda: self.shown_workspace() == "2", "swipe to the left")
        self.machine.python("pad.glide([(20, 20), (30, 18), (40, 20)], [(60, 20), (70, 18), (80, 20)])")
        self.until(lambda: self.shown_workspace() == "1", "swipe to the right")
        pinch = "pad.glide([(20, 10), (80, 10), (50, 50)], [(45, 25), (55, 25), (50, 32)])"
        self.machine.python(pinch)
        self.until(lambda: self.find("wev")["fullscreen"], "pinch")
        self.machine.python(pinch)
        self.until(lambda: not self.find("wev")["fullscreen"], "another pinch")
        # What is not bound is the window's under the pointer: GTK asks for it.
        self.machine.run("XDG_CONFIG_HOME=/etc/bar WAYLAND_DEBUG=1 setsid dbus-run-session waybar "
                         ">/run/waybar 2>&1 </dev/null &")
        self.until(lambda: self.ctl("outputs")[0]["layers"], "bar")
        self.machine.python("mouse.emit((EV_REL, REL_X, -2000), (EV_REL, REL_Y, -2000))")
        self.play("mouse.emit((EV_REL, REL_X, 300), (EV_REL, REL_Y, 20))", "wl_pointer#.*motion", "/run/waybar")
        self.play("pad.glide([(40, 20), (60, 20)], [(20, 20), (80, 20)])",
                  r"gesture_pinch_v1#\d+\.begin\(.*, 2\).*gesture_pinch_v1#\d+\.end\(.*, 0\)", "/run/waybar")
        self.machine.run("pkill -x waybar")
        self.until(lambda: not self.ctl("outputs")[0]["layers"], "end of the bar")

    def test_lid(self):
        for value, made in ((1, "shut"), (0, "open")):
            self.assertEqual(self.machine.run("cat /run/lid-* 2>/dev/null; true"), "")
            self.machine.python(f"lid.emit((EV_SW, SW_LID, {value}))")
            self.until(lambda: self.machine.run(f"ls /run/lid-{made} 2>/dev/null; true"), f"command: {made}")
            self.machine.run("rm /run/lid-*")

    def test_touch(self):
        content = self.find("wev")["content"]
        found = self.play("touch.tap((300, 400))", r"wl_touch\] down: .*x, y: ([\d.]+), ([\d.]+)\n.*\] up")
        self.assertEqual((float(found[1]), float(found[2])), (300 - content["x"], 400 - content["y"]))
        # Two fingers, and their own positions.
        found = self.play("touch.glide([(200, 300), (400, 300)], [(200, 500), (400, 450)])",
                          r"id: 0; x, y: [\d.]+, ([\d.]+)\n.*id: 1; x, y: [\d.]+, ([\d.]+)\n.*\] up.*\] up")
        # On a part of the screen.
        self.ctl("input", "type:touch", "map-to-region", "100", "100", "512", "384")
        found = self.play("touch.tap((1023, 767))", r"\] down: .*x, y: ([\d.]+), ([\d.]+)\n.*\] up")
        self.assertAlmostEqual(float(found[1]), 100 + 512 - content["x"], delta=1)
        self.assertAlmostEqual(float(found[2]), 100 + 384 - content["y"], delta=1)
        self.ctl("input", "type:touch", "map-to-region", "0", "0", str(WIDTH), str(HEIGHT))
        # A tap gives the focus; a window that floats is dragged by its title.
        foot = self.open_foot()
        self.machine.python("touch.tap((200, 400))")
        self.until(lambda: self.find("wev")["focused"], "focus by a tap")
        self.ctl("focus", f"window={foot}")
        self.ctl("floating")
        before = self.find("foot")["box"]
        x, y = before["x"] + before["width"] // 2, before["y"] + 12
        self.machine.python(f"touch.glide([({x}, {y})], [({x + 80}, {y - 60})])")
        self.until(lambda: (self.find("foot")["box"]["x"], self.find("foot")["box"]["y"]) ==
                   (before["x"] + 80, before["y"] - 60), "window dragged by a finger")
        # A dialog of the host closes by a tap beside it.
        plain = self.machine.picture()
        self.ctl("launcher")
        shown = self.machine.wait_picture(lambda picture: picture.difference(plain), "launcher")
        self.machine.python("touch.tap((5, 700))")
        self.machine.wait_picture(lambda picture: picture.pixel(30, 30) != shown.pixel(30, 30) and
                                  picture.pixel(30, 30) == plain.pixel(30, 30), "no launcher")
        self.close_foot()

    def open_foot(self):
        self.machine.run("setsid foot >/dev/null 2>&1 </dev/null &")
        return self.until(lambda: self.find("foot"), "window of foot")["id"]

    def close_foot(self):
        self.ctl("close", f"window={self.find('foot')['id']}")
        self.until(lambda: not self.find("foot"), "end of foot")

    def test_pen(self):
        content = self.find("wev")["content"]
        stroke = ("pen_at(400, 300); pen_at(410, 310, 2000, 30); time.sleep(0.05); pen_at(420, 320, 3000, -30)"
                  "; time.sleep(0.05); pen_at(430, 330); pen_at(430, 330, near=0)")
        found = self.play(stroke, r"tool_added.*type: 320 .pen.*proximity_in.*?motion: x, y: ([\d.]+), ([\d.]+)\n"
                                  r".*pressure: [1-9].*tilt: x, y: [1-9].*\] down.*tilt: x, y: -\d.*\] up"
                                  r".*proximity_out.*frame")
        self.assertEqual((float(found[1]), float(found[2])), (400 - content["x"], 300 - content["y"]))
        # The pad of the same tablet: its keys and its ring.
        self.assertEqual(self.settings("a pad")[0], "tablet-pad")
        self.ctl("focus", f"window={self.wev}")
        self.play("for value in (1, 0): buttons.emit((EV_KEY, BTN_1, value))",
                  r"pad_v2\] button: [^\n]*button: 1, state: 1.*button: 1, state: 0")
        self.play("for value in (20, 30): buttons.emit((EV_ABS, ABS_WHEEL, value))",
                  r"pad_ring_v2\] .*angle: 10\.0.*angle: 60\.0")
        # On a window that knows of no pens it is the pointer: it gives the focus, and drags the title.
        foot = self.open_foot()
        self.ctl("focus", f"window={self.wev}")
        box = self.find("foot")["box"]
        x, y = box["x"] + 100, box["y"] + 300
        self.machine.python(f"pen_at({x}, {y}); pen_at({x}, {y}, 2000); time.sleep(0.05); pen_at({x}, {y})"
                            f"; pen_at({x}, {y}, near=0)")
        self.until(lambda: self.find("foot")["focused"], "focus by a pen")
        self.ctl("focus", f"window={foot}")
        self.ctl("floating")
        box = self.find("foot")["box"]
        x, y = box["x"] + 100, box["y"] + 12
        self.machine.python(f"pen_at({x}, {y}); pen_at({x}, {y}, 2000)\n"
                            "for step in range(1, 21):\n"
                            "    time.sleep(0.01)\n"
                            f"    pen_at({x} + 3 * step, {y} + 2 * step, 2000)\n"
                            f"pen_at({x + 60}, {y + 40}); pen_at({x + 60}, {y + 40}, near=0)")
        self.until(lambda: (self.find("foot")["box"]["x"], self.find("foot")["box"]["y"]) ==
                   (box["x"] + 60, box["y"] + 40), "window dragged by a pen")
        self.close_foot()


if __name__ == "__main__":
    check_needs("/usr/bin/wev", "/usr/bin/waybar", "/usr/bin/dbus-run-session")
    unittest.main(verbosity=2)
