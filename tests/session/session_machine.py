"""A machine in which Red Echo has a screen of its own: DRM/KMS, libinput, a seat.

Its root is this system's, read-only and under a tmpfs, with what `meson install` installs laid
over it; the screen is QEMU's virtio-gpu, the keyboard and the tablet are virtio's. It is watched
from outside by screendump and driven by QMP's key events, and an agent inside runs what a test
asks for:

    with SessionMachine(BUILD, config="bind Mod+Return exec foot\\n") as machine:
        machine.wait_log("redecho: output ", "output")
        machine.press("meta_l", "ret")
        machine.wait_picture(lambda picture: ..., "window")
        machine.run("redechoctl --json windows")
        machine.python("import uinput; lid = uinput.Device('lid', {uinput.EV_SW: [uinput.SW_LID]})")
        machine.python("lid.emit((uinput.EV_SW, uinput.SW_LID, 1))")

`start` says how Red Echo comes to run:
    "direct"   no login: as root by seatd-launch, without systemd; about 15 s until it runs.
    "systemd"  systemd, logind, and greetd with agreety on the first virtual terminal: log_in()
               is alice, who has a password. Red Echo is there by ./dev install.
    "seatd"    the same without systemd and logind: alice gets the seat from seatd.

Where this cannot run, check_needs() ends the test as skipped, with the reason.
"""

import json
import os
import pathlib
import re
import select
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "machine"))

from plain_qemu import PlainQemu  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
IMAGE = pathlib.Path(os.environ.get("REDECHO_ENV", SOURCE / ".env"), "machines/linux-terminal")
SIZE = (1024, 768)
USER, UID, PASSWORD = "alice", 1234, "secret"
HOME = f"/home/{USER}"
# crypt(3) of PASSWORD.
PASSWORD_HASH = "$6$redecho$WRvlndJ5MDPev9vjIqr39fH/bimbi0IOf9dvSp8ocpGpMus8G4vYA1pmqA.IM7cOarzDiRCgEKzp2UNa9ab3M1"
# TCG on a busy machine.
PATIENCE_S = 180

# Nothing that takes time and is of no use here.
COMMAND_LINE = "quiet console=ttyS0 mitigations=off lsm=capability audit=0 8250.nr_uarts=1"
SYSTEMD_COMMAND_LINE = ("systemd.unit=session.target systemd.show_status=0 systemd.tty.term.console=dumb "
                        "systemd.tty.rows.console=24 systemd.tty.columns.console=80")
# They take time and have no part in a login.
MASKED = """apt-daily-upgrade.timer apt-daily.timer console-setup.service cron.service dev-hugepages.mount
    dev-mqueue.mount dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
    getty@tty1.service keyboard-setup.service kmod-static-nodes.service logrotate.timer man-db.timer
    modprobe@.service proc-sys-fs-binfmt_misc.automount seatd.service sys-fs-fuse-connections.mount
    sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount systemd-binfmt.service
    systemd-creds.socket systemd-hostnamed.socket systemd-importd.socket systemd-journal-flush.service
    systemd-journalctl.socket systemd-machined.socket systemd-modules-load.service
    systemd-mute-console.socket systemd-pstore.service systemd-random-seed.service
    systemd-remount-fs.service systemd-storage-block.socket systemd-storage-fs.socket
    systemd-sysctl.service systemd-sysext.socket systemd-sysinstall.socket systemd-sysupdate.socket
    systemd-tmpfiles-clean.timer systemd-tmpfiles-setup-dev-early.service
    systemd-tmpfiles-setup-dev.service systemd-udev-load-credentials.service tmp.mount
    virtlogd-admin.socket virtlogd.service virtlogd.socket""".split()
# What other packages start in every graphical session.
MASKED_USER = """filter-chain.service foot-server.service foot-server.socket mako.service
    pipewire.service pipewire.socket systemd-importd.socket systemd-journalctl.socket
    systemd-machined.socket systemd-storage-fs.socket systemd-tmpfiles-clean.timer
    systemd-tmpfiles-setup.service user-session-migration.service waybar.service
    wireplumber.service xdg-desktop-portal-rewrite-launchers.service""".split()
# The greeter needs no user manager of its own.
GREETER_PAM = "auth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n"

