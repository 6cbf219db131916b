"""Backups, restoring, damage and a full disk: nothing a person wrote is lost, nothing is sent again by itself."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import apsw
import pytest

from reviewdesk.domain.errors import StoreDamaged, StoreFull, StoreUnusable
from reviewdesk.domain.models import OutboxState, Target
from reviewdesk.services.backups import Backup, BackupService, backups_of, restore, thinned
from reviewdesk.services.events import Notice
from reviewdesk.store import backup as backup_copies
from reviewdesk.store import salvage
from tests.support.clock import FakeClock
from tests.support.core import Desk, make_profile, open_scripted
from tests.support.scripted import World

DAY = 86_400.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def _world(count: int = 3) -> World:
    world = World(page_size=100)
    for number in range(1, count + 1):
        world.add_review(number, body=f"Review {number}. " + "It works well. " * 20)
    return world


def _write(desk: Desk, text: str = "A draft.") -> None:
    desk.core.replies.save_draft(desk.review("r1"), Target.PUBLIC, text).result(5)


def _draft(desk: Desk, native_id: str = "r1") -> str:
    draft = desk.core.replies.draft(desk.review(native_id), Target.PUBLIC)
    return draft.text if draft is not None else ""


# --- backups -----------------------------------------------------------------------------------------


def test_one_copy_a_day_and_only_when_something_changed(tmp_path: Path, clock: FakeClock) -> None:
    with open_scripted(tmp_path, clock=clock) as desk:
        backups, profile = desk.core.backups, desk.core.profile
        first = backups.tend()
        assert first is not None and salvage.is_good(first)
        listed = backups.list()
        assert [(b.path, b.size) for b in listed] == [(first, first.stat().st_size)]
        assert stat.S_IMODE(first.stat().st_mode) == 0o600
        assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
        _write(desk)
        assert backups.tend() is None, "a second one on the same day"
        clock.advance(DAY + 1)
        later = first.stat().st_mtime + 10
        for file in profile.data.glob("reviewdesk.db*"):
            os.utime(file, (later - 20, later - 20))
        assert backups.tend() is None, "nothing changed since"
        os.utime(profile.database, (later, later))
        assert backups.tend() is not None
        assert len(backups.list()) == 2


def test_the_daily_copy_waits_for_a_quiet_minute_and_is_given_up_for_a_person(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_copies, "_SLICE_PAGES", 4)
    with open_scripted(tmp_path, clock=clock) as desk:
        backups, folder = desk.core.backups, desk.core.profile.data / "backups"
        desk.core.courtesy.person_acts()
        assert not backups.tend_quietly() and not folder.exists()
        clock.advance(61)
        wait, slices = clock.wait, []

        def somebody_comes(event: threading.Event, timeout_s: float | None) -> bool:
            slices.append(timeout_s)
            if len(slices) == 3:
                desk.core.courtesy.person_acts()
            return wait(event, timeout_s)

        monkeypatch.setattr(clock, "wait", somebody_comes)
        assert not backups.tend_quietly() and len(slices) == 3
        assert list(folder.iterdir()) == []
        clock.advance(61)
        assert backups.tend_quietly() and len(slices) > 6
        (made,) = backups.list()
        assert salvage.is_good(made.path)
        assert backups.tend_quietly(), "none is due any more"


def test_whoever_never_rests_gets_a_daily_copy_all_the_same(tmp_path: Path, clock: FakeClock) -> None:
    with open_scripted(tmp_path, clock=clock) as desk:
        backups = desk.core.backups
        for _ in range(7):
            desk.core.courtesy.person_acts()
            assert not backups.tend_quietly()
            clock.advance(2_100)
        desk.core.courtesy.person_acts()
        assert backups.tend_quietly() and len(backups.list()) == 1


def test_a_copy_in_slices_is_of_one_moment_whatever_is_written_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_copies, "_SLICE_PAGES", 4)
    with open_scripted(tmp_path) as desk:
        asked = 0

        def somebody_writes() -> bool:
            nonlocal asked
            asked += 1
            if asked < 20:
                _write(desk, f"Draft {asked}")
            return True

        target = tmp_path / "copy.db"
        _write(desk, "Draft 0")
        assert desk.core.store.backup(target, somebody_writes) and asked > 20
        pages = target.stat().st_size // 8192
        assert asked < pages, "it began again with every change"
        copy = sqlite3.connect(target)
        assert copy.execute("SELECT text FROM draft").fetchall() == [("Draft 0",)]
        copy.close()
        assert _draft(desk) == "Draft 19"


def test_a_copy_from_the_future_does_not_stop_todays(tmp_path: Path, clock: FakeClock) -> None:
    with open_scripted(tmp_path, clock=clock) as desk:
        desk.core.backups.tend()
        clock.jump(-3 * DAY)
        _write(desk)
        os.utime(desk.core.profile.database)
        assert desk.core.backups.tend() is not None


def test_a_copy_of_a_file_whose_first_page_is_damaged_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    """The very first reading for a copy already meets the damage: it is an error of ours all the same."""
    path, target = tmp_path / "damaged.db", tmp_path / "copy.db"
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)").fetchall()
    db.close()
    data = bytearray(path.read_bytes())
    data[100:140] = b"\xff" * 40
    path.write_bytes(data)
    source = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        with pytest.raises(StoreDamaged):
            backup_copies.copy_database(source, target)
        assert not source.in_transaction
    finally:
        source.close()
    assert [file.name for file in tmp_path.iterdir()] == ["damaged.db"]


def test_a_copy_taken_while_somebody_writes_is_whole(tmp_path: Path) -> None:
    with open_scripted(tmp_path) as desk:
        review = desk.review("r1")
        futures = [desk.core.replies.save_draft(review, Target.PUBLIC, f"Text {n}") for n in range(200)]
        made = desk.core.backups.make()
        assert made is not None and salvage.is_good(made)
        for future in futures:
            future.result(10)


def test_thinning_keeps_days_weeks_and_months() -> None:
    start = datetime(2026, 6, 30, 12, tzinfo=UTC).timestamp()
    all_of_them = [Backup(Path(f"b{n}"), start - n * DAY) for n in range(400)]
    gone = {b.path for b in thinned(all_of_them)}
    kept = [b for b in all_of_them if b.path not in gone]
    assert all(Path(f"b{n}") not in gone for n in range(7)), "the last seven days"
    assert 7 + 2 <= len(kept) <= 7 + 4 + 6
    assert len({datetime.fromtimestamp(b.at, UTC).month for b in kept}) == 6
    assert thinned(kept) == [], "what was kept once is kept again"
    assert thinned(all_of_them[:1]) == []


# --- restoring ---------------------------------------------------------------------------------------


def test_a_restored_copy_sends_nothing_by_itself(tmp_path: Path, clock: FakeClock) -> None:
    world = _world()
    with open_scripted(tmp_path, clock=clock, world=world) as desk:
        _write(desk)
        waiting = desk.reply("r2", "Thank you!", delay_s=60)
        copy = desk.core.backups.make()
        assert copy is not None
        clock.advance(61)
        desk.core.outbox.run()
        assert world.texts("r2") == ["Thank you!"]
        _write(desk, "Written after the copy.")
    profile = make_profile(tmp_path)
    before = hashlib.sha256(profile.database.read_bytes()).hexdigest()
    folder = restore(profile, copy, clock)
    assert folder is not None and folder.parent.name == "replaced"
    assert hashlib.sha256((folder / "reviewdesk.db").read_bytes()).hexdigest() == before, (
        "the former one is kept"
    )
    with open_scripted(tmp_path, clock=clock, world=world) as desk:
        item = desk.item(waiting.id)
        assert item.state is OutboxState.HELD and item.error is not None and item.error.kind == "restored"
        clock.advance(3600)
        desk.core.outbox.run()
        desk.core.outbox.tend()
        assert world.texts("r2") == ["Thank you!"], "sent again from a restored copy"
        assert _draft(desk) == "A draft."
        assert desk.core.store.integrity() == ()


def _keeps_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited in a copy goes out as if nothing had happened since."""
    monkeypatch.setattr(salvage, "_hold_all", lambda _tx: None)


