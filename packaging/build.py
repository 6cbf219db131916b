"""Build what people install: ``python packaging/build.py``. One command on each system.

    Linux      .deb, .rpm, portable .tar.gz, Flatpak manifest
    Windows    installer (per user, /S for silent), portable .zip
    macOS      .app in a .dmg; signed and notarised when the environment has the keys (docs/packaging.md)

Everything lands in dist/, with licence texts, a bill of materials and checksums. Options:

    --reuse            take the folder build that is there instead of freezing again
    --without WHAT     leave one out: deb, rpm, tar, flatpak, nsis, zip, dmg (may be repeated)
    --record           write the sizes into docs/packaging.md

Needs Python 3.11 or newer; makes an environment of its own in build/, locked with hashes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

from places import BUILD, DIST, FOLDER, ROOT, WORK, folder_size, mac_bundle, machine, system_name, zip_folder

VENV = BUILD / f"venv-py{sys.version_info.major}{sys.version_info.minor}"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reuse", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--without", action="append", default=[], help=argparse.SUPPRESS)
    parser.add_argument("--record", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args(arguments)
    if sys.version_info < (3, 11):  # noqa: UP036 - says it in words instead of a syntax error later
        print("Building Reviewdesk needs Python 3.11 or newer.", file=sys.stderr)
        return 2
    if not (VENV.exists() and Path(sys.prefix).samefile(VENV)):
        ensure_venv()
        return subprocess.run([str(PYTHON), str(Path(__file__)), *arguments], check=False).returncode
    return build(reuse=wanted.reuse, without=set(wanted.without), record=wanted.record)


def ensure_venv() -> None:
    """The locked requirements for builds, in an environment that nothing else uses."""
    files = sorted((ROOT / "packaging" / "requirements").glob("build-py*.txt"))
    mine = ROOT / "packaging" / "requirements" / f"build-{VENV.name.removeprefix('venv-')}.txt"
    file = mine if mine.exists() else files[-1]
    stamp = VENV / "reviewdesk.stamp"
    wanted = hashlib.sha256(file.read_bytes()).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    say("setting up build/" + VENV.name)
    run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"]
    run([*pip, "-r", str(file)])
    stamp.write_text(wanted, encoding="ascii")


def build(*, reuse: bool, without: set[str], record: bool) -> int:
    import bill
    import icons
    import manual
    import names

    icons.write(BUILD / "icons")
    manual.write(BUILD / "manual")
    if not (reuse and FOLDER.exists()):
        freeze()
    # macOS wants its bundle whole before it is signed: what is added goes in first.
    inside = mac_bundle() / "Contents" / "Resources" if sys.platform == "darwin" else FOLDER
    say("licences and bill of materials")
    parts = bill.collect(WORK / "reviewdesk")
    bill.write_licences(parts, inside / "licenses")
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    tag = f"{names.version()}-{system_name()}-{machine()}"
    (DIST / f"reviewdesk-{tag}.cdx.json").write_text(bill.sbom(parts, FOLDER), encoding="utf-8")
    zip_folder(inside / "licenses", DIST / f"reviewdesk-{tag}-licenses.zip", "licenses")
    program = (
        mac_bundle() / "Contents" / "MacOS" / "reviewdesk"
        if sys.platform == "darwin"
        else FOLDER / "reviewdesk"
    )
    say("self-test of the folder build")
    run([str(program) + (".exe" if os.name == "nt" else ""), "--self-test"], environment=bare_environment())
    if sys.platform == "darwin":
        import macos.package as system
    elif os.name == "nt":
        import windows.package as system  # type: ignore[no-redef]
    else:
        import linux.package as system  # type: ignore[no-redef]
    for artefact in system.ARTEFACTS:
        if artefact not in without:
            say(artefact)
            system.make(artefact, DIST)
    finish(record=record)
    return 0


def freeze() -> None:
    """PyInstaller on packaging/reviewdesk.spec, twice as careful as fast: nothing of an earlier build is used."""
    say("freezing")
    if os.name == "nt":
        import windows.package

        windows.package.write_version_file(BUILD / "windows-version.txt")
    shutil.rmtree(BUILD / "dist", ignore_errors=True)
    command = [str(PYTHON), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    command += ["--distpath", str(BUILD / "dist"), "--workpath", str(WORK)]
    # A fixed seed, so that the same sources give the same archive of modules.
    run(
        [*command, str(ROOT / "packaging" / "reviewdesk.spec")],
        environment={**os.environ, "PYTHONHASHSEED": "1"},
    )


def finish(*, record: bool) -> None:
    """Checksums, and the sizes on the terminal (and with ``record`` in the docs)."""
    made = sorted(path for path in DIST.iterdir() if path.is_file())
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made)
    (DIST / f"SHA256SUMS-{system_name()}-{machine()}").write_text(sums, encoding="ascii")
    unpacked = folder_size(mac_bundle() if sys.platform == "darwin" else FOLDER)
    rows = [(f"folder build, {system_name()} {machine()}", unpacked)]
    rows += [(path.name, path.stat().st_size) for path in made]
    for name, size in rows:
        print(f"{size / 1e6:8.1f} MB  {name}")
    if record:
        write_sizes(rows)


def write_sizes(rows: Iterable[tuple[str, int]]) -> None:
    """The table of this system between its marks in docs/packaging.md."""
    page = ROOT / "docs" / "packaging.md"
    begin, end = (f"<!-- sizes {system_name()} {edge} -->" for edge in ("begin", "end"))
    table = "".join(f"| {name} | {size / 1e6:.1f} |\n" for name, size in rows)
    text, changed = re.subn(
        rf"(?s){re.escape(begin)}.*?{re.escape(end)}",
        f"{begin}\n| artefact | MB |\n|---|---|\n{table}{end}",
        page.read_text(encoding="utf-8"),
    )
    if changed != 1:
        raise SystemExit(f"docs/packaging.md has no place for the sizes: {begin}")
    page.write_text(text, encoding="utf-8")


def bare_environment() -> dict[str, str]:
    """Without anything that could lend the build a Python or a Qt of this machine."""
    return {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "QT_", "VIRTUAL_ENV", "LD_LIBRARY", "REVIEWDESK_"))
    }


def say(what: str) -> None:
    print(f"== {what}", flush=True)


def run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command[:4])} ... failed ({done.returncode})")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
