"""No secret anywhere: random values through a whole run with faults, then a search of everything it left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import canaries
from tests.support.keychain import ROOT, run_with_keychain

CODE = "from tests.support import canaries; canaries.run({folder!r})"


def _run(folder: Path) -> subprocess.CompletedProcess[str]:
    """With a real keychain where the machine has one, else with a file in its place, outside of what is searched."""
    import shutil

    home = folder / "home"
    home.mkdir()
    code = CODE.format(folder=str(folder))
    settings = {"REVIEWDESK_DEBUG": "1", "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(home / "tmp")}
    (home / "tmp").mkdir()
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        if shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session"):
            return run_with_keychain(home, code, timeout_s=240)
        environment = {
            **os.environ,
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "tests.support.keyring_file.FileKeyring",
            "TEST_KEYRING_FILE": str(folder / "keychain.json"),
        }
        return subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.timeout(300)
def test_no_canary_is_found_anywhere(tmp_path: Path) -> None:
    values = canaries.make()
    (tmp_path / "canaries.json").write_text(json.dumps(values), "utf-8")
    done = _run(tmp_path)
    home = tmp_path / "home"
    (home / "stdout").write_text(done.stdout, "utf-8")
    (home / "stderr").write_text(done.stderr, "utf-8")
    assert done.returncode == 0, done.stderr[-3000:]
    accounts, reviews = (int(w) for w in done.stdout.split("accounts: ")[1].split(" reviews: "))
    assert accounts >= 7 and reviews > 400, "the run did what it was to do"
    log = (home / "profile" / "logs" / "reviewdesk.log").read_text("utf-8")
    assert "DEBUG" in log and "<secret:" in log, "the log had secrets to keep out"
    screen = (home / "screen.txt").read_text("utf-8")
    assert "Copy diagnostics" in screen and "Host key" in screen
    searched = {p.name for p in home.rglob("*") if p.is_file()}
    assert {"all.csv", "all.jsonl", "all.xlsx"} <= searched and any("sheet" in name for name in searched)
    assert "support-bundle.txt" in searched and len(list((home / "profile").rglob("reviewdesk-*.db"))) == 1
    assert "the end" in log and "clipboard: " in screen and "title: " in screen
    assert {"reviewdesk.log", "screen.txt", "stdout", "stderr", "proc-cmdline", "proc-environ"} <= searched
    assert any(name.endswith((".db", ".sqlite", ".sqlite3")) for name in searched), sorted(searched)
    assert canaries.hits(home, values) == []
    _plant_in_each(home, tmp_path / "planted", values)


def _plant_in_each(home: Path, planted: Path, values: dict[str, str]) -> None:
    """The search has teeth: one planted in each place is found, in any form and as eight characters of it."""
    planted.mkdir()
    fields = list(values)
    for number, path in enumerate(sorted(p for p in home.rglob("*") if p.is_file())):
        field = fields[number % len(fields)]
        written = sorted(canaries.forms(values[field]))
        data = path.read_bytes()
        middle = len(data) // 2
        copy = planted / f"{number}-{path.name}"
        copy.write_bytes(data[:middle] + written[number % len(written)] + data[middle:])
        assert canaries.hits(planted, {field: values[field]}) == [f"{copy.name}: {field}"]
        copy.unlink()
    for field, value in values.items():
        for form in canaries.forms(value):
            (planted / "form").write_bytes(b"before " + form + b" after")
            assert canaries.hits(planted, {field: value}) == [f"form: {field}"], form
        (planted / "form").write_bytes(b"..." + value.encode()[-canaries.PIECE :])
        assert canaries.hits(planted, {field: value}) == [f"form: {field}"]
        (planted / "form").unlink()
