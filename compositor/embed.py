#!/usr/bin/env python3
"""Makes a C header that holds a file's bytes, ended by a NUL.

Usage: embed.py FILE HEADER NAME
"""

import sys


def main():
    source, header, name = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read() + b"\0"
    rows = [", ".join(str(byte) for byte in data[at:at + 20]) for at in range(0, len(data), 20)]
    with open(header, "w", encoding="ascii") as file:
        file.write(f"static const unsigned char {name}[] = {{\n\t")
        file.write(",\n\t".join(rows))
        file.write(",\n};\n")


if __name__ == "__main__":
    main()
