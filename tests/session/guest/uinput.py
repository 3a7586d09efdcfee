"""Input devices made by a program: Linux's uinput, for use inside the session's machine.

    import uinput
    switch = uinput.Device("lid", events={uinput.EV_SW: [uinput.SW_LID]})
    switch.emit((uinput.EV_SW, uinput.SW_LID, 1))

The numbers are those of linux/input-event-codes.h, by their names there: every EV_*, KEY_*, BTN_*,
REL_*, ABS_*, SW_* and INPUT_PROP_* is an attribute of this module.
"""

import fcntl
import glob
import os
import re
import struct
import time

HEADER = "/usr/include/linux/input-event-codes.h"

UI_DEV_CREATE = 0x5501
UI_DEV_DESTROY = 0x5502
UI_DEV_SETUP = 0x405c5503  # struct uinput_setup: 92 bytes
UI_ABS_SETUP = 0x401c5504  # struct uinput_abs_setup: 28 bytes
UI_SET_PROPBIT = 0x4004556e
UI_SET_BIT = {0x01: 0x40045565, 0x02: 0x40045566, 0x03: 0x40045567, 0x04: 0x40045568,
              0x05: 0x4004556d, 0x11: 0x40045569}
UI_SET_EVBIT = 0x40045564
UI_SET_PHYS = 0x4008556c
UI_GET_SYSNAME = 0x8040552c  # 64 bytes
BUS_USB = 3


def _read_codes():
    """Names and numbers of the header, which may define one by another."""
    codes = {}
    with open(HEADER, encoding="ascii") as header:
        for line in header:
            found = re.match(r"#define\s+((?:EV|SYN|KEY|BTN|REL|ABS|SW|INPUT_PROP|LED|MSC)_\w+)\s+(\w+)", line)
            if not found:
                continue
            name, value = found.groups()
            if value in codes:
                codes[name] = codes[value]
            elif value[0].isdigit():
                codes[name] = int(value, 0)
    return codes


globals().update(_read_codes())


class Device:
    """A device that is there until close().

    events: codes by type. absolute: for each ABS code (minimum, maximum) or (minimum, maximum,
    resolution), in units per mm; its type need not be in `events`. properties: INPUT_PROP_*.
    place: where it is plugged in; devices in one place are parts of one.
    Returns when udev has seen it: a running desk gets it then.
    """

    def __init__(self, name, events=None, absolute=None, properties=(), vendor=0x1209, product=1, place=None):
        self.fd = os.open("/dev/uinput", os.O_RDWR | os.O_CLOEXEC)
        events = dict(events or {})
        if absolute:
            events[EV_ABS] = list(absolute)  # noqa: F821
        for kind, codes in events.items():
            fcntl.ioctl(self.fd, UI_SET_EVBIT, kind)
            for code in codes:
                fcntl.ioctl(self.fd, UI_SET_BIT[kind], code)
        if place:
            fcntl.ioctl(self.fd, UI_SET_PHYS, place.encode() + b"\0")
        for number in properties:
            fcntl.ioctl(self.fd, UI_SET_PROPBIT, number)
        for code, values in (absolute or {}).items():
            minimum, maximum, resolution = (*values, 0)[:3]
            fcntl.ioctl(self.fd, UI_ABS_SETUP, struct.pack(
                "=HxxiiiiiI", code, 0, minimum, maximum, 0, 0, resolution))
        fcntl.ioctl(self.fd, UI_DEV_SETUP, struct.pack(
            "=HHHH80sI", BUS_USB, vendor, product, 1, name.encode(), 0))
        fcntl.ioctl(self.fd, UI_DEV_CREATE)
        self._wait_udev()

    def _wait_udev(self):
        name = fcntl.ioctl(self.fd, UI_GET_SYSNAME, bytes(64)).split(b"\0")[0].decode()
        while True:
            for event in glob.glob(f"/sys/devices/virtual/input/{name}/event*/dev"):
                with open(event, encoding="ascii") as file:
                    if os.path.exists("/run/udev/data/c" + file.read().strip()):
                        self.node = "/dev/input/" + event.split("/")[-2]
                        return
            time.sleep(0.02)

    def emit(self, *events):
        """Sends (type, code, value) events as one group, which SYN_REPORT ends."""
        data = b"".join(struct.pack("=qqHHi", 0, 0, *event) for event in (*events, (0, 0, 0)))
        os.write(self.fd, data)

    def close(self):
        if self.fd >= 0:
            fcntl.ioctl(self.fd, UI_DEV_DESTROY)
            os.close(self.fd)
            self.fd = -1
