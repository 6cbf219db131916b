"""``reviewdesk --self-test`` as a person runs it, and what it says of broken things."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reviewdesk.diagnostics.self_test import Check, Failure, Outcome, check_unknown_ca, run, unknown_ca_server
from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import TlsError
from reviewdesk.self_test import _fetch
from tests.support.program import ROOT, CommandLine

CHECKS = [
    "keychain", "tls", "sqlite", "qt", "fonts", "time zones", "translations", "icons", "practice", "review",
]  # fmt: skip


@pytest.fixture
def command(tmp_path: Path) -> CommandLine:
    made = CommandLine(tmp_path)
    # A profile has no part in it.
    del made.profile
    return made


def started(command: CommandLine, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reviewdesk", *arguments],
        env={**command.environment, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_every_check_holds_on_this_machine(command: CommandLine) -> None:
    done = started(command, "--self-test", "--json")
    document = json.loads(done.stdout)
    assert [row["check"] for row in document["checks"]] == CHECKS
    assert document["ok"], [row for row in document["checks"] if not row["ok"]]
    assert done.returncode == 0
    # Ten seconds are the promise; a machine that runs other tests at the same time gets three times that.
    assert document["seconds"] < 30


def test_it_leaves_nothing_behind(command: CommandLine, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = started(command, "--self-test", TMPDIR=str(temporary))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 of 10 work" in done.stdout
    assert list(temporary.iterdir()) == []
    home = Path(command.environment["HOME"])
    # Fontconfig keeps its own cache; no profile and no keychain file came into being.
    assert not [path for path in home.rglob("*") if "reviewdesk" in path.name]
    keychain = command.keychain_file
    assert not keychain.exists() or "probe" not in keychain.read_text("utf-8")


def test_it_stands_alone(command: CommandLine) -> None:
    for wrong in (["--demo", "--self-test"], ["--self-test", "list"], ["--json"], ["--json", "list"]):
        done = started(command, *wrong)
        assert done.returncode == 2, (wrong, done.stdout, done.stderr)
        assert done.stderr.startswith("error: ")


def test_a_failing_check_is_told_and_the_rest_goes_on() -> None:
    def broken() -> str:
        raise ValueError("no such table")

    def wrong() -> str:
        raise Failure("The icon can't be drawn.", remedy="Install it again.")

    rows = list(
        run([Check("a", broken), Check("b", wrong), Check("c", lambda: "well", patience_s=5)], SystemClock())
    )
    assert [(row.check, row.ok, row.message) for row in rows] == [
        ("a", False, "ValueError: no such table"),
        ("b", False, "The icon can't be drawn."),
        ("c", True, "well"),
    ]
    assert rows[1].remedy == "Install it again."
    assert isinstance(rows[0], Outcome) and rows[0].as_json()["ok"] is False


def test_a_check_that_waits_for_a_person_is_given_up() -> None:
    import threading

    never = threading.Event()

    def ask() -> str:
        never.wait(30)
        return "too late"

    (row,) = run([Check("keychain", ask, patience_s=0.2)], SystemClock())
    never.set()
    assert not row.ok and "No answer" in row.message and row.seconds < 20


def test_an_unknown_authority_is_refused_by_the_programs_own_client(tmp_path: Path) -> None:
    clock = SystemClock()
    assert "refused" in check_unknown_ca(_fetch, tmp_path, clock)
    with unknown_ca_server(tmp_path, clock) as (address, authority):
        with pytest.raises(TlsError):
            _fetch(address, "")
        _fetch(address, str(authority))


def test_a_client_that_trusts_everybody_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="was trusted"):
        check_unknown_ca(lambda address, ca_file: None, tmp_path, SystemClock())


def test_a_client_that_refuses_everybody_is_found_out(tmp_path: Path) -> None:
    def refuse(address: str, ca_file: str) -> None:
        raise TlsError("certificate not trusted")

    with pytest.raises(TlsError):
        check_unknown_ca(refuse, tmp_path, SystemClock())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="network namespaces")
def test_without_any_network_it_still_holds(command: CommandLine) -> None:
    offline = [
        "unshare",
        "--net",
        "--map-root-user",
        "sh",
        "-c",
        'ip link set lo up 2>/dev/null; exec "$@"',
        "sh",
    ]
    probe = subprocess.run([*offline, sys.executable, "-c", _LOOPBACK], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip("this machine allows no network namespace with a loopback")
    done = subprocess.run(
        [*offline, sys.executable, "-m", "reviewdesk", "--self-test"],
        env=command.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


_LOOPBACK = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname(), timeout=5)
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except OSError:
    pass
else:
    raise SystemExit("there is a network")
"""
