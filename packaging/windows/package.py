"""The Windows packages out of the folder build: an installer for one person (NSIS) and a portable zip.

Signed with signtool when REVIEWDESK_WINDOWS_CERTIFICATE (a .pfx file) and REVIEWDESK_WINDOWS_PASSWORD are set.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import names
import places

__all__ = ["ARTEFACTS", "installer_command", "make", "write_version_file"]

ARTEFACTS = ("zip", "nsis")
_HERE = Path(__file__).resolve().parent
_CERTIFICATE, _PASSWORD = "REVIEWDESK_WINDOWS_CERTIFICATE", "REVIEWDESK_WINDOWS_PASSWORD"


def write_version_file(path: Path) -> None:
    """What Windows shows in a program's properties; PyInstaller reads it while it freezes."""
    numbers = tuple(int(part) for part in (names.version().split(".") + ["0"] * 4)[:4])
    strings = {
        "CompanyName": "The Reviewdesk founders",
        "FileDescription": names.SUMMARY,
        "FileVersion": names.version(),
        "InternalName": "reviewdesk",
        "LegalCopyright": "MIT licence",
        "ProductName": names.TITLE,
        "ProductVersion": names.version(),
    }
    table = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in strings.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0x0, OS=0x40004, "
        f"fileType=0x1, subtype=0x0, date=(0, 0)), kids=[StringFileInfo([StringTable('040904B0', [{table}])]), "
        "VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n",
        encoding="utf-8",
    )


def installer_command(makensis: str, source: Path, output: Path) -> list[str]:
    """makensis with everything that the script wants to know. Warnings are errors."""
    values = {
        "VERSION": names.version(),
        "SOURCE": source,
        "OUTPUT": output,
        "ICON": places.BUILD / "icons" / "reviewdesk.ico",
        "LICENCE": names.ROOT / "LICENSE",
    }
    options = [f"-D{key}={value}" for key, value in values.items()]
    return [makensis, "-V3", "-WX", "-INPUTCHARSET", "UTF8", *options, str(_HERE / "installer.nsi")]


def make(artefact: str, into: Path) -> None:
    """Build one of ``ARTEFACTS`` into a folder."""
    stem = f"{names.TITLE}-{names.version()}-windows-{places.machine()}"
    for program in places.FOLDER.glob("*.exe"):
        _sign(program)
    if artefact == "zip":
        places.zip_folder(places.FOLDER, into / f"{stem}.zip", f"{names.TITLE}-{names.version()}")
        return
    makensis = shutil.which("makensis") or str(
        Path(os.environ.get("PROGRAMFILES(X86)", r"C:\Program Files (x86)")) / "NSIS" / "makensis.exe"
    )
    setup = into / f"{stem}-setup.exe"
    _run(installer_command(makensis, places.FOLDER, setup))
    _sign(setup)


def _sign(file: Path) -> None:
    certificate = os.environ.get(_CERTIFICATE)
    if not certificate:
        return
    tool = shutil.which("signtool")
    if tool is None:
        raise SystemExit(f"{_CERTIFICATE} is set, but there is no signtool (it comes with the Windows SDK)")
    command = [tool, "sign", "/fd", "SHA256", "/td", "SHA256", "/tr", "http://timestamp.digicert.com"]
    _run([*command, "/f", certificate, "/p", os.environ.get(_PASSWORD, ""), str(file)])


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        # The arguments may hold a password: only the tool is named.
        raise SystemExit(f"{Path(command[0]).name} failed")
