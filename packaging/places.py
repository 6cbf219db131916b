"""Where a build puts what, and what this machine is called in the names of packages."""

from __future__ import annotations

import platform
import sys
import zipfile
from pathlib import Path

__all__ = [
    "BUILD",
    "DIST",
    "FOLDER",
    "ROOT",
    "WORK",
    "folder_size",
    "mac_bundle",
    "machine",
    "system_name",
    "zip_folder",
]

ROOT = Path(__file__).resolve().parent.parent
BUILD, DIST = ROOT / "build", ROOT / "dist"
FOLDER = BUILD / "dist" / "reviewdesk"
WORK = BUILD / "work"


def mac_bundle() -> Path:
    return BUILD / "dist" / "Reviewdesk.app"


def folder_size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def zip_folder(folder: Path, file: Path, top: str) -> None:
    """Everything below ``folder``, under the name ``top``; links are followed."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                out.write(path, f"{top}/{path.relative_to(folder).as_posix()}")


def system_name() -> str:
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def machine() -> str:
    names = {"amd64": "x86_64", "arm64": "arm64" if sys.platform == "darwin" else "aarch64"}
    known = platform.machine().lower()
    return names.get(known, known)
