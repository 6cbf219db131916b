"""With a shifted clock exactly the documented rows go, and a full sync does not bring them back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import OutboxState, ReviewKind, Role, Target, WorkState
from reviewdesk.services.retention import DAY_S, Kind
from reviewdesk.store import journal, outbox
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted
from tests.support.scripted import World
from tests.support.stores import item
from tests.support.traces import traces

START = 1_779_100_000.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
def world() -> World:
    made = World()
    for number in range(1, 13):
        made.add_review(number, body=f"Distinctive text of number-{number}-here.")
    made.reviews["r12"] = replace(made.reviews["r12"], kind=ReviewKind.BUSINESS)
    return made


@pytest.fixture
def desk(tmp_path: Path, world: World, clock: FakeClock) -> Iterator[Desk]:
    with open_scripted(tmp_path / "profile", world=world, clock=clock) as made:
        yield made


def names(desk: Desk) -> set[str]:
    query = desk.core.inbox.parse(
        "is:done OR is:removed OR is:new OR is:waiting OR is:snoozed OR is:needs-reply"
    )
    return {row.native_id for row in desk.core.inbox.rows(desk.core.inbox.ids(query)).values()}


def arrange(desk: Desk, world: World) -> None:
    """r1 and r2 may go; each of the others has one reason to stay."""
    inbox = desk.core.inbox
    ids = {f"r{n}": desk.review(f"r{n}") for n in range(1, 13)}
    done = [ids[n] for n in ("r1", "r2", "r3", "r7", "r8", "r9", "r10", "r11", "r12")]
    inbox.mark_done(done).result(5)
    inbox.set_star([ids["r3"]], True).result(5)
    inbox.mark_waiting([ids["r5"]]).result(5)
    inbox.snooze([ids["r6"]], None).result(5)
    inbox.add_note(ids["r1"], "A note that goes with its review").result(5)
    inbox.add_tag([ids["r1"]], "late").result(5)
    desk.core.replies.save_draft(ids["r2"], Target.PUBLIC, "A draft outlives its review").result(5)

    def more(tx: Any) -> None:
        mine = desk.account.id
        outbox.insert(tx, item(ids["r7"], account_id=mine, not_before=START + 999 * DAY_S))
        outbox.insert(tx, item(ids["r8"], account_id=mine, state=OutboxState.FAILED))
        outbox.insert(tx, item(ids["r1"], "Sent words", account_id=mine, state=OutboxState.SENT))
        tx.run("UPDATE review SET work_state = 'done' WHERE id IN (?, ?)", (ids["r7"], ids["r8"]))
        # The customer of r9 edited, somebody wrote under r10, and r11 was answered: all of it lately.
        tx.run("UPDATE review SET updated_s = ? WHERE id = ?", (int(START) + 90 * DAY_S, ids["r9"]))
        tx.run(
            "INSERT INTO comment(review_id, position, role, text, created_s) VALUES (?, 0, 'moderator', 'x', ?)",
            (ids["r10"], int(START) + 90 * DAY_S),
        )
        tx.run("UPDATE review SET reply_s = ? WHERE id = ?", (int(START) + 90 * DAY_S, ids["r11"]))

    desk.core.store.write_now(more)


def test_exactly_the_documented_reviews_go(
    desk: Desk, world: World, clock: FakeClock, tmp_path: Path
) -> None:
    arrange(desk, world)
    care = desk.core.care.retention
    everything = {f"r{n}" for n in range(1, 13)}
    assert care.tend() == 0 and names(desk) == everything, "without a rule everything is kept"
    care.set_rule(desk.account.id, Kind.PRODUCT, 100).result(5)
    clock.advance(80 * DAY_S)
    assert care.preview(desk.account.id, Kind.PRODUCT, 100) == 0 and care.tend() == 0
    clock.advance(30 * DAY_S)
    assert care.preview(desk.account.id, Kind.PRODUCT, 100) == 2
    assert care.preview(desk.account.id, Kind.PRODUCT, 1) == 5, (
        "those of r9 to r11 are young for 100 days only"
    )
    assert (
        care.preview(desk.account.id, Kind.BUSINESS, 100) == 1
        and care.preview(desk.account.id, Kind.PRODUCT, 0) == 0
    )
    assert [(d.rule.days, d.rows) for d in care.due()] == [(100, 2)]
    gone = desk.review("r2")
    assert care.tend() == 2
    assert names(desk) == everything - {"r1", "r2"}, "the other kind has no rule"
    draft = desk.core.replies.draft(gone, Target.PUBLIC)
    assert draft is not None and draft.text == "A draft outlives its review"
    with desk.core.store.read() as reader:
        assert reader.value("SELECT count(*) FROM note") == 0
        assert reader.value("SELECT count(*) FROM outbox WHERE text = 'Sent words'") == 0
        assert reader.value("SELECT count(*) FROM undo_step WHERE id IN (SELECT step_id FROM undo_note)") == 0
        assert desk.core.store.integrity() == ()
    assert care.tend() == 0, "once is enough"


def test_what_went_by_its_age_does_not_come_back_as_new(
    desk: Desk, world: World, clock: FakeClock, tmp_path: Path
) -> None:
    arrange(desk, world)
    care = desk.core.care.retention
    care.set_rule(desk.account.id, Kind.PRODUCT, 100).result(5)
    clock.advance(110 * DAY_S)
    draft_of = desk.review("r2")
    assert care.tend() == 2
    for full in (False, True):
        (report,) = desk.core.sync.run(None, full)
        assert (report.ok, report.new, report.unchanged) == (True, 0, 12)
        assert "r1" not in names(desk)
    # No table and no index holds its words any more.
    desk.core.care.privacy._scrub()
    found = traces(desk.core.profile.data, ["number-1-here"], tmp_path)
    assert [f for f in found if "-wal" not in f and not f.startswith("reviewdesk.db:")] == []
    # The customer changes one of them: it is here again, with the draft that was written to it.
    world.reviews["r2"] = replace(world.reviews["r2"], body="I thought it over.", updated_at=int(clock.now()))
    world.comment("r1", "Is anybody there?", Role.CONSUMER)
    (report,) = desk.core.sync.run(None, False)
    assert report.new == 2 and {"r1", "r2"} <= names(desk)
    assert desk.review("r2") == draft_of and desk.core.inbox.rows([draft_of])[draft_of].has_draft
    assert desk.core.inbox.rows([draft_of])[draft_of].work_state is WorkState.NEW


def test_the_other_kinds_go_by_their_own_rules(desk: Desk, clock: FakeClock) -> None:
    mine, care = desk.account.id, desk.core.care.retention

    def plant(tx: Any) -> None:
        for number in range(3):
            journal.add(tx, account_id=mine, action="reply", result="sent")
            tx.run(
                "INSERT INTO rejected(account_id, place, reason, raw, digest, first_s, last_s)"
                " VALUES (?, '', '', '', ?, ?, ?)",
                (mine, bytes([number]), int(tx.now), int(tx.now)),
            )
        for state in ("invited", "waiting"):
            tx.run(
                "INSERT INTO invitation(account_id, way, kind, email, created_s, changed_s, state)"
                " VALUES (?, 'link', 'product', 'x@example.org', ?, ?, ?)",
                (mine, int(tx.now), int(tx.now), state),
            )
        journal.add(tx, action="backup", result="written")

    desk.core.store.write_now(plant)
    before = desk.core.store.write_now(lambda tx: tx.value("SELECT count(*) FROM journal"))
    for kind in (Kind.JOURNAL, Kind.SET_ASIDE, Kind.INVITATIONS):
        care.set_rule(mine, kind, 30).result(5)
    clock.advance(31 * DAY_S)
    assert {d.rule.kind: d.rows for d in care.due()} == {
        Kind.JOURNAL: 3,
        Kind.SET_ASIDE: 3,
        Kind.INVITATIONS: 1,
    }
    assert care.tend() == 7
    with desk.core.store.read() as reader:
        assert reader.value("SELECT count(*) FROM journal") == before - 3
        assert reader.value("SELECT count(*) FROM rejected") == 0
        assert reader.rows("SELECT state FROM invitation") == [("waiting",)]
    assert len(names(desk)) == 12, "reviews have no rule"


def test_a_rule_is_kept_changed_and_taken_away(desk: Desk) -> None:
    care, mine = desk.core.care.retention, desk.account.id
    care.set_rule(mine, Kind.PRODUCT, 365).result(5)
    care.set_rule(mine, Kind.PRODUCT, 730).result(5)
    assert [(r.account_id, r.kind, r.days) for r in care.rules()] == [(mine, Kind.PRODUCT, 730)]
    care.set_rule(mine, Kind.PRODUCT, 0).result(5)
    assert care.rules() == []
    for days in (-1, 100_000):
        with pytest.raises(InvalidInput):
            care.set_rule(mine, Kind.PRODUCT, days)
