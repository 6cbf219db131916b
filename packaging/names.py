"""Names that more than one package needs; the version is the program's own."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

__all__ = [
    "APP_ID",
    "DESCRIPTION",
    "MAINTAINER",
    "ROOT",
    "SUMMARY",
    "TITLE",
    "released_at",
    "version",
]

ROOT = Path(__file__).resolve().parent.parent
TITLE = "Reviewdesk"
SUMMARY = "One calm inbox for customer reviews"
DESCRIPTION = (
    "Reviewdesk gathers what customers write about a shop on Trustpilot, Sitejabber, Guaranteed Reviews, "
    "Retargeting and Verified Reviews, finds any of it as you type, and publishes your answers safely.",
    "Everything works offline. An answer is stored before its first byte leaves, and it never goes out twice "
    "by itself. Credentials are kept in the keychain of your system.",
)
APP_ID = "io.github.reviewdesk.Reviewdesk"
"""Reverse domain name: the AppStream component, the Flatpak, the macOS bundle."""
MAINTAINER = os.environ.get("REVIEWDESK_MAINTAINER", "The Reviewdesk founders <packages@reviewdesk.example>")
"""Name and address in the Linux packages. Who publishes them puts a real address into the environment."""


def version() -> str:
    """The one place is ``reviewdesk/__init__.py``; read, not imported."""
    text = (ROOT / "reviewdesk" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise SystemExit("reviewdesk/__init__.py has no __version__")
    return found[1]


def released_at() -> int:
    """Seconds since 1970: SOURCE_DATE_EPOCH, else the time of the last commit, else now. For dates inside packages."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given:
        return int(given)
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return int(asked.stdout) if asked.returncode == 0 and asked.stdout.strip() else int(time.time())


if __name__ == "__main__":
    print(version())
