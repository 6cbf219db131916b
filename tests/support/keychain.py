"""A real keychain service of one's own: gnome-keyring on a private D-Bus, in a throw-away home."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

__all__ = ["needs_keychain", "run_with_keychain"]

needs_keychain = pytest.mark.skipif(
    shutil.which("gnome-keyring-daemon") is None or shutil.which("dbus-run-session") is None,
    reason="no gnome-keyring or dbus-run-session on this machine (Linux desktops have them)",
)


def run_with_keychain(
    home: Path, code: str, *, unlocked: bool = True, timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run Python ``code`` in a process whose Secret Service is a fresh gnome-keyring, unlocked or not."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("PYTHON_KEYRING_BACKEND", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
    }
    environment |= {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "share"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": str(ROOT),
    }
    unlock = (
        "printf 'test-password\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "
    )
    script = (unlock if unlocked else "") + 'exec "$0" -c "$1"'
    return subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", script, sys.executable, code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
