"""Set everything up and run or test Reviewdesk from a checkout. Needs only Python 3.11 or newer.

    python3 packaging/dev.py run  [ARGUMENTS]    the program on practice data (ARGUMENTS go to reviewdesk)
    python3 packaging/dev.py test [ARGUMENTS]    all tests (ARGUMENTS go to pytest)
    python3 packaging/dev.py check               format, lint, types and architecture
    python3 packaging/dev.py setup               only the set-up: .venv beside this folder, locked with hashes

On Debian and Ubuntu, as root, missing system packages (Qt's libraries, a virtual screen for the tests) are
installed with apt-get; without root the command to type is printed. macOS and Windows need none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

# What Qt's plugins link to and a bare Debian 12 lacks (found one by one in an empty system).
QT_PACKAGES = (
    "libegl1",
    "libgl1",
    "libxkbcommon0",
    "libdbus-1-3",
    "libfontconfig1",
    "libglib2.0-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-shape0",
    "libxkbcommon-x11-0",
)
FONT_PACKAGES = ("fonts-inter", "fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji")
# Marks misspelled words; without them a reply is written as ever. Other languages: docs/dependencies.md.
SPELLING_PACKAGES = ("libenchant-2-2", "hunspell-en-us", "hunspell-fr", "hunspell-de-de")
TEST_PACKAGES = (
    "git",
    "xvfb",
    "xauth",
    "openbox",
    "xdotool",
    "imagemagick",
    "at-spi2-core",
    "python3-pyatspi",
    "x11-utils",
    "dbus",
    "dbus-daemon",
    "gnome-keyring",
    "openssh-server",
    "procps",
    "strace",
    # What judges our packages' parts: launcher, software centre entry, installer, man page, completions.
    "desktop-file-utils",
    "appstream",
    "nsis",
    "groff",
    "zsh",
    "fish",
)


def main(arguments: Sequence[str]) -> int:
    command, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    if command not in ("run", "test", "check", "setup"):
        print(__doc__)
        return 0 if command in ("", "help", "-h", "--help") else 2
    if sys.version_info < (3, 11):  # noqa: UP036 - says it in words instead of a syntax error later
        print("Reviewdesk needs Python 3.11 or newer.", file=sys.stderr)
        return 2
    tests = command in ("test", "check")
    ensure_system_packages(tests=tests)
    ensure_venv(tests=tests)
    if command == "run":
        return call([str(PYTHON), "-m", "reviewdesk", "--demo", *rest])
    if command == "test":
        # All of it in one process more than there are processors, for half of the time tests wait for something;
        # a choice of tests in one process, where their output can be followed.
        workers = min((os.cpu_count() or 1) + 1, 8)
        all_of_it = ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]
        return call([str(PYTHON), "-m", "pytest", *(rest or all_of_it)])
    if command == "check":
        return check()
    return 0


def check() -> int:
    """Everything that reads the code without running it."""
    where = ["reviewdesk", "tests", "packaging"]
    worst = 0
    for step in (
        ["ruff", "format", "--check", "-q", *where],
        ["ruff", "check", *where],
        ["mypy"],
        ["pytest", "tests/architecture"],
    ):
        print("+", *step, flush=True)
        worst = max(worst, call([str(PYTHON), "-m", *step]))
    return worst


def call(command: Sequence[str]) -> int:
    """Run in the checkout with its own modules first; the exit code."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    # The tests start some hundred processes; without kept bytecode each of them compiles the program anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 130


def ensure_system_packages(*, tests: bool) -> None:
    """On Debian and its kin: install what is missing, or say what to type."""
    if not sys.platform.startswith("linux") or shutil.which("apt-get") is None:
        return
    wanted = list(QT_PACKAGES)
    if not has_venv_module():
        wanted.append("python3-venv")
    if tests:
        wanted += TEST_PACKAGES
    if tests or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        wanted += [*FONT_PACKAGES, *SPELLING_PACKAGES]
    missing = [package for package in wanted if not installed(package)]
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0:
        print("Some system packages are missing. To install them:", file=sys.stderr)
        print("  sudo " + " ".join(install), file=sys.stderr)
        return
    print(f"Installing {len(missing)} system packages ...", file=sys.stderr, flush=True)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    wait = ["-o", "DPkg::Lock::Timeout=600"]
    quietly(["apt-get", *wait, "update"], environment)
    quietly([install[0], *wait, *install[1:]], environment)


def has_venv_module() -> bool:
    """Debian ships venv without what it needs to make one."""
    probe = [sys.executable, "-c", "import venv, ensurepip"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${Status}", package]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    if answer.stdout.startswith("install ok"):
        return True
    # Newer releases renamed libraries when they widened time_t; the new one says that it provides the old name.
    query[-1] = f"{package}t64"
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    return answer.stdout.startswith("install ok")


def quietly(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Run without a word unless it fails; then its words are all that matters."""
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        print(done.stdout[-4000:], file=sys.stderr)
        print(f"error: {' '.join(command[:3])} ... failed", file=sys.stderr)
        raise SystemExit(1)


def ensure_venv(*, tests: bool) -> None:
    """Make .venv and install the locked requirements, unless that has been done for exactly these files."""
    files = [requirements("run"), *([requirements("test")] if tests else [])]
    stamp = VENV / "reviewdesk.stamp"
    wanted = fingerprint(files)
    done = stamp.read_text().split() if stamp.exists() else []
    # The tests' requirements hold the program's as well, so a test set-up serves both.
    if PYTHON.exists() and (
        wanted in done or fingerprint([requirements("run"), requirements("test")]) in done
    ):
        return
    print("Setting up .venv (once; some 150 MB) ...", file=sys.stderr, flush=True)
    if not PYTHON.exists():
        quietly([sys.executable, "-m", "venv", str(VENV)])
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    quietly([*pip, "-r", str(files[-1])])
    stamp.write_text(wanted + "\n")


def requirements(name: str) -> Path:
    """The locked file for this Python; a newer one than we know tries the newest we know."""
    folder = ROOT / "packaging" / "requirements"
    exact = folder / f"{name}-py{sys.version_info.major}{sys.version_info.minor}.txt"
    return exact if exact.exists() else sorted(folder.glob(f"{name}-py*.txt"))[-1]


def fingerprint(files: Iterable[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
