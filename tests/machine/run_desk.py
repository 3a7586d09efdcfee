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


NOTICE_PIXELS = 60
# A lone text cursor, which Linux shows long before its prompt, is less than this.
DRAWN_PIXELS = 200


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


def shows_something(picture):
    """Whether more than one colour has pixels to speak of."""
    return not picture.one_colour() and \
        len(picture.pixels) // 3 - max(picture.colours().values()) >= DRAWN_PIXELS


def drawn(desk):
    """The desk's picture, when there are machines and each shows something, else None; raises
    if one failed."""
    machines = desk.ctl("machines")
    for machine in machines:
        if machine["state"] == "ended":
            raise DeskError(f"machine {machine['name']} ended: {machine.get('message') or 'no reason'}")
    if not machines or any(machine["stage"] != "running" for machine in machines):
        return None
    picture = desk.picture()
    for window in desk.ctl("windows"):
        if window.get("machine") and window.get("visible", True):
            x, y, width, height = box_of(window["content"])
            # The host's own notices lie over the lower edge.
            if not shows_something(picture.crop(x, y, width, max(1, height - NOTICE_PIXELS))):
                return None
    return picture


def save(desk, picture, path):
    """Writes the very picture that was judged: a moment later a cursor may have blinked."""
    path.write_bytes(picture.to_png())
    say(f"{path}: {picture.width}x{picture.height}, {len(desk.ctl('machines'))} machines")


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
            picture = desk.until(lambda: drawn(desk), "picture of every machine", 3 * PATIENCE_S)
            save(desk, picture, screenshot)
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
