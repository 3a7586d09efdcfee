"""A mouse for tests: a Wayland client of zwlr_virtual_pointer_v1 that can hold buttons.

It speaks the wire protocol itself: a few requests without any file descriptor.
"""

import socket
import struct
import time

BUTTONS = {"left": 0x110, "right": 0x111, "middle": 0x112}
PATIENCE_S = 30


def text(string):
    data = string.encode() + b"\0"
    return struct.pack("=I", len(data)) + data + b"\0" * (-len(data) % 4)


class Mouse:
    """Moves over the whole layout, which is width x height; use as a context manager."""

    DISPLAY, REGISTRY = 1, 2

    def __init__(self, desk, width, height):
        self.size = width, height
        self.globals = {}
        self.done = set()
        self.input = b""
        self.next_id = 3
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(str(desk.runtime / desk.environment["WAYLAND_DISPLAY"]))
        self.send(self.DISPLAY, 1, struct.pack("=I", self.REGISTRY))
        self.sync()
        manager = self.bind("zwlr_virtual_pointer_manager_v1", 1)
        self.pointer = self.take_id()
        self.send(manager, 0, struct.pack("=II", 0, self.pointer))  # create_virtual_pointer
        self.sync()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.socket.close()

    # --- the wire -------------------------------------------------------------------------

    def take_id(self):
        self.next_id += 1
        return self.next_id - 1

    def send(self, target, opcode, arguments=b""):
        self.socket.sendall(struct.pack("=IHH", target, opcode, 8 + len(arguments)) + arguments)

    def bind(self, interface, version):
        name = self.globals[interface]
        target = self.take_id()
        self.send(self.REGISTRY, 0,
                  struct.pack("=I", name) + text(interface) + struct.pack("=II", version, target))
        return target

    def sync(self):
        """Waits until the desk has done everything that was asked for."""
        callback = self.take_id()
        self.send(self.DISPLAY, 0, struct.pack("=I", callback))
        while callback not in self.done:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the desk has closed the mouse's connection")
            self.input += data
            self.read_events()

    def read_events(self):
        while len(self.input) >= 8:
            target, opcode, size = struct.unpack_from("=IHH", self.input)
            if len(self.input) < size:
                return
            body, self.input = self.input[8:size], self.input[size:]
            if target == self.DISPLAY and opcode == 0:
                code, length = struct.unpack_from("=II", body, 4)
                raise ConnectionError(f"protocol error {code}: {body[12:12 + length]}")
            if target == self.REGISTRY and opcode == 0:
                name, length = struct.unpack_from("=II", body)
                self.globals[body[8:8 + length - 1].decode()] = name
            elif target > self.REGISTRY and opcode == 0 and len(body) == 4:
                self.done.add(target)  # of a callback

    # --- what a hand does -----------------------------------------------------------------

    def now_ms(self):
        return int(time.monotonic() * 1000) & 0xffffffff

    def frame(self):
        self.send(self.pointer, 4)
        self.sync()

    def move(self, x, y):
        self.send(self.pointer, 1, struct.pack("=IIIII", self.now_ms(), x, y, *self.size))
        self.frame()

    def button(self, name, pressed):
        self.send(self.pointer, 2, struct.pack("=III", self.now_ms(), BUTTONS[name], pressed))
        self.frame()

    def press(self, x, y, name="left"):
        self.move(x, y)
        self.button(name, True)

    def release(self, name="left"):
        self.button(name, False)

    def click(self, x, y, name="left"):
        self.press(x, y, name)
        self.release(name)

    def drag(self, start, end, name="left"):
        self.press(*start, name)
        self.move((start[0] + end[0]) // 2, (start[1] + end[1]) // 2)
        self.move(*end)
        self.release(name)

    def scroll(self, steps):
        """Steps of a wheel, down; below 0: up."""
        for _ in range(abs(steps)):
            direction = 1 if steps > 0 else -1
            self.send(self.pointer, 5, struct.pack("=I", 0))  # axis_source: a wheel
            self.send(self.pointer, 7, struct.pack("=IIii", self.now_ms(), 0, direction * 15 * 256,
                                                   direction))
            self.frame()
