"""``reviewdesk doctor``: what the program needs, each check with its remedy (cli.md, Data care)."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import socket
import sys
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from reviewdesk.domain.errors import ReviewdeskError

__all__ = [
    "Finding",
    "check_database",
    "check_disk",
    "check_keychain",
    "check_network",
    "check_qt",
    "check_time_zones",
]

LOW_DISK_BYTES = 500 * 1024 * 1024

# The Debian packages of the libraries that Qt's xcb plugin wants and a bare system lacks.
_DEBIAN_PACKAGES = {
    "libEGL": "libegl1",
    "libGL": "libgl1",
    "libxkbcommon-x11": "libxkbcommon-x11-0",
    "libxkbcommon": "libxkbcommon0",
    "libdbus-1": "libdbus-1-3",
    "libfontconfig": "libfontconfig1",
    "libglib-2": "libglib2.0-0",
    "libgthread-2": "libglib2.0-0",
    "libxcb-cursor": "libxcb-cursor0",
    "libxcb-icccm": "libxcb-icccm4",
    "libxcb-keysyms": "libxcb-keysyms1",
    "libxcb-shape": "libxcb-shape0",
    "libxcb-image": "libxcb-image0",
    "libxcb-render-util": "libxcb-render-util0",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of ``doctor --json``."""

    check: str
    ok: bool
    message: str
    remedy: str = ""

    def as_json(self) -> dict[str, str | bool]:
        return {"check": self.check, "ok": self.ok, "message": self.message, "remedy": self.remedy}


def check_keychain(probe: Callable[[], str]) -> Finding:
    """``probe`` writes, reads and deletes a value and names the back end."""
    try:
        return Finding("keychain", True, f"Credentials are kept by {probe()}.")
    except ReviewdeskError as error:
        return Finding("keychain", False, error.message, error.remedy)


def check_database(integrity: Callable[[], str]) -> Finding:
    """``integrity`` answers ``ok`` or what is damaged."""
    try:
        answer = integrity()
    except ReviewdeskError as error:
        return Finding("database", False, error.message, error.remedy)
    if answer == "ok":
        return Finding("database", True, "The database is whole.")
    return Finding("database", False, answer, "Keep the file and restore the newest backup.")


def check_disk(folder: Path) -> Finding:
    """Free space where the profile lives."""
    free = shutil.disk_usage(folder).free
    message = f"{free / 1024**3:.1f} GB are free."
    if free >= LOW_DISK_BYTES:
        return Finding("disk", True, message)
    return Finding(
        "disk", False, message, "Make room: below 500 MB a sync may not be able to store its pages."
    )


def check_time_zones() -> Finding:
    """Providers give naive dates of their own zones; reading them needs the time zone database."""
    try:
        zoneinfo.ZoneInfo("Europe/Paris")
    except zoneinfo.ZoneInfoNotFoundError:
        return Finding("time zones", False, "There is no time zone data.", "Install tzdata.")
    return Finding("time zones", True, "Time zone data is there.")


def check_qt() -> Finding:
    """Whether Qt's platform plugin finds its libraries. Loads the plugin's file, not PySide6."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        return Finding("qt", False, "PySide6 is not installed.", "Install PySide6-Essentials.")
    if not sys.platform.startswith("linux"):
        return Finding("qt", True, "The window's libraries come with the program.")
    plugins = Path(next(iter(spec.submodule_search_locations))) / "Qt" / "plugins" / "platforms"
    for name in ("libqoffscreen.so", "libqxcb.so"):
        try:
            ctypes.CDLL(str(plugins / name), mode=os.RTLD_LOCAL)
        except OSError as error:
            missing = re.match(r"([\w.+-]+)\.so", str(error))
            library = missing.group(1) if missing else name
            package = next((p for lib, p in _DEBIAN_PACKAGES.items() if library.startswith(lib)), None)
            remedy = f"Install {package}." if package else f"Install the package that has {library}."
            return Finding("qt", False, f"A library for the window is missing: {library}.", remedy)
    return Finding("qt", True, "The window's libraries are there.")


def check_network(hosts: Iterable[tuple[str, str]], *, timeout_s: float = 5.0) -> Iterator[Finding]:
    """For each (account, address): can its host be reached? A plain connection, nothing is sent."""
    for account, address in hosts:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        name = f"network: {account}"
        try:
            with socket.create_connection((host, port), timeout=timeout_s):
                yield Finding(name, True, f"{host} can be reached.")
        except OSError as error:
            reason = "its name is not known" if isinstance(error, socket.gaierror) else "it does not answer"
            yield Finding(
                name, False, f"{host}: {reason}.", "Look at the network, the proxy and the account's address."
            )
