"""``account add`` where it needs a person: the sign-in in the browser, and the key of a server nobody has met."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from reviewdesk import practice
from tests.support.feed_files import csv_line, put
from tests.support.practice_sftp import InProcessSftp, in_process_sftp
from tests.support.program import CommandLine, Done


@pytest.fixture
def run(tmp_path: Path) -> Iterator[CommandLine]:
    made = CommandLine(tmp_path)
    yield made
    made.end()


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[InProcessSftp]:
    folder = tmp_path / "feed"
    folder.mkdir()
    put(folder, "reviews_product_shop_2026-03-04.csv", "".join(csv_line(n) for n in range(3)))
    with in_process_sftp(folder) as server:
        yield server


def words(server: InProcessSftp, *more: str) -> list[str]:
    pairs = {"transport": "sftp", "host": server.host, "port": str(server.port), "username": server.username}
    sets = [part for key, value in pairs.items() for part in ("--set", f"{key}={value}")]
    return ["account", "add", "verified-reviews", "--name", "Feed", *sets, "--secret", "password", *more]


def test_a_script_is_told_the_fingerprint_and_gives_it_back(run: CommandLine, sftp: InProcessSftp) -> None:
    secret = {"REVIEWDESK_SECRET_PASSWORD": sftp.password}
    refused = run(*words(sftp), **secret).check(1)
    message = next(line for line in refused.err.splitlines() if line.startswith("error: "))
    assert message.startswith("error: host-key: ") and sftp.host_key in message
    assert sftp.passwords_seen == [] and sftp.users_seen == []
    assert run("account", "list", "--json").json() == []
    run(*words(sftp, "--set", f"host_key={sftp.host_key}"), **secret).check(0)
    assert sftp.passwords_seen == [sftp.password]
    run("sync", "--json").check(0)
    seen, before = len(sftp.passwords_seen), sftp.host_key
    changed = sftp.change_host_key()
    failed = run("sync", "--json").check(1)
    told = failed.json()[0]["error"]
    assert told["kind"] == "host-key" and before in told["message"] and changed in told["message"]
    assert len(sftp.passwords_seen) == seen


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal")
@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_person_at_a_terminal_is_asked(run: CommandLine, sftp: InProcessSftp, answer: str) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "reviewdesk", "--profile", str(run.profile), *words(sftp)]
    process = subprocess.Popen(
        command,
        env={**run.environment, "REVIEWDESK_SECRET_PASSWORD": sftp.password},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    shown = ""
    try:
        while "[y/N]" not in shown:
            shown += os.read(ours, 4096).decode()
        assert sftp.host_key in shown.replace("\r\n", "") and sftp.passwords_seen == []
        os.write(ours, f"{answer}\n".encode())
        while True:
            try:
                more = os.read(ours, 4096).decode()
            except OSError:  # the other side is closed
                break
            if not more:
                break
            shown += more
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert process.returncode == (0 if answer == "y" else 1), shown
    assert sftp.passwords_seen == ([sftp.password] if answer == "y" else [])
    assert ("Added Feed" in out) is (answer == "y")


def _browse(address: str) -> str:
    """What a browser does: open the page, follow to where it redirects, give back that address."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        answer.read()
        return answer.headers["location"]
    finally:
        connection.close()


@pytest.mark.parametrize("pasted", ["right", "nothing", "elsewhere", "used"])
def test_the_browser_step(run: CommandLine, pasted: str) -> None:
    with practice.start(providers=("trustpilot",)) as shop:
        made = shop.accounts[0]
        settings = {
            **made.settings,
            "grant": "authorization_code",
            "redirect_uri": shop.trustpilot.redirect_uri,
        }
        sets = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
        keys = [part for key in made.secrets for part in ("--secret", key)]
        command = ["account", "add", "trustpilot", "--name", "Shop", *sets, *keys]
        process = subprocess.Popen(
            [sys.executable, "-m", "reviewdesk", "--profile", str(run.profile), *command],
            env=run.environment | {f"REVIEWDESK_SECRET_{k.upper()}": v for k, v in made.secrets.items()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None and process.stderr is not None
        said = [process.stderr.readline() for _ in range(3)]
        address = said[1].strip()
        assert address.startswith("http") and made.secrets["api_secret"] not in address
        back = _browse(address)
        if pasted == "used":
            back = back.replace("code=", "code=x")
        line = {"nothing": "", "elsewhere": "https://elsewhere.example/?code=1"}.get(pasted, back)
        out, err = process.communicate(line + "\n", timeout=90)
        done = Done(process.returncode, out, err)
        if pasted == "right":
            done.check(0)
            assert "Added Shop" in done.out
            assert run("account", "list", "--json").json()[0]["capabilities"]["reply"]["available"]
            assert run("sync", "--json").check(0).json()[0]["new"] > 0
        else:
            done.check(1 if pasted == "used" else 2)
            assert run("account", "list", "--json").json() == []
