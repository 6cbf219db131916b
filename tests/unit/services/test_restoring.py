"""Any of the kept backups gives back exactly what it held, tells before what would change, and sends nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import apsw
import pytest

from reviewdesk import app
from reviewdesk.domain.errors import InvalidInput, StoreUnusable
from reviewdesk.domain.models import OutboxState, Target
from reviewdesk.services import restoring
from reviewdesk.services.backups import backups_of, restore, thinned
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted
from tests.support.scripted import World

DAY = 86_400
START = 1_780_000_000.0
# What a restore may change itself: the outbox's holding, and counters of the search index.
_TOUCHED = frozenset({"outbox", "index_queue", "sqlite_sequence", "setting"})
_MARKS = frozenset({"reply_mark", "reply_s"})
"""They follow the outbox: what was waiting is held now."""


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that a restore leaves as it is."""
    db = apsw.Connection(str(path))
    try:
        names = [
            n for (n,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            if not n.startswith("review_fts") and n not in _TOUCHED
        ]  # fmt: skip
        found = {}
        for name in names:
            columns = [c for _, c, *_ in db.execute(f'PRAGMA table_info("{name}")') if c not in _MARKS]
            rows = db.execute(f'SELECT {", ".join(columns)} FROM "{name}"').fetchall()
            found[name] = sorted(rows, key=repr)
        return found
    finally:
        db.close(True)


def _day(desk: Desk, number: int) -> None:
    """A day's work, different each day."""
    core = desk.core
    desk.world.add_review(100 + number, body=f"Arrived on day {number}")
    desk.sync()
    review = desk.review(f"r{100 + number}")
    core.replies.save_draft(review, Target.PUBLIC, f"Draft of day {number}").result(5)
    core.inbox.add_note(review, f"Note of day {number}").result(5)
    core.inbox.mark_done([desk.review("r1")] if number % 2 else [desk.review("r2")]).result(5)
    desk.reply(f"r{100 + number}", f"Waiting since day {number}", delay_s=60)


def test_every_kept_backup_gives_back_exactly_what_it_held_and_sends_nothing(tmp_path: Path) -> None:
    clock, world = FakeClock(START), World()
    for number in range(1, 4):
        world.add_review(number)
    with open_scripted(tmp_path, world=world, clock=clock) as desk:
        for number in range(5):
            _day(desk, number)
            assert desk.core.backups.make() is not None
            clock.advance(DAY)
            desk.core.outbox.run()
        profile = desk.core.profile
    sent = len(world.sent)
    kept = backups_of(profile)
    assert len(kept) == 5 and thinned(kept) == []
    for number, backup in enumerate(reversed(kept)):
        held_then = content(backup.path)
        restore(profile, backup.path, clock)
        assert content(profile.database) == held_then, f"day {number}"
        with open_scripted(tmp_path, world=world, clock=clock, sync=False) as desk:
            waiting = [i for i in desk.core.outbox.items() if i.text == f"Waiting since day {number}"]
            assert [i.state for i in waiting] == [OutboxState.HELD]
            assert restoring.held(desk.core.store) == 1
            clock.advance(3600)
            desk.core.outbox.run()
            desk.core.outbox.tend()
            draft = desk.core.replies.draft(waiting[0].review_id or 0, Target.PUBLIC)
            assert draft is None, "it became the outbox item"
            assert desk.core.store.integrity() == ()
        assert len(world.sent) == sent, "a restored copy sends nothing"
    assert backups_of(profile) == kept, "restoring takes no backup away"


def test_the_preview_tells_what_would_change_and_changes_nothing(tmp_path: Path) -> None:
    with open_scripted(tmp_path) as desk:
        core = desk.core
        core.inbox.add_note(desk.review("r1"), "Before").result(5)
        core.inbox.save_view("Kept", "stars:1").result(5)
        backup = core.backups.make()
        assert backup is not None
        whole = backup.read_bytes()
        told = restoring.preview(core.store, backup)
        assert (told.differences, told.held) == ((), 0)
        core.inbox.delete_note(1).result(5)
        core.inbox.add_note(desk.review("r2"), "After").result(5)
        core.inbox.set_star([desk.review("r3")], True).result(5)
        desk.reply("r2", "On its way", delay_s=60)
        desk.world.add_review(9)
        desk.sync()
        found = {
            d.what: (d.now, d.then, d.lost, d.back, d.changed)
            for d in restoring.preview(core.store, backup).differences
        }
        assert found["notes"] == (1, 1, 1, 1, 0)
        assert found["reviews"] == (4, 3, 1, 0, 1)
        assert found["outbox items"] == (1, 0, 1, 0, 0)
        later = tmp_path / "later.db"
        core.backups.write_to(later)
        assert restoring.preview(core.store, later).held == 1
        assert "saved views" not in found
        assert backup.read_bytes() == whole and core.store.integrity() == ()
        assert not [p for p in core.profile.data.iterdir() if p.name.startswith("tmp")]


def test_a_window_that_closed_for_it_restores_and_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_scripted(tmp_path) as desk:
        core = desk.core
        core.inbox.add_note(desk.review("r1"), "In the copy").result(5)
        backup = core.backups.make()
        assert backup is not None
        core.inbox.add_note(desk.review("r1"), "After it").result(5)
        profile = core.profile
    begun: list[list[str]] = []
    monkeypatch.setattr(app.os, "execv", lambda program, arguments: begun.append([program, *arguments]))
    app._restore_and_start_again(profile, backup)
    assert begun == [[sys.executable, sys.executable, *sys.orig_argv[1:]]]
    with open_scripted(tmp_path, sync=False) as desk:
        detail = desk.core.inbox.detail(desk.review("r1"))
        assert detail is not None and [text for _, _, text in detail.notes] == ["In the copy"]


def test_what_cannot_be_restored_is_said_before(tmp_path: Path) -> None:
    with open_scripted(tmp_path) as desk:
        bad = tmp_path / "bad.db"
        bad.write_bytes(b"SQLite format 3\x00" + b"\0" * 9_000)
        for path in (bad, tmp_path / "missing.db"):
            with pytest.raises(InvalidInput):
                restoring.preview(desk.core.store, path)
        good = desk.core.backups.make()
        assert good is not None
        desk.core.process.appear()
        with pytest.raises(StoreUnusable):
            restore(desk.core.profile, good, desk.core.clock)
