"""A D-Bus session of a test's own, for programs that cannot do without one."""

from desk import answers

CONFIG = """<busconfig>
<type>session</type>
<listen>unix:path={path}</listen>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy>
</busconfig>
"""


def start_bus(desk, run_client):
    """Starts it with run_client(word, ...); returns the environment of its programs."""
    path = desk.runtime / "bus"
    config = desk.runtime / "bus.conf"
    config.write_text(CONFIG.format(path=path))
    run_client("dbus-daemon", "--nofork", "--nopidfile", f"--config-file={config}")
    desk.until(lambda: answers(path), "a D-Bus session")
    return {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={path}", "GTK_A11Y": "none", "NO_AT_BRIDGE": "1"}
