"""Accounts, cursors, paces and settings."""

from __future__ import annotations

import pytest

from reviewdesk.domain.errors import ErrorInfo, InvalidInput
from reviewdesk.domain.models import Account, AccountState, Target, WorkState
from reviewdesk.domain.work import WorkEvent
from reviewdesk.store import accounts, drafts, reviews, settings, tally
from tests.support.stores import NOW, Shelf, record


def get(shelf: Shelf, account_id: int = 1) -> Account:
    with shelf.store.read() as r:
        found = accounts.get(r, account_id)
    assert found is not None
    return found


def insert(shelf: Shelf, name: str, provider: str = "trustpilot") -> Account:
    return shelf.write(lambda tx: accounts.insert(tx, name=name, provider=provider, settings={"a": "1"}))


def test_an_account_comes_back(shelf: Shelf) -> None:
    made = shelf.write(
        lambda tx: accounts.insert(
            tx,
            name="ACME DK",
            provider="sitejabber",
            settings={"business": "ö.example"},
            secret_keys=frozenset("ab"),
        )
    )
    assert made == Account(
        id=2,
        name="ACME DK",
        provider="sitejabber",
        settings={"business": "ö.example"},
        secret_keys=frozenset("ab"),
        state=AccountState.NEVER_SYNCED,
        position=2,
        colour=2,
    )
    assert shelf.last().accounts == {2}
    with shelf.store.read() as r:
        assert accounts.get(r, 2) == accounts.by_name(r, "acme dk") == made
        assert [a.name for a in accounts.list_all(r)] == ["Shop", "ACME DK"]
        assert accounts.get(r, 3) is None and accounts.by_name(r, "x") is None


def test_colours_go_round(shelf: Shelf) -> None:
    assert [insert(shelf, f"n{n}").colour for n in range(7)] == [2, 3, 4, 5, 6, 1, 2]


def test_a_name_is_taken_whatever_its_case(shelf: Shelf) -> None:
    with pytest.raises(InvalidInput, match="shop"):
        insert(shelf, "shop")
    other = insert(shelf, "Other")
    with pytest.raises(InvalidInput):
        shelf.write(lambda tx: accounts.update(tx, other.id, name="SHOP"))
    assert shelf.write(lambda tx: accounts.update(tx, other.id, name="OTHER"))


def test_updates_change_what_is_given(shelf: Shelf) -> None:
    before = get(shelf)
    shelf.write(
        lambda tx: accounts.update(
            tx,
            1,
            state=AccountState.ERROR,
            last_error=ErrorInfo("network", "No."),
            last_attempt=NOW,
            settings={"b": "2"},
            secret_keys=frozenset({"k"}),
            position=4,
            colour=5,
            token_expires=NOW + 9,
        )
    )
    found = get(shelf)
    assert (found.name, found.last_success) == (before.name, None)
    assert (found.state, found.last_error, found.last_attempt) == (
        AccountState.ERROR, ErrorInfo("network", "No."), NOW,
    )  # fmt: skip
    assert (dict(found.settings), found.secret_keys, found.position, found.colour, found.token_expires) == (
        {"b": "2"}, {"k"}, 4, 5, NOW + 9,
    )  # fmt: skip
    heard = len(shelf.heard)
    assert not shelf.write(lambda tx: accounts.update(tx, 1, state=AccountState.ERROR, colour=5))
    assert not shelf.write(lambda tx: accounts.update(tx, 1))
    assert not shelf.write(lambda tx: accounts.update(tx, 9, colour=5))
    assert len(shelf.heard) == heard
    shelf.write(lambda tx: accounts.update(tx, 1, last_error=None, last_success=NOW))
    assert (get(shelf).last_error, get(shelf).last_success) == (None, NOW)


