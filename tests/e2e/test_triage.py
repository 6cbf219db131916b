"""A morning's work with the real window and real keys alone: triage, tag, snooze, take it all back, keep a view."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_window_journey import ask, pictures_to, prepared
from tests.support.screen import Program, Screen, needs_screen, until, virtual_screen

pytestmark = [needs_screen, pytest.mark.timeout(300)]
QUERY = "is:new -has:reply stars:>=4"


@pytest.fixture
def screen() -> Iterator[Screen]:
    with virtual_screen() as made:
        yield made


def ids(profile: Path, query: str) -> set[int]:
    return {review["id"] for review in ask(profile, "list", query, "--limit", "500")}


def kept(profile: Path) -> list[tuple[Any, ...]]:
    """What a person can change about reviews, but for having read them."""
    starred = ids(profile, "is:starred")
    return sorted(
        (r["id"], r["work_state"], tuple(r["tags"]), r["owner"] or "", r["id"] in starred)
        for r in ask(profile, "list", "", "--limit", "5000")
    )


def test_triage_tag_snooze_undo_and_a_view_that_stays(screen: Screen, tmp_path: Path) -> None:
    profile = prepared(tmp_path / "profile")
    shots = pictures_to(tmp_path)
    before = kept(profile)
    assert len(ids(profile, QUERY)) >= 14
    with Program(screen, "--demo", "--profile", str(profile), log=tmp_path / "window.log") as program:
        screen.window()
        screen.look(3.0)
        screen.key("slash")
        screen.type(QUERY)
        screen.key("Return")
        screen.look(2.0)
        # Ten reviews: eight are done, one is starred, one gets tagged with the two below it.
        screen.key("j")
        screen.look(0.4)
        was_done = sum(r[1] == "done" for r in before)
        for number in range(1, 9):
            screen.key("e")
            until(lambda n=number: len(ids(profile, "is:done")) - was_done == n, f"{number} done")
        screen.key("s")
        until(lambda: len(ids(profile, "is:starred")) == 1, "a star")
        screen.key("j", "x", "J", "J")
        screen.look(0.3)
        screen.picture(shots / "triage-1-selected.png")
        screen.key("l")
        screen.look(0.4)
        screen.type("audit")
        screen.key("Return")
        until(lambda: len(ids(profile, "tag:audit")) == 3, "the tag on three")
        screen.key("Escape")
        screen.look(0.3)
        screen.key("b")
        screen.look(0.4)
        screen.picture(shots / "triage-2-snooze.png")
        screen.key("Return")
        until(lambda: len(ids(profile, "is:snoozed")) == 1, "a snoozed review")
        screen.picture(shots / "triage-3-snoozed.png")
        # Eight done, a star, a tag, a snooze: eleven steps, taken back one by one.
        for _ in range(11):
            screen.key("z")
            screen.look(0.25)
        until(lambda: kept(profile) == before, "everything as before")
        screen.key("slash", "ctrl+a")
        screen.type("stars:1")
        screen.key("Return")
        screen.look()
        screen.key("ctrl+k")
        screen.look(0.4)
        screen.type("save this search")
        screen.key("Return")
        screen.look(0.4)
        screen.key("ctrl+a")
        screen.type("Angry ones")
        screen.key("Return")
        screen.look(1.0)
        screen.picture(shots / "triage-4-view.png")
        screen.key("ctrl+q")
        program.process.wait(20)
    assert "Traceback" not in program.said()
    # After a restart the palette finds the view, and what it holds can be worked on.
    with Program(screen, "--demo", "--profile", str(profile), log=tmp_path / "again.log") as program:
        screen.window()
        screen.look(1.5)
        screen.key("g", "i")
        screen.look(0.6)
        screen.key("ctrl+k")
        screen.look(0.4)
        screen.type("angry")
        screen.look(0.3)
        screen.key("Return")
        screen.look(1.0)
        screen.picture(shots / "triage-5-again.png")
        screen.key("slash", "Return", "asterisk", "a", "s")
        wanted = ids(profile, "(is:new OR is:needs-reply) stars:1")
        until(lambda: bool(wanted) and ids(profile, "is:starred") == wanted, "stars on the view's reviews")
        screen.key("ctrl+q")
        program.process.wait(20)
    assert "Traceback" not in program.said()
