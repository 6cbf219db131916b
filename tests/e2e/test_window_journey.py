"""The main job with the real window on a virtual screen, by keyboard alone; the practice server's record judges."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.models import Target
from reviewdesk.store import drafts
from reviewdesk.store.database import Store
from tests.support.screen import ROOT, Program, Screen, needs_screen, until, virtual_screen

pytestmark = [needs_screen, pytest.mark.timeout(180)]
REPLY = "Thank you for telling us. We look into this today and write to you."


@pytest.fixture
def screen() -> Iterator[Screen]:
    with virtual_screen() as made:
        yield made


def ask(profile: Path, *arguments: str) -> Any:
    """The command line beside the window, on the same practice profile."""
    command = [sys.executable, "-m", "reviewdesk", "--demo", "--profile", str(profile), *arguments, "--json"]
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def pictures_to(tmp_path: Path) -> Path:
    """Where the pictures of the steps go: kept when REVIEWDESK_PICTURES names a folder."""
    folder = Path(os.environ.get("REVIEWDESK_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def prepared(profile: Path) -> Path:
    """A practice profile that has been synced once, so that the window opens on a full inbox."""
    reports = ask(profile, "sync")
    assert all(report["ok"] for report in reports)
    return profile


def test_find_answer_and_deliver_by_keyboard(screen: Screen, tmp_path: Path) -> None:
    profile = prepared(tmp_path / "profile")
    shots = pictures_to(tmp_path)
    query = "stars:2 is:new -has:reply"
    candidates = ask(profile, "list", query)
    assert candidates
    with Program(screen, "--demo", "--profile", str(profile), log=tmp_path / "window.log") as program:
        screen.window()
        screen.look(1.5)
        screen.picture(shots / "1-inbox.png")
        screen.key("slash")
        screen.type(query)
        screen.key("Return")
        screen.look()
        screen.key("j")
        screen.look()
        screen.picture(shots / "2-search.png")
        screen.key("r")
        screen.look(0.3)
        screen.type(REPLY)
        until(lambda: len(ask(profile, "list", "has:draft")) == 1, "the draft's saving")
        review = ask(profile, "list", "has:draft")[0]
        assert review["score"] == 2
        screen.picture(shots / "3-writing.png")
        screen.key("ctrl+Return")
        until(lambda: bool(ask(profile, "outbox", "list")), "the outbox row")
        (item,) = ask(profile, "outbox", "list")
        assert (item["state"], item["review"], item["text"]) == ("waiting", review["id"], REPLY)
        screen.picture(shots / "4-waiting.png")
        until(lambda: ask(profile, "outbox", "list")[0]["state"] == "sent", "the delivery", 60)
        until(lambda: not ask(profile, "list", "has:draft"), "the draft's end")
        screen.picture(shots / "5-delivered.png")
        shown = ask(profile, "show", str(review["id"]))
        assert [c["text"] for c in shown["conversation"]["comments"] if c["role"] == "business"] == [REPLY]
        screen.key("ctrl+q")
        program.process.wait(15)
    assert program.process.returncode == 0, program.said()
    assert "Traceback" not in program.said()
    assert replies_at_the_server(profile, review["native_id"]) == 1
    assert all(picture.stat().st_size > 20_000 for picture in shots.glob("*.png"))


def replies_at_the_server(profile: Path, native_id: str) -> int:
    """How often the text stands in what the practice server itself keeps (its last word on each record)."""
    kept: dict[tuple[str, str], Any] = {}
    files = list((profile / "practice").rglob("*")) if (profile / "practice").is_dir() else []
    files = [f for f in files or profile.rglob("*.jsonl") if f.is_file()]
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            kind, key, record = json.loads(line)
            kept[kind, key] = record
    assert kept, "the practice server keeps its record in the profile"
    mine = [
        record
        for record in kept.values()
        if record is not None and REPLY in json.dumps(record, ensure_ascii=False)
    ]
    assert len(mine) == 1 and native_id in json.dumps(mine[0])
    return json.dumps(mine[0], ensure_ascii=False).count(REPLY)


@pytest.mark.parametrize("pause_s", [0.0, 0.35, 0.8])
def test_a_kill_while_typing_loses_at_most_the_last_second(
    screen: Screen, tmp_path: Path, pause_s: float
) -> None:
    profile = prepared(tmp_path / "profile")
    typed = "The quick brown fox jumps over the lazy dog and over many other words. " * 2
    with Program(screen, "--demo", "--profile", str(profile), log=tmp_path / "window.log") as program:
        screen.window()
        screen.look(1.5)
        screen.key("j")
        screen.look()
        screen.key("r")
        screen.look(0.3)
        typing = subprocess.Popen(["xdotool", "type", "--delay", "100", typed], env=screen.environment)
        before = SystemClock().monotonic()
        until(lambda: SystemClock().monotonic() - before > 4.0 + pause_s, "some typing")
        program.kill()
        seconds = SystemClock().monotonic() - before
        typing.kill()
        typing.wait(10)
    store = Store.open(profile_database(profile), clock=SystemClock(), on_change=lambda _: None)
    try:
        (review,) = ask(profile, "list", "has:draft")
        with store.read() as reader:
            draft = drafts.get(reader, review["id"], Target.PUBLIC)
    finally:
        store.close()
    assert draft is not None
    assert typed.startswith(draft.text)
    # Ten keys a second; xdotool itself needs a moment for each.
    assert len(draft.text) >= (seconds - 1.0) * 10 * 0.6 - 5, (len(draft.text), seconds)


def profile_database(profile: Path) -> Path:
    (found,) = profile.rglob("reviewdesk.db")
    return found
