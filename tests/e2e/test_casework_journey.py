"""Resolving and moderating in the real window by keyboard alone, in one start; the practice server's record judges."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_window_journey import ask, pictures_to, prepared
from tests.support.screen import Program, Screen, needs_screen, until, virtual_screen

pytestmark = [needs_screen, pytest.mark.timeout(300)]
LETTER = "We are sorry and send you a new one today."
REPORT = "This names a member of our staff."
LATER = "This reply goes out later."


@pytest.fixture
def screen() -> Iterator[Screen]:
    with virtual_screen() as made:
        yield made


def kept(profile: Path) -> list[Any]:
    """What the practice servers keep: their last word on each record."""
    last: dict[tuple[str, str, str], Any] = {}
    for file in profile.rglob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            kind, key, record = json.loads(line)
            last[file.name, kind, key] = record
    return [record for record in last.values() if record is not None]


def holding(profile: Path, words: str) -> list[Any]:
    """The servers' records in which these words stand."""
    return [record for record in kept(profile) if words in json.dumps(record, ensure_ascii=False)]


def search(screen: Screen, query: str) -> None:
    """Type a search and go to its first review."""
    screen.key("slash")
    screen.key("ctrl+a")
    screen.type(query)
    screen.key("Return")
    screen.look(1.0)
    screen.key("j", "k")
    screen.look(0.6)


def item_of(profile: Path, kind: str) -> Any:
    found = [i for i in ask(profile, "outbox", "list") if i["kind"] == kind]
    return found[0] if found else None


def delivered(profile: Path, kind: str) -> Any:
    until(lambda: (item_of(profile, kind) or {}).get("state") == "sent", f"the delivery of {kind}", 90)
    return item_of(profile, kind)


def test_resolve_report_and_find_by_keyboard(screen: Screen, tmp_path: Path) -> None:
    profile = prepared(tmp_path / "profile")
    shots = pictures_to(tmp_path)
    with Program(screen, "--demo", "--profile", str(profile), log=tmp_path / "window.log") as program:
        screen.window()
        screen.look(2.0)
        # A private message, linked to its review, opens a case.
        search(screen, "provider:sitejabber is:published stars:<=3")
        screen.key("R")
        screen.look(0.6)
        screen.key("shift+Tab")
        screen.type("Your order")
        screen.key("Tab")
        screen.type(LETTER)
        screen.look(0.6)
        screen.picture(shots / "6-private.png")
        screen.key("ctrl+Return")
        sent = delivered(profile, "message")
        (record,) = holding(profile, LETTER)
        shown = ask(profile, "show", str(sent["review"]))
        assert str(record["review"]) == shown["native_id"] and record["subject"] == "Your order"
        # A report with the provider's own reason.
        screen.key("exclam")
        screen.look(0.6)
        screen.type("attack")
        screen.key("Return")
        screen.look(0.6)
        screen.type(REPORT)
        screen.picture(shots / "7-report.png")
        screen.key("ctrl+Return")
        reported = delivered(profile, "flag")
        (record,) = [r for r in holding(profile, REPORT) if isinstance(r, dict)]
        assert record["reason"] == "personal_attack"
        native = ask(profile, "show", str(reported["review"]))["native_id"]
        assert str(record.get("review_no", record.get("no"))) == native
        # The log of reports, then the messages.
        screen.key("g", "f")
        screen.look()
        screen.picture(shots / "8-reports.png")
        screen.key("g", "m")
        screen.look()
        screen.picture(shots / "9-messages.png")
        screen.key("g", "y")
        screen.look()
        screen.picture(shots / "10-saved-replies.png")
        # A reply that is scheduled in words.
        screen.key("g", "i")
        search(screen, "provider:trustpilot -has:reply")
        screen.key("r")
        screen.look(0.6)
        screen.type(LATER)
        screen.key("ctrl+shift+Return")
        screen.look(0.6)
        screen.type("in 3 days")
        screen.look(0.4)
        screen.key("Return")
        until(lambda: (item_of(profile, "reply") or {}).get("state") == "waiting", "the scheduled reply")
        assert item_of(profile, "reply")["text"] == LATER and not holding(profile, LATER)
        screen.picture(shots / "11-scheduled.png")
        # Find in the review.
        screen.key("ctrl+f")
        screen.type("the")
        screen.look(0.5)
        screen.picture(shots / "12-find.png")
        screen.key("Escape")
        screen.key("ctrl+q")
        program.process.wait(20)
    assert program.process.returncode == 0, program.said()
    assert "Traceback" not in program.said()
