#!/usr/bin/env python3
"""A bridge that shows nothing: takes QEMU's vhost-user connections, answers what QEMU waits
for, and serves redecho_bridge_v1, with duplicates of QEMU's file descriptors.

Says on FAKE_BRIDGE_LOG, if that is set, what redecho-vmd asked of it. It wants a renderer when it
gets SIGUSR1, and finds it lost at SIGUSR2.
"""

import array
import contextlib
import os
import signal
import socket
import struct
import sys
import threading

# vhost-user (QEMU, docs/interop/vhost-user.rst)
GET_FEATURES, SET_MEM_TABLE, GET_VRING_BASE, SET_VRING_KICK, SET_VRING_CALL = 1, 5, 11, 12, 13
GET_PROTOCOL_FEATURES, GET_QUEUE_NUM, GET_CONFIG, GPU_SET_SOCKET = 15, 17, 24, 33
GET_MAX_MEM_SLOTS = 36
NEED_REPLY = 1 << 3
FEATURES = 1 << 32 | 1 << 30  # VIRTIO_F_VERSION_1, VHOST_USER_F_PROTOCOL_FEATURES
PROTOCOL_FEATURES = 1 << 9  # CONFIG

# redecho_bridge_v1
CONNECTION, GPU_SOCKET, MEMORY, KICK, CALL = range(5)
DEVICES = ("gpu", "keyboard", "tablet", "mouse")


