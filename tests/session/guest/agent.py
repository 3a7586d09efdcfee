#!/usr/bin/env python3
"""Inside the machine: runs what the test asks for, over a virtio-serial port.

A request is a line of JSON, {"python": SOURCE} or {"command": SHELL, "user": NAME, "timeout": S};
the answer is one, too: {"status": NUMBER, "output": TEXT}. Python runs here, in one namespace
that lives as long as the machine.
"""

import contextlib
import glob
import io
import json
import os
import pwd
import subprocess
import sys
import time
import traceback

sys.path.insert(0, "/etc/session")
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


def find_port():
    """The port's device; its name is told by sysfs before udev has made a link of it."""
    while True:
        for path in glob.glob("/sys/class/virtio-ports/*/name"):
            with open(path, encoding="ascii") as name:
                if name.read().strip() == "agent":
                    return "/dev/" + path.split("/")[-2]
        time.sleep(0.05)


def environment(user):
    """What a program started by the desk would have."""
    runtime = f"/run/user/{user.pw_uid}"
    if not os.path.isdir(runtime):
        runtime = f"/tmp/redecho-{user.pw_uid}"  # what redecho-session makes of its own
    made = {"PATH": PATH, "HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name,
            "SHELL": "/bin/sh", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": runtime,
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus"}
    for path in glob.glob(f"{runtime}/wayland-*[0-9]"):
        made["WAYLAND_DISPLAY"] = os.path.basename(path)
    for path in glob.glob(f"{runtime}/redecho-*/ipc.sock"):
        made["REDECHO_SOCKET"] = path
    return made


def run_command(command, user, timeout):
    user = pwd.getpwnam(user)
    who = {} if user.pw_uid == 0 else {
        "user": user.pw_uid, "group": user.pw_gid,
        "extra_groups": os.getgrouplist(user.pw_name, user.pw_gid)}
    try:
        result = subprocess.run(["/bin/sh", "-c", command], env=environment(user), cwd=user.pw_dir,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=timeout, **who)
    except subprocess.TimeoutExpired as error:
        output = (error.output or b"").decode(errors="replace")
        return 124, f"{output}\n(not done after {timeout} s)"
    return result.returncode, result.stdout.decode(errors="replace")


def run_python(source, namespace):
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(compile(source, "<test>", "exec"), namespace)
    except Exception:  # whatever the test's code raises is the test's to see
        return 1, output.getvalue() + traceback.format_exc()
    return 0, output.getvalue()


def main():
    namespace = {}
    with open(find_port(), "r+b", buffering=0) as port:
        port.write(b'{"status": 0, "output": "here"}\n')
        pending = b""
        while True:
            data = port.read(65536)
            if not data:
                time.sleep(0.05)  # nobody is at the other end
                continue
            pending += data
            while b"\n" in pending:
                line, pending = pending.split(b"\n", 1)
                request = json.loads(line)
                if "python" in request:
                    status, output = run_python(request["python"], namespace)
                else:
                    status, output = run_command(request["command"], request["user"], request["timeout"])
                answer = json.dumps({"status": status, "output": output}).encode() + b"\n"
                while answer:
                    answer = answer[port.write(answer):]


main()
