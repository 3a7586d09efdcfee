"""A VNC viewer: as much of RFB (RFC 6143) as a test needs to see and to type."""

import socket
import struct

from picture import Picture

NO_SECURITY = 1
# 32 bits a pixel, of which 24 count, little-endian, true colour: 0xRRGGBB.
PIXEL_FORMAT = struct.pack(">BBBBHHHBBB3x", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)


class Vnc:
    """A connection to a server's Unix socket; use as a context manager."""

    def __init__(self, path, patience_s=60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience_s)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("rb")
        self.width, self.height = self.shake_hands()
        self.pixels = bytearray(self.width * self.height * 3)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.stream.close()
        self.socket.close()

    def read(self, form):
        data = self.stream.read(struct.calcsize(form))
        if len(data) != struct.calcsize(form):
            raise EOFError("the VNC server hung up")
        return struct.unpack(form, data)

    def shake_hands(self):
        version = self.stream.read(12)
        if version != b"RFB 003.008\n":
            raise ValueError(f"no RFB 3.8: {version}")
        self.socket.sendall(version)
        kinds = self.stream.read(self.read(">B")[0])
        if NO_SECURITY not in kinds:
            raise ValueError(f"it wants a password: {kinds}")
        self.socket.sendall(bytes([NO_SECURITY]))
        if self.read(">I")[0] != 0:
            raise ValueError("it lets nobody in")
        self.socket.sendall(b"\1")  # others may stay
        width, height, _, name_len = self.read(">HH16sI")
        self.stream.read(name_len)
        self.socket.sendall(b"\0\0\0\0" + PIXEL_FORMAT)
        self.socket.sendall(struct.pack(">BxHi", 2, 1, 0))  # raw pixels
        return width, height

    def picture(self):
        """Asks for the whole picture, and waits for it."""
        self.socket.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, self.width, self.height))
        while True:
            kind, = self.read(">B")
            if kind == 0:
                self.take_update()
                return Picture(self.width, self.height, bytes(self.pixels))
            if kind == 3:  # the clipboard
                length, = self.read(">3xI")
                self.stream.read(length)
            elif kind != 2:  # the bell
                raise ValueError(f"what is message {kind}?")

    def take_update(self):
        count, = self.read(">xH")
        for _ in range(count):
            x, y, width, height, encoding = self.read(">HHHHi")
            if encoding != 0:
                raise ValueError(f"encoding {encoding} was not asked for")
            data = self.stream.read(width * height * 4)
            for row in range(height):
                line = data[row * width * 4:(row + 1) * width * 4]
                start = ((y + row) * self.width + x) * 3
                out = bytearray(width * 3)
                out[0::3], out[1::3], out[2::3] = line[2::4], line[1::4], line[0::4]
                self.pixels[start:start + width * 3] = out

    def key(self, keysym):
        """Presses and releases a key, by its X11 keysym."""
        for down in (1, 0):
            self.socket.sendall(struct.pack(">BBxxI", 4, down, keysym))

    def pointer(self, x, y, buttons=0):
        self.socket.sendall(struct.pack(">BBHH", 5, buttons, x, y))