QCODES = {" ": "spc", "\n": "ret", "-": "minus", "=": "equal", ".": "dot", ",": "comma", "/": "slash",
          ";": "semicolon", "'": "apostrophe", "\\": "backslash", "\t": "tab", "[": "bracket_left",
          "]": "bracket_right", "`": "grave_accent"}
SHIFTED = dict(zip('_+>?:"|<{}~!@#$%^&*()', "-=./;'\\,[]`1234567890"))


class MachineError(Exception):
    """The machine did not do what it was asked for."""


def skip(reason):
    print(reason)
    sys.exit(77)


def check_needs(*programs):
    """Ends the test as skipped where something is missing that it needs."""
    for name in ("vmlinuz", "initrd"):
        if not (IMAGE / name).exists():
            skip(f"no {IMAGE / name}: ./dev setup makes it in the Debian root")
    for path in ("/usr/lib/systemd/systemd-udevd", "/usr/bin/seatd-launch", "/usr/bin/foot", *programs):
        if not os.path.exists(path):
            skip(f"no {path}: the session inside the machine needs it")
    listing = subprocess.run(f"zcat '{IMAGE}/initrd' | cpio -t --quiet", shell=True,
                             capture_output=True, text=True, check=True).stdout
    if "lib/modules/uinput.ko" not in listing:
        skip("the Linux image is older than this test: run ./dev setup")


def install(build, destination):
    """`meson install`, which refuses while another one runs for the same build."""
    end = time.monotonic() + 60
    while True:
        result = subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet",
                                 "--destdir", destination], capture_output=True, text=True,
                                stdin=subprocess.DEVNULL)
        if result.returncode == 0:
            return
        if "already using this build directory" not in result.stdout + result.stderr or \
                time.monotonic() > end:
            raise MachineError(f"meson install: {result.stdout}{result.stderr}")
        time.sleep(0.2)


def dev_install(build, destination):
    """What ./dev install installs: the same, and the Linux machine."""
    result = subprocess.run(
        [SOURCE / "dev", "install"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "DESTDIR": str(destination), "REDECHO_BUILD": str(build), "REDECHO_INSIDE": "1",
             "REDECHO_ENV": str(IMAGE.parents[1])})
    if result.returncode != 0:
        raise MachineError(f"./dev install: {result.stdout}{result.stderr}")


def split_key(character):
    """The keys, named as QEMU names them, that type a character of the US layout."""
    if character in SHIFTED or character.isupper():
        return ["shift", *split_key(SHIFTED.get(character, character.lower()))]
    return [QCODES.get(character, character)]