def test_cursors_and_paces(shelf: Shelf) -> None:
    with shelf.store.read() as r:
        assert accounts.load_cursor(r, 1) == {} and accounts.load_pace(r, 1) == []
        assert accounts.load_pace(r, 9) == []
    assert shelf.write(lambda tx: accounts.save_cursor(tx, 1, {"a": [1, {"b": None}]}))
    assert not shelf.write(lambda tx: accounts.save_cursor(tx, 1, {"a": [1, {"b": None}]}))
    shelf.write(lambda tx: accounts.save_pace(tx, 1, [NOW + 0.12345, NOW + 1.0]))
    with shelf.store.read() as r:
        assert accounts.load_cursor(r, 1) == {"a": [1, {"b": None}]}
        assert accounts.load_pace(r, 1) == [NOW + 0.123, NOW + 1.0]
    assert shelf.heard == [], "nobody looks at these"


def test_removed_without_erasing_the_reviews_stay_and_come_back_with_the_name(shelf: Shelf) -> None:
    shelf.page(record(), cursor={"page": 1})
    shelf.write(lambda tx: reviews.set_state(tx, [shelf.id()], WorkEvent.MARK_DONE))
    shelf.write(lambda tx: accounts.remove(tx, 1, erase=False))
    with shelf.store.read() as r:
        assert accounts.list_all(r) == [] and accounts.by_name(r, "Shop") is None
        assert [a.id for a in accounts.list_removed(r)] == [1]
        assert accounts.load_cursor(r, 1) == {}
    assert get(shelf).secret_keys == frozenset()
    assert shelf.row().work_state is WorkState.DONE
    assert insert(shelf, "Shop", provider="sitejabber").id == 2
    shelf.write(lambda tx: accounts.remove(tx, 2, erase=True))
    back = insert(shelf, "Shop")
    assert (back.id, back.state) == (1, AccountState.NEVER_SYNCED)
    assert shelf.page(record()).unchanged == 1


def test_erased_with_everything_but_the_drafts(shelf: Shelf) -> None:
    other = insert(shelf, "Other")
    shelf.page(*(record(f"r{n}") for n in range(5)), cursor={"page": 1})
    shelf.write(lambda tx: reviews.store_page(tx, other.id, reviews=[record("theirs")]))
    ids = {row[0] for row in shelf.sql("SELECT id FROM review WHERE account_id = 1")}
    draft_of = min(ids)
    shelf.write(lambda tx: drafts.save(tx, draft_of, Target.PUBLIC, "Dear"))
    shelf.write(lambda tx: tx.run("DELETE FROM index_queue"))
    shelf.write(lambda tx: accounts.remove(tx, 1, erase=True))
    assert shelf.last().removed == ids and shelf.last().accounts == {1}
    tables = ("review", "review_text", "tally", "index_queue", "draft", "sync_cursor", "account")
    assert [shelf.sql(f"SELECT count(*) FROM {t}")[0][0] for t in tables] == [1, 1, 1, 5, 1, 0, 1]
    assert insert(shelf, "Shop").id == 3, "ids are never used again"


def test_a_large_account_is_cleared_in_slices(shelf: Shelf) -> None:
    shelf.page(*(record(f"r{n}") for n in range(25)))
    more = [shelf.write(lambda tx: accounts.clear_slice(tx, 1, max_rows=10)) for _ in range(3)]
    assert more == [True, True, False]
    with shelf.store.read() as r:
        assert tally.counts(r).total == 0


def test_settings(shelf: Shelf) -> None:
    with shelf.store.read() as r:
        assert settings.get(r, "a") is None
    shelf.write(lambda tx: settings.put(tx, "a", "é"))
    total = shelf.write(lambda tx: tx.db.total_changes())
    shelf.write(lambda tx: settings.put(tx, "a", "é"))
    assert shelf.write(lambda tx: tx.db.total_changes()) == total
    with shelf.store.read() as r:
        assert settings.get(r, "a") == "é"
    shelf.write(lambda tx: settings.put(tx, "a", None))
    with shelf.store.read() as r:
        assert settings.get(r, "a") is None