def receive(sock, size):
    data, fds = b"", array.array("i")
    while len(data) < size:
        part, ancillary, _, _ = sock.recvmsg(size - len(data), socket.CMSG_SPACE(4 * 32))
        for _, _, rights in ancillary:
            fds.frombytes(rights[:len(rights) // 4 * 4])
        if not part:
            raise EOFError
        data += part
    return data, list(fds)


class Bridge:
    def __init__(self):
        self.lock = threading.Lock()
        self.fds = {}  # (kind, index) -> fd
        self.clients = []  # sends one (kind, index, fd)
        self.kept = []

    def note(self, *words):
        path = os.environ.get("FAKE_BRIDGE_LOG")
        if path:
            with open(path, "a", encoding="utf-8") as log:
                print(*words, file=log)

    def duplicate(self, kind, index, fd):
        with self.lock:
            self.fds[kind, index] = fd
            for client in self.clients:
                client.send_fd(kind, index, fd)

    def tell(self, opcode, payload=b""):
        for client in self.clients:
            client.event(client.object, opcode, payload)
        self.note("told", opcode)

    def serve_device(self, device, fd):
        sock, _ = socket.socket(fileno=fd).accept()
        self.duplicate(CONNECTION, device, sock.fileno())
        try:
            while True:
                head, fds = receive(sock, 12)
                request, flags, size = struct.unpack("<III", head)
                payload, more = receive(sock, size) if size else (b"", [])
                self.answer(sock, device, request, flags, payload, fds + more)
        except (EOFError, OSError):
            pass

    def answer(self, sock, device, request, flags, payload, fds):
        def reply(data):
            sock.sendall(struct.pack("<III", request, 5, len(data)) + data)

        number = {GET_FEATURES: FEATURES, GET_PROTOCOL_FEATURES: PROTOCOL_FEATURES,
                  GET_QUEUE_NUM: 2, GET_MAX_MEM_SLOTS: 32}.get(request)
        if number is not None:
            reply(struct.pack("<Q", number))
        elif request == GET_CONFIG:
            reply(payload[:12] + bytes(len(payload) - 12))
        elif request == GET_VRING_BASE:
            reply(payload[:4] + bytes(4))
        elif flags & NEED_REPLY:
            reply(struct.pack("<Q", 0))
        kind = {GPU_SET_SOCKET: GPU_SOCKET, SET_MEM_TABLE: MEMORY, SET_VRING_KICK: KICK,
                SET_VRING_CALL: CALL}.get(request)
        for position, fd in enumerate(fds):
            queue = payload[0] if kind in (KICK, CALL) else position
            if kind is None:
                self.kept.append(fd)
            else:
                self.duplicate(kind, device * 256 + queue, fd)


class Control:
    """One connection of redecho-vmd: the Wayland wire format, as far as it is needed."""

    def __init__(self, bridge, sock):
        self.bridge, self.sock = bridge, sock
        self.registry = self.object = None

    def event(self, target, opcode, payload=b"", fds=()):
        message = struct.pack("<IHH", target, opcode, 8 + len(payload)) + payload
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        try:
            self.sock.sendmsg([message], rights)
        except OSError:
            pass

    def send_fd(self, kind, index, fd):
        if self.object is not None:
            self.event(self.object, 3, struct.pack("<II", kind, index), [fd])

    def bound(self, new_id):
        with self.bridge.lock:
            self.object = new_id
            self.event(new_id, 0, struct.pack("<I", 0))
            for (kind, index), fd in self.bridge.fds.items():
                self.send_fd(kind, index, fd)

    def request(self, target, opcode, payload, fds):
        if target == 1 and opcode == 1:  # wl_display.get_registry
            self.registry, = struct.unpack("<I", payload)
            name = b"redecho_bridge_v1\0"
            name += bytes(-len(name) % 4)
            self.event(self.registry, 0, struct.pack("<II", 1, 18) + name + struct.pack("<I", 1))
        elif target == self.registry and opcode == 0:  # wl_registry.bind
            self.bound(struct.unpack("<I", payload[-4:])[0])
        elif target == self.object and opcode == 1:
            self.bridge.note("set_wayland")
            self.bridge.kept.append(fds.pop(0))
            self.event(self.object, 0, struct.pack("<I", 1))
        elif target == self.object and opcode == 2:
            self.bridge.note("set_display_bus")
            self.bridge.kept.append(fds.pop(0))
        elif target == self.object and opcode == 3:
            fd = fds.pop(0)
            kind = os.readlink(f"/proc/self/fd/{fd}").partition(":")[0]
            renderer = socket.socket(fileno=fd)
            self.bridge.kept.append(renderer)
            answer = "nothing"
            with contextlib.suppress(OSError):  # the fake renderer answers with its arguments
                renderer.send(b"hello")
                answer = renderer.recv(4096).decode() or answer
            sequential = renderer.type == socket.SOCK_SEQPACKET
            self.bridge.note("set_renderer", kind, sequential, answer)

    def serve(self):
        fds = []
        try:
            while True:
                head, more = receive(self.sock, 8)
                target, opcode, size = struct.unpack("<IHH", head)
                payload, rest = receive(self.sock, size - 8) if size > 8 else (b"", [])
                fds += more + rest
                self.request(target, opcode, payload, fds)
        except (EOFError, OSError):
            with self.bridge.lock:
                self.bridge.clients.remove(self)


def main():
    options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    bridge = Bridge()
    bridge.note("start", options["--name"], options["--title"])
    bridge.note("graphics", options["--name"], options.get("--graphics", "-"),
                options.get("--transport", "-"))
    reason = b"\x1b[31mthe guest wrote this\n\0"
    reason = struct.pack("<I", len(reason)) + reason + bytes(-len(reason) % 4)
    signal.signal(signal.SIGUSR1, lambda *_: bridge.tell(4))
    signal.signal(signal.SIGUSR2, lambda *_: bridge.tell(5, reason))
    for index, device in enumerate(DEVICES):
        threading.Thread(target=bridge.serve_device, daemon=True,
                         args=(index, int(options[f"--{device}-fd"]))).start()
    listener = socket.socket(fileno=int(options["--control-fd"]))
    while True:
        control = Control(bridge, listener.accept()[0])
        with bridge.lock:
            bridge.clients.append(control)
        threading.Thread(target=control.serve, daemon=True).start()


main()
