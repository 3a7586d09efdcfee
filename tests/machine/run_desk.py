#!/usr/bin/env python3
"""`./dev run` with an end: starts the desk, takes a picture when every machine has drawn, and
ends it after a time.

Usage: run_desk.py --build DIR --seconds N --screenshot FILE -- redecho options
"""

import argparse
import os
import pathlib
import shutil
import signal
import sys
import time

from desk import PATIENCE_S, Desk, DeskError, box_of
from picture import Picture


NOTICE_PIXELS = 60


def say(*words):
    print("run:", *words, file=sys.stderr, flush=True)


def display_of_the_caller():
    """What the desk needs to open in the caller's display; empty for headless."""
    backend = os.environ.get("WLR_BACKENDS", "")
    if backend == "headless":
        return {}
    outer = {name: os.environ[name] for name in ("DISPLAY", "XAUTHORITY", "WLR_BACKENDS")
             if name in os.environ}
    display = os.environ.get("WAYLAND_DISPLAY")
    if backend == "wayland" and display:
        outer["WAYLAND_DISPLAY"] = str(pathlib.Path(os.environ["XDG_RUNTIME_DIR"], display))
    return outer


def drawn(desk):
    """True when there are machines and each shows more than one colour; raises if one failed."""
    machines = desk.ctl("machines")
    for machine in machines:
        if machine["state"] == "ended":
            raise DeskError(f"machine {machine['name']} ended: {machine.get('message') or 'no reason'}")
    if not machines or any(machine["stage"] != "running" for machine in machines):
        return False
    picture = desk.picture()
    for window in desk.ctl("windows"):
        if window.get("machine") and window.get("visible", True):
            x, y, width, height = box_of(window["content"])
            # The host's own notices lie over the lower edge.
            if picture.crop(x, y, width, max(1, height - NOTICE_PIXELS)).one_colour():
                return False
    return True


def save(desk, path):
    desk.run("grim", path)
    with open(path, "rb") as png:
        if png.read(8) != b"\x89PNG\r\n\x1a\n":
            raise DeskError(f"{path} is no PNG")
    size = Picture.from_ppm(desk.run("grim", "-t", "ppm", "-"))
    say(f"{path}: {size.width}x{size.height}, {len(desk.ctl('machines'))} machines")


def follow_log(desk, shown):
    """Passes on what the desk has logged since."""
    text = desk.log()
    sys.stderr.write(text[shown:])
    return len(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--screenshot", default="")
    parser.add_argument("options", nargs="*")
    arguments = parser.parse_args()

    screenshot = arguments.screenshot and pathlib.Path(arguments.screenshot).resolve()
    desk = Desk(arguments.build, arguments.options)
    # Ctrl+C ends the desk as the end of the time does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    desk.show_in(display_of_the_caller())
    started, shown, status = time.monotonic(), 0, 0
    try:
        desk.start()
        shown = follow_log(desk, shown)
        if screenshot:
            say("waiting for every machine's first picture")
            desk.until(lambda: drawn(desk), "picture of every machine", 3 * PATIENCE_S)
            save(desk, screenshot)
        while time.monotonic() - started < arguments.seconds:
            shown = follow_log(desk, shown)
            if desk.process.poll() is not None:
                say(f"redecho ended by itself with {desk.process.returncode}")
                return desk.process.returncode
            time.sleep(0.2)
    except DeskError as error:
        say(error)
        desk.show_logs()
        status = 1
    except KeyboardInterrupt:
        status = 130
    finally:
        desk.stop()
        follow_log(desk, shown)
        shutil.rmtree(desk.runtime, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
