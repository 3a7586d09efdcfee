"""Pictures as tests compare them: binary PPM, which grim and QEMU's screendump both write."""

import struct
import zlib


class Picture:
    """A picture of `width` x `height` RGB pixels, 8 bits a channel."""

    def __init__(self, width, height, pixels):
        self.width, self.height, self.pixels = width, height, pixels
        if len(pixels) != width * height * 3:
            raise ValueError(f"{len(pixels)} bytes are no {width}x{height} picture")

    @classmethod
    def from_ppm(cls, data):
        fields, at = [], 0
        while len(fields) < 4:
            end = at
            while not data[end:end + 1].isspace():
                end += 1
            if data[at:at + 1] == b"#":
                at = data.index(b"\n", at) + 1
                continue
            fields.append(data[at:end])
            at = end + 1
        if fields[0] != b"P6" or fields[3] != b"255":
            raise ValueError(f"not a PPM picture of 8 bits a channel: {fields}")
        return cls(int(fields[1]), int(fields[2]), data[at:])

    def to_ppm(self):
        return b"P6\n%d %d\n255\n" % (self.width, self.height) + self.pixels

    def to_png(self):
        """PNG, ISO/IEC 15948: signature, header, one block of unfiltered rows, end."""
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + \
                struct.pack(">I", zlib.crc32(kind + data))
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        rows = b"".join(b"\0" + self.row(y) for y in range(self.height))
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + \
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")

    def row(self, y, x=0, width=None):
        width = self.width - x if width is None else width
        start = (y * self.width + x) * 3
        return self.pixels[start:start + width * 3]

    def pixel(self, x, y):
        """The colour at x,y as 0xRRGGBB."""
        return int.from_bytes(self.row(y, x, 1), "big")

    def crop(self, x, y, width, height):
        if x < 0 or y < 0 or x + width > self.width or y + height > self.height:
            raise ValueError(f"{width}x{height}+{x}+{y} is not inside {self.width}x{self.height}")
        return Picture(width, height, b"".join(self.row(y + i, x, width) for i in range(height)))

    def colours(self):
        """How many pixels each colour has, by 0xRRGGBB."""
        counts = {}
        for i in range(0, len(self.pixels), 3):
            pixel = self.pixels[i:i + 3]
            counts[pixel] = counts.get(pixel, 0) + 1
        return {int.from_bytes(pixel, "big"): count for pixel, count in counts.items()}

    def one_colour(self):
        return self.pixels == self.pixels[:3] * (self.width * self.height)

    def difference(self, other):
        """How many pixels differ; pictures of other sizes differ in all."""
        if (self.width, self.height) != (other.width, other.height):
            return self.width * self.height
        if self.pixels == other.pixels:
            return 0
        count = 0
        for y in range(self.height):
            mine, theirs = self.row(y), other.row(y)
            if mine != theirs:
                count += sum(mine[i:i + 3] != theirs[i:i + 3] for i in range(0, len(mine), 3))
        return count
