"""A Wayland display without some of its globals: programs that know a newer and an older protocol
are made to use the older one.

It passes on every byte and file descriptor between clients and the compositor, but for the
announcements of the globals that are hidden.
"""

import array
import os
import selectors
import socket
import struct
import threading

DISPLAY, GET_REGISTRY, GLOBAL = 1, 1, 0


class Hide:
    """Listens in the desk's runtime directory; use as a context manager."""

    def __init__(self, desk, *names):
        self.names = {name.encode() for name in names}
        self.target = str(desk.runtime / desk.environment["WAYLAND_DISPLAY"])
        self.path = desk.runtime / f"hidden-{len(list(desk.runtime.glob('hidden-*')))}"
        self.environment = {"WAYLAND_DISPLAY": self.path.name}
        self.listener = socket.socket(socket.AF_UNIX)
        self.threads = []

    def __enter__(self):
        self.listener.bind(str(self.path))
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, kind, value, trace):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            threading.Thread(target=self.serve, args=(client, server), daemon=True).start()

    def serve(self, client, server):
        registries = set()
        halves = {client: bytearray(), server: bytearray()}
        with client, server, selectors.DefaultSelector() as selector:
            for end in halves:
                selector.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    end = key.fileobj
                    other = server if end is client else client
                    try:
                        if not self.pass_on(end, other, halves[end], registries, end is client):
                            return
                    except OSError:
                        return

    def pass_on(self, end, other, buffered, registries, is_request):
        data, ancillary, _, _ = end.recvmsg(65536, socket.CMSG_SPACE(28 * 4))
        fds = array.array("i")
        for _, _, content in ancillary:
            fds.frombytes(content[:len(content) - len(content) % fds.itemsize])
        buffered += data
        out = bytearray()
        while len(buffered) >= 8:
            target, word = struct.unpack_from("=II", buffered)
            size, opcode = word >> 16, word & 0xffff
            if len(buffered) < size:
                break
            message = bytes(buffered[:size])
            del buffered[:size]
            if is_request and target == DISPLAY and opcode == GET_REGISTRY:
                registries.add(struct.unpack_from("=I", message, 8)[0])
            hidden = not is_request and target in registries and opcode == GLOBAL and \
                message[16:16 + struct.unpack_from("=I", message, 12)[0] - 1] in self.names
            if not hidden:
                out += message
        if out or fds:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)] if fds else []
            sent = other.sendmsg([bytes(out)], rights)
            other.sendall(out[sent:])
        for fd in fds:
            os.close(fd)
        return bool(data)