class SessionMachine(PlainQemu):
    """See above; use as a context manager.

    config: text of the configuration file, else the built-in one. options: redecho's, for
    start="direct". files: more files for the machine, by absolute path: text, bytes, or a
    path for a link; the ones below HOME are the user's. outputs: how many the screen's device
    has; all but the first are unplugged. extra: options for QEMU. renderer: wlroots'; "gles2" is
    llvmpipe, with buffers of the card, and much slower.
    """

    def __init__(self, build, config=None, start="direct", options=("-d", "--no-machines"), files=None,
                 size=SIZE, outputs=1, memory="1536M", extra=(), renderer="pixman"):
        self.build = pathlib.Path(build).resolve()
        self.start, self.size, self.renderer = start, size, renderer
        self.options, self.files = " ".join(options), dict(files or {})
        if config is not None:
            at = "/etc/redecho/config" if start == "direct" else f"{HOME}/.config/redecho/config"
            self.files[at] = config
        elif start == "direct":
            self.files["/etc/redecho/config"] = (SOURCE / "configs/config").read_text()
        command_line = COMMAND_LINE + (f" {SYSTEMD_COMMAND_LINE}" if start == "systemd" else "")
        super().__init__(
            IMAGE / "vmlinuz", size, command_line=command_line, memory=memory, outputs=outputs, extra=[
                "-smp", "2", "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,"
                "multidevs=remap", "-device", "virtio-9p-pci,fsdev=host,mount_tag=host",
                "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=agent",
                *extra])
        self.command += ["-initrd", str(self.directory / "initrd"),
                         "-chardev", f"socket,id=agent,path={self.directory}/agent,server=on,wait=off"]
        self.agent, self.pending = None, b""

    def __enter__(self):
        try:
            self._make_initrd()
        except BaseException:
            self.process = None
            self._remove()
            raise
        super().__enter__()
        return self

    def __exit__(self, kind, value, trace):
        if self.agent is not None:
            self.agent.close()
        super().__exit__(kind, value, trace)

    # --- what is in it --------------------------------------------------------------------

    def _make_initrd(self):
        """The Linux image's, with another first program: a later archive hides files of an earlier."""
        with tempfile.TemporaryDirectory(dir=self.directory) as folder:
            root = pathlib.Path(folder)
            self._put(root, "/init", "#!/bin/sh\nexec /etc/session-init\n", 0o755)
            self._put(root, "/etc/session-init", (HERE / "guest/init").read_text(), 0o755)
            # The image's init would start a shell on the screen as well.
            self._put(root, "/etc/inittab", "::sysinit:/etc/session-init\n")
            self._make_files(root / "files")
            names = sorted(str(path.relative_to(root)) for path in root.rglob("*"))
            with open(self.directory / "initrd", "wb") as out:
                first = (IMAGE / "initrd").read_bytes()
                out.write(first + bytes(-len(first) % 4))  # the kernel finds the next one only aligned
                out.flush()
                subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=root, stdout=out,
                               input="\n".join(names).encode(), check=True)

    @staticmethod
    def _put(root, path, content, mode=0o644):
        path = root / path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pathlib.PurePath):
            path.symlink_to(content)
            return
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)

    def _make_files(self, root):
        (dev_install if self.start == "systemd" else install)(self.build, root)
        for path in ("agent.py", "uinput.py", self.start):
            name = "init" if path == self.start else path
            self._put(root, f"/etc/session/{name}", (HERE / "guest" / path).read_text(), 0o755)
        self._put(root, "/etc/session/options", self.options)
        self._put(root, "/etc/session/renderer", self.renderer)
        (root / "var").mkdir()
        (root / HOME[1:]).mkdir(parents=True)
        passwd = pathlib.Path("/etc/passwd").read_text() + f"{USER}:x:{UID}:{UID}::{HOME}:/bin/sh\n"
        self._put(root, "/etc/passwd", passwd)
        groups = pathlib.Path("/etc/group").read_text() + f"{USER}:x:{UID}:\n"
        if self.start == "seatd":
            groups = re.sub("(?m)^(video:.*:)", rf"\1{USER}", groups)
        self._put(root, "/etc/group", groups)
        names = [line.split(":")[0] for line in passwd.splitlines()]
        self._put(root, "/etc/shadow", "".join(
            f"{name}:{PASSWORD_HASH if name == USER else '*'}:20000:0:99999:7:::\n" for name in names), 0o640)
        self._put(root, f"{HOME}/.profile", f"export WLR_RENDERER={self.renderer} FROM_PROFILE=yes\n")
        if self.start != "direct":
            self._put(root, "/etc/greetd/config.toml", self._greetd_config(root))
            self._put(root, "/etc/pam.d/greetd-greeter", GREETER_PAM)
        if self.start == "systemd":
            self._make_systemd(root)
        for path, content in self.files.items():
            self._put(root, path, content)

    def _make_systemd(self, root):
        units = "/etc/systemd/system"
        for name in ("session.target", "agent.service"):
            self._put(root, f"{units}/{name}", (HERE / "guest" / name).read_text())
        self._put(root, "/etc/systemd/journald.conf", (HERE / "guest/journald.conf").read_text())
        for folder, names in (
                (units, MASKED), ("/etc/systemd/user", MASKED_USER),
                ("/etc/systemd/system-generators", os.listdir("/usr/lib/systemd/system-generators"))):
            for name in names:
                self._put(root, f"{folder}/{name}", pathlib.PurePath("/dev/null"))
        self._put(root, "/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        self._put(root, "/etc/hostname", "desk\n")
        self._put(root, "/etc/fstab", "")

    @staticmethod
    def _greetd_config(root):
        """The installed example, with the account that this system's package has made."""
        text = (root / "usr/local/share/doc/redecho/greetd.toml").read_text()
        return text.replace('"greeter"', '"_greetd"')

    # --- what is done to it ---------------------------------------------------------------

    def press(self, *keys):
        """Presses keys together, named as QEMU names them (qcode)."""
        self.qmp("send-key", keys=[{"type": "qcode", "data": key} for key in keys])

    def type_text(self, text):
        """Types on a US keyboard."""
        for character in text:
            self.press(*split_key(character))

    def log_in(self):
        """Types name and password at the greeter."""
        self.wait_console("login: *$", "greeter")
        self.type_text(f"{USER}\n")
        self.wait_console("Password: *$", "question for the password")
        self.type_text(f"{PASSWORD}\n")

    def ask(self, request, timeout=PATIENCE_S):
        """Sends the agent a request; returns status and output."""
        end = time.monotonic() + timeout + 10
        if self.agent is None:
            self.agent = socket.socket(socket.AF_UNIX)
            self.agent.connect(str(self.directory / "agent"))
            self._answer(time.monotonic() + PATIENCE_S, "greeting")
        self.agent.sendall(json.dumps(request).encode() + b"\n")
        answer = self._answer(end, request)
        return answer["status"], answer["output"]

    def _answer(self, end, what):
        while b"\n" not in self.pending:
            ready, _, _ = select.select([self.agent], [], [], 0.5)
            data = self.agent.recv(65536) if ready else None
            if data == b"" or (not data and time.monotonic() > end):
                raise MachineError(f"the agent does not answer: {what}\n{self.log()[-4000:]}")
            self.pending += data or b""
        line, self.pending = self.pending.split(b"\n", 1)
        return json.loads(line)

    def run(self, command, user=None, timeout=PATIENCE_S):
        """Runs a shell command as the desk's user, in the desk's environment, and returns its output.

        Raises MachineError when it fails.
        """
        status, output = self.ask({"command": command, "timeout": timeout,
                                   "user": user or ("root" if self.start == "direct" else USER)}, timeout)
        if status != 0:
            raise MachineError(f"{command}: {status}\n{output}")
        return output

    def python(self, source, timeout=PATIENCE_S):
        """Executes Python as root; what it defines is there in later calls. Returns what it prints."""
        status, output = self.ask({"python": source}, timeout)
        if status != 0:
            raise MachineError(output)
        return output

    # --- what is seen of it ---------------------------------------------------------------

    def log(self):
        """Everything on the console: the kernel's, systemd's and Red Echo's log."""
        return (self.directory / "serial.log").read_text(errors="replace")

    def wait_log(self, pattern, what, patience_s=PATIENCE_S):
        """Waits for a regular expression in the log and returns the match."""
        end = time.monotonic() + patience_s
        while True:
            found = re.search(pattern, self.log())
            if found:
                return found
            if time.monotonic() > end or self.process.poll() is not None:
                raise MachineError(f"no {what} in the log:\n{self.log()[-8000:]}")
            time.sleep(0.1)

    def console(self, number=1):
        """The text on a virtual terminal."""
        return self.python("import fcntl, struct, termios\n"
                           f"with open('/dev/tty{number}') as terminal:\n"
                           "    size = fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))\n"
                           "columns = struct.unpack('4H', size)[1]\n"
                           f"with open('/dev/vcsu{number}', 'rb') as screen:\n"
                           "    text = screen.read().decode('utf-32', 'replace')\n"
                           "for at in range(0, len(text), columns):\n"
                           "    print(text[at:at + columns].rstrip())")

    def wait_console(self, pattern, what, number=1, patience_s=PATIENCE_S):
        """Waits for a regular expression in the text on a virtual terminal; $ ends a line."""
        end = time.monotonic() + patience_s
        while not re.search(pattern, self.console(number), re.MULTILINE):
            if time.monotonic() > end:
                raise MachineError(f"no {what} on the console:\n{self.console(number)}\n{self.log()[-4000:]}")
            time.sleep(0.1)

    def wait_picture(self, wanted, what, patience_s=PATIENCE_S):
        """Takes pictures until wanted(picture) is true, and returns that picture.

        When it never is, the last one is kept in the folder in which the test runs.
        """
        try:
            return self.wait_for(wanted, what, patience_s)
        except RuntimeError as error:
            kept = pathlib.Path(f"session-{os.getpid()}.png").resolve()
            kept.write_bytes(self.picture().to_png())
            raise MachineError(f"{error}; kept {kept}\n{self.log()[-4000:]}") from None
