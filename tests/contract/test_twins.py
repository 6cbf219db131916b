"""One review through two doors, from the practice providers to the inbox: shown once, counted once, answered once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.errors import AlreadyQueued
from reviewdesk.domain.models import Account, OutboxState, ReviewRow, Target
from reviewdesk.practice import PracticeShop
from reviewdesk.services.core import Core
from tests.support.core import open_practice, wait_until


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Core, PracticeShop]]:
    with open_practice(tmp_path_factory.mktemp("twins"), providers=("trustpilot", "sitejabber")) as (
        core,
        shop,
    ):
        assert all(report.ok for report in core.sync.run(None, False))
        yield core, shop


def rows(core: Core, query: str) -> list[ReviewRow]:
    return list(core.inbox.rows(core.inbox.ids(core.inbox.parse(query))).values())


def account_of(core: Core, provider: str) -> Account:
    return next(a for a in core.accounts.list() if a.provider == provider)


def pairs(core: Core) -> list[tuple[int, int]]:
    """(shown, hidden), without a reply so far."""
    found = []
    for row in rows(core, "is:twin"):
        assert row.twin_of is not None
        shown = core.inbox.rows([row.twin_of])[row.twin_of]
        if shown.reply_mark.value == "none" and shown.work_state.value == "new":
            found.append((shown.id, row.id))
    return found


def test_every_repeated_review_is_shown_once(both: tuple[Core, PracticeShop]) -> None:
    core, shop = both
    copies = {r["no"] for r in shop.sitejabber.data["reviews"].values() if r["datasource"]}
    hidden = {int(row.native_id) for row in rows(core, "is:twin")}
    assert hidden == copies and len(copies) >= 8
    listed = rows(core, "")
    assert not [row for row in listed if row.source == "trustpilot"]
    assert sum(core.inbox.sidebar().states.values()) == len(rows(core, "")) + len(rows(core, "is:removed"))
    for row in rows(core, "is:twin"):
        shown = core.inbox.detail(row.twin_of or 0)
        assert shown is not None and [(t.id, t.shown) for t in shown.twins] == [(row.id, False)]
        assert shown.twins[0].reason.startswith("The same words and the same stars")


def test_the_first_door_to_be_queued_is_the_only_one(both: tuple[Core, PracticeShop]) -> None:
    core, _ = both
    shown, hidden = pairs(core)[0]
    item = core.replies.publish(shown, Target.PUBLIC, "Thank you for this.", delay_s=30).result(5)
    with pytest.raises(AlreadyQueued, match="came through"):
        core.replies.publish(hidden, Target.PUBLIC, "Thank you twice.", override=True).result(5)
    core.replies.undo(item.id).result(5)
    core.replies.discard_draft(shown, Target.PUBLIC).result(5)


def test_what_was_answered_at_one_door_is_held_at_the_other(both: tuple[Core, PracticeShop]) -> None:
    core, shop = both
    shown, hidden = pairs(core)[1]
    core.replies.publish(shown, Target.PUBLIC, "Thank you for telling us.").result(5)
    core.outbox.run(None)
    assert core.inbox.rows([shown])[shown].work_state.value == "waiting"
    held = core.replies.publish(hidden, Target.PUBLIC, "Thank you again.").result(5)
    assert held.state is OutboxState.HELD and held.error is not None
    assert "was answered there" in held.error.message
    core.outbox.run(None)
    detail = core.inbox.detail(hidden)
    assert detail is not None
    assert shop.sitejabber.comments(int(detail.row.native_id)) == []
    core.outbox.discard(held.id).result(5)


def test_two_that_wait_do_not_both_go_out(both: tuple[Core, PracticeShop]) -> None:
    """Queued before they were known to be one (a link that came later): the first to begin goes."""
    core, _ = both
    shown, hidden = pairs(core)[2]
    core.store.write_now(lambda tx: tx.run("UPDATE review SET twin_of = NULL WHERE id = ?", (hidden,)))
    first = core.replies.publish(shown, Target.PUBLIC, "Thank you for your words.", delay_s=1).result(5)
    second = core.replies.publish(hidden, Target.PUBLIC, "Thank you very much.", delay_s=1).result(5)
    core.store.write_now(lambda tx: tx.run("UPDATE review SET twin_of = ? WHERE id = ?", (shown, hidden)))
    core.outbox.run([first.id, second.id])

    def states() -> set[OutboxState]:
        return {item.state for i in (first.id, second.id) if (item := core.outbox.item(i)) is not None}

    wait_until(lambda: states() == {OutboxState.SENT, OutboxState.HELD})


def test_the_door_that_can_reply_is_the_one_shown(tmp_path: Path) -> None:
    with open_practice(tmp_path, providers=("trustpilot", "sitejabber")) as (core, shop):
        public = [a for a in core.accounts.list() if a.provider == "trustpilot"]
        for account in public:
            core.accounts.set_settings(account, {**account.settings, "grant": "api_key"})
        assert all(report.ok for report in core.sync.run(None, False))
        shown = [row for row in rows(core, "") if row.source == "trustpilot"]
        copies = [r for r in shop.sitejabber.data["reviews"].values() if r["datasource"]]
        originals = [row for row in rows(core, "is:twin") if row.source is None]
        assert len(shown) == len(copies) and originals
        assert {row.account_id for row in shown} == {account_of(core, "sitejabber").id}
