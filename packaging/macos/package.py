"""The macOS bundle in a disk image. Signed and notarised when the environment has what that takes:

REVIEWDESK_MAC_IDENTITY     "Developer ID Application: NAME (TEAM)"; without it the bundle is signed ad hoc, which runs
                            on the machine that built it and, after a right-click and Open, on others
REVIEWDESK_MAC_APPLE_ID, REVIEWDESK_MAC_TEAM, REVIEWDESK_MAC_PASSWORD
                            for notarytool (an app-specific password); all three or none
"""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import names
import places

__all__ = ["ARTEFACTS", "image_commands", "make", "notary_commands", "sign_commands"]

ARTEFACTS = ("dmg",)
_ENTITLEMENTS = Path(__file__).resolve().parent / "entitlements.plist"
_NOTARY = ("REVIEWDESK_MAC_APPLE_ID", "REVIEWDESK_MAC_TEAM", "REVIEWDESK_MAC_PASSWORD")


def sign_commands(bundle: Path, environment: Mapping[str, str]) -> list[list[str]]:
    """Sign everything, from the inside out, and check it."""
    identity = environment.get("REVIEWDESK_MAC_IDENTITY") or "-"
    # A time stamp needs Apple's server and an identity of theirs.
    stamp = ["--timestamp"] if identity != "-" else ["--timestamp=none"]
    sign = ["codesign", "--force", *stamp, "--options", "runtime", "--sign", identity]
    libraries = sorted(
        str(path)
        for path in bundle.rglob("*")
        if path.is_file() and not path.is_symlink() and path.suffix in (".so", ".dylib")
    )
    frameworks = sorted(
        str(path) for path in bundle.rglob("*.framework") if path.is_dir() and not path.is_symlink()
    )
    commands = [[*sign, part] for part in (*libraries, *frameworks)]
    commands.append([*sign, "--entitlements", str(_ENTITLEMENTS), str(bundle)])
    commands.append(["codesign", "--verify", "--deep", "--strict", "--verbose=2", str(bundle)])
    return commands


def image_commands(folder: Path, image: Path, environment: Mapping[str, str]) -> list[list[str]]:
    """A compressed image of a folder, signed where there is an identity."""
    commands = [
        ["hdiutil", "create", "-volname", names.TITLE, "-srcfolder", str(folder), "-fs", "HFS+", "-format", "UDZO",
         "-ov", str(image)],
        ["hdiutil", "verify", str(image)],
    ]  # fmt: skip
    identity = environment.get("REVIEWDESK_MAC_IDENTITY")
    if identity:
        commands.append(["codesign", "--timestamp", "--sign", identity, str(image)])
    return commands


def notary_commands(image: Path, environment: Mapping[str, str]) -> list[list[str]]:
    """Have Apple look at the image and fasten the answer to it; nothing without the three values."""
    values = [environment.get(name, "") for name in _NOTARY]
    if not all(values):
        if any(values):
            raise SystemExit(f"notarising needs all of {', '.join(_NOTARY)}")
        return []
    apple_id, team, password = values
    return [
        ["xcrun", "notarytool", "submit", str(image), "--apple-id", apple_id, "--team-id", team, "--password",
         password, "--wait"],
        ["xcrun", "stapler", "staple", str(image)],
        ["spctl", "--assess", "--type", "open", "--context", "context:primary-signature", "-v", str(image)],
    ]  # fmt: skip


def make(artefact: str, into: Path) -> None:
    """Build one of ``ARTEFACTS`` into a folder."""
    bundle = places.mac_bundle()
    check(bundle)
    for command in sign_commands(bundle, os.environ):
        _run(command)
    # The bundle has to work with its entitlements, not only before it was signed.
    _run([str(bundle / "Contents" / "MacOS" / "reviewdesk"), "--self-test"])
    stage = places.BUILD / "macos"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    _run(["ditto", str(bundle), str(stage / bundle.name)])
    (stage / "Applications").symlink_to("/Applications")
    image = into / f"{names.TITLE}-{names.version()}-macos-{places.machine()}.dmg"
    for command in (*image_commands(stage, image, os.environ), *notary_commands(image, os.environ)):
        _run(command)


def check(bundle: Path) -> None:
    """The bundle says what macOS has to know of it. Raises SystemExit."""
    with (bundle / "Contents" / "Info.plist").open("rb") as file:
        info = plistlib.load(file)
    schemes = [scheme for kind in info.get("CFBundleURLTypes", []) for scheme in kind["CFBundleURLSchemes"]]
    if info.get("CFBundleShortVersionString") != names.version() or schemes != ["reviewdesk"]:
        raise SystemExit("Info.plist is not ours")
    if info.get("CFBundleIdentifier") != names.APP_ID:
        raise SystemExit("Info.plist has another identifier")


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        # The arguments may hold a password: only the tool is named.
        raise SystemExit(f"{' '.join(command[:2])} failed")