def _overwrites(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new file takes the old one's place."""

    def nowhere(path: Path, under: str, _clock: object) -> Path:
        folder = path.parent / under / "now"
        folder.mkdir(parents=True)
        for part in path.parent.glob(f"{path.name}-*"):
            part.unlink()
        return folder

    monkeypatch.setattr(salvage, "_set_aside", nowhere)


def _unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file counts as a good copy."""
    monkeypatch.setattr(salvage, "is_good", lambda *_: True)


def _saves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file is set aside and a new one begun, without a look at what can be read."""
    monkeypatch.setattr(salvage, "_carry_table", lambda *_: (0, True))


def _every_day_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy is made whether something changed or not."""
    monkeypatch.setattr(BackupService, "_changed_since", lambda *_: True)


@pytest.mark.parametrize(
    ("planted", "harness", "caught_by"),
    [
        (_keeps_waiting, "restore", "HELD"),
        (_overwrites, "restore", "FileNotFoundError"),
        (_overwrites, "rescue", "the damaged file is kept"),
        (_keeps_waiting, "rescue", "HELD"),
        (_unchecked, "bad copy", "StoreDamaged"),
        (_saves_nothing, "beside the damage", "400"),
        (_every_day_anew, "one a day", "nothing changed since"),
    ],
    ids=lambda v: v.__name__.strip("_") if callable(v) else v,
)
def test_planted_faults_are_caught(
    tmp_path: Path,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    planted: Callable[[pytest.MonkeyPatch], None],
    harness: str,
    caught_by: str,
) -> None:
    """Teeth: each of these harnesses fails, and for that reason, when what it looks for is there."""
    planted(monkeypatch)
    with pytest.raises((AssertionError, FileNotFoundError, pytest.fail.Exception)) as caught:
        if harness == "restore":
            test_a_restored_copy_sends_nothing_by_itself(tmp_path, clock)
        elif harness == "rescue":
            test_a_damaged_file_is_set_aside_and_what_can_be_read_is_saved(tmp_path, clock, "noise", True)
        elif harness == "bad copy":
            test_a_bad_copy_is_refused_and_nothing_changes(tmp_path, clock)
        elif harness == "one a day":
            test_one_copy_a_day_and_only_when_something_changed(tmp_path, clock)
        else:
            test_rows_beside_the_damage_are_read_from_both_ends(tmp_path, clock)
    assert caught_by in f"{type(caught.value).__name__}: {caught.value}"


def test_a_bad_copy_is_refused_and_nothing_changes(tmp_path: Path, clock: FakeClock) -> None:
    with open_scripted(tmp_path, clock=clock) as desk:
        _write(desk)
        copy = desk.core.backups.make()
        assert copy is not None
        with pytest.raises(StoreUnusable):
            desk.core.process.appear()
            restore(desk.core.profile, copy, clock)
    whole = copy.read_bytes()
    copy.write_bytes(whole[:8192] + os.urandom(16_384) + whole[24_576:])
    profile = make_profile(tmp_path)
    before = profile.database.read_bytes()
    with pytest.raises(StoreDamaged):
        restore(profile, copy, clock)
    assert profile.database.read_bytes() == before


# --- damage ------------------------------------------------------------------------------------------


def _damage(path: Path, kind: str, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    if kind == "header":
        data[:100] = rng.randbytes(100)
    elif kind == "truncated":
        del data[len(data) // 2 // 8192 * 8192 :]
    elif kind == "zeros":
        data[8192 : len(data) // 2] = bytes(len(data) // 2 - 8192)
    elif kind == "noise":
        for _ in range(4):
            page = rng.randrange(1, len(data) // 8192) * 8192
            data[page : page + 8192] = rng.randbytes(8192)
    elif kind == "other file":
        data[:] = b"Dear diary, " * 1000
    path.write_bytes(data)


@pytest.mark.parametrize("with_backup", [True, False], ids=["with backup", "without backup"])
@pytest.mark.parametrize("kind", ["header", "truncated", "zeros", "noise", "other file"])
def test_a_damaged_file_is_set_aside_and_what_can_be_read_is_saved(
    tmp_path: Path, clock: FakeClock, kind: str, with_backup: bool
) -> None:
    world = _world(60)
    with open_scripted(tmp_path, clock=clock, world=world) as desk:
        _write(desk)
        waiting = desk.reply("r2", "Thank you!", delay_s=60)
        if with_backup:
            desk.core.backups.make()
    profile = make_profile(tmp_path)
    _damage(profile.database, kind, random.Random(7))
    damaged = profile.database.read_bytes()
    salvage.mark_suspect(profile.database)  # as the first read of a damaged page does
    with open_scripted(tmp_path, clock=clock, world=world, sync=False) as desk:
        heard: list[Notice] = []
        desk.core.bus.subscribe(Notice, heard.append)
        kept = list((profile.data / "damaged").glob("*/reviewdesk.db"))
        assert len(kept) == 1 and kept[0].read_bytes() == damaged, "the damaged file is kept as it was"
        assert desk.core.salvaged.startswith("The database was damaged.")
        assert desk.core.store.integrity(quick=False) == ()
        if with_backup:
            assert _draft(desk) == "A draft."
            assert desk.item(waiting.id).state is OutboxState.HELD
            assert len(desk.ids()) == 60
        else:
            assert all(i.state is OutboxState.HELD for i in desk.core.outbox.items())
        clock.advance(7200)
        desk.core.outbox.run()
        assert world.texts("r2") == [], "sent from a salvaged database"
        counts = desk.core.inbox.sidebar()
        assert sum(counts.states.values()) == len(desk.ids()), "the figures are those of the rows"
    assert not salvage.suspect(profile.database)


def test_rows_beside_the_damage_are_read_from_both_ends(tmp_path: Path, clock: FakeClock) -> None:
    world = _world(400)
    with open_scripted(tmp_path, clock=clock, world=world) as desk:
        for number in range(1, 41):
            desk.core.replies.save_draft(desk.review(f"r{number}"), Target.PUBLIC, f"Draft {number}").result(
                5
            )
    path = make_profile(tmp_path).database
    db = apsw.Connection(str(path))
    db.pragma("journal_mode", "delete")
    root = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'review_text'").fetchall()[0][0]
    pages = [
        r[0] for r in db.execute("SELECT pageno FROM dbstat WHERE name = 'review_text' AND pagetype = 'leaf'")
    ]
    db.close()
    data = bytearray(path.read_bytes())
    page = next(p for p in pages[len(pages) // 2 :] if p != root)
    data[(page - 1) * 8192 : page * 8192] = bytes(8192)
    path.write_bytes(data)
    salvage.mark_suspect(path)
    with open_scripted(tmp_path, clock=clock, world=world, sync=False) as desk:
        assert len(desk.ids()) == 400
        with desk.core.store.read() as reader:
            texts = int(reader.value("SELECT count(*) FROM review_text"))
        assert 300 < texts < 400, "the texts before and behind the damaged page are there"
        assert [_draft(desk, f"r{n}") for n in range(1, 41)] == [f"Draft {n}" for n in range(1, 41)]


def test_damage_met_in_use_leads_to_the_salvage_at_the_next_start(tmp_path: Path, clock: FakeClock) -> None:
    with open_scripted(tmp_path, clock=clock, world=_world(200)) as desk:
        _write(desk)
    profile = make_profile(tmp_path)
    db = apsw.Connection(str(profile.database))
    page = db.execute(
        "SELECT pageno FROM dbstat WHERE name = 'review_text' AND pagetype = 'leaf' LIMIT 1"
    ).fetchall()
    db.close()
    data = bytearray(profile.database.read_bytes())
    start = (page[0][0] - 1) * 8192
    data[start : start + 8192] = b"\xff" * 8192
    profile.database.write_bytes(data)
    with open_scripted(tmp_path, clock=clock, sync=False) as desk:
        assert desk.core.salvaged == ""
        with pytest.raises(StoreDamaged), desk.core.store.read() as reader:
            reader.rows("SELECT * FROM review_text")
    with open_scripted(tmp_path, clock=clock, sync=False) as desk:
        assert desk.core.salvaged
        assert _draft(desk) == "A draft."


# --- a full disk -------------------------------------------------------------------------------------


@contextmanager
def tiny_disk(tmp_path: Path, size: str) -> Iterator[Path]:
    """A disk of its own that can be filled. Skips where nobody may make one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("only root may make a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=False)


@pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")
def test_a_full_disk_is_said_and_heals_without_a_restart(tmp_path: Path) -> None:
    with tiny_disk(tmp_path, "4m") as disk, open_scripted(disk, world=_world(20)) as desk:
        _write(desk, "Saved before.")
        filler = disk / "filler"
        with filler.open("wb") as file, pytest.raises(OSError):
            while True:
                file.write(os.urandom(65_536))
                file.flush()
        text, refused = "Saved before.", 0
        for _ in range(300):
            text += " and more words of a long answer" * 4
            try:
                _write(desk, text)
            except StoreFull as error:
                refused += 1
                assert "full" in error.message
                break
        assert refused, "the disk never got full"
        kept = _draft(desk)
        assert kept and text.startswith(kept), "what was saved before is as it was"
        with pytest.raises(StoreFull):
            desk.reply("r1", text[:100])
        filler.unlink()
        _write(desk, text)
        assert _draft(desk) == text
        item = desk.reply("r1", "Thank you!")
        desk.core.outbox.run([item.id])
        assert desk.item(item.id).state is OutboxState.SENT


def test_no_file_of_a_backup_is_taken_for_one_by_its_name_alone(tmp_path: Path, clock: FakeClock) -> None:
    with open_scripted(tmp_path, clock=clock) as desk:
        desk.core.backups.make()
        folder = desk.core.profile.data / "backups"
        (folder / "reviewdesk-old.db").write_text("mine")
        assert len(backups_of(desk.core.profile)) == 1
