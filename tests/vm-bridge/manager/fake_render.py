#!/usr/bin/env python3
"""A renderer that draws nothing: says on its socket how it was started, and ends with the bridge.

FAKE_RENDER is what it does instead: die (at once), or die-on-node (with a render node), or hang (it
takes no notice of the bridge's end), or big (it takes 32 MiB).
"""

import os
import socket
import sys
import time

MODE = os.environ.get("FAKE_RENDER", "")


def main():
    number, *nodes = sys.argv[1:]
    if MODE == "die" or (MODE == "die-on-node" and nodes):
        sys.exit(1)
    kept = b"x" * (32 << 20) if MODE == "big" else b""
    bridge = socket.socket(fileno=int(number))
    bridge.recv(16)
    opened = " ".join(str(fd) for fd in range(64) if os.path.lexists(f"/proc/self/fd/{fd}"))
    bridge.send(f"node {nodes[0] if nodes else '-'} open {opened}".encode())
    while bridge.recv(16) or MODE == "hang":
        if MODE == "hang":
            time.sleep(1)


main()
