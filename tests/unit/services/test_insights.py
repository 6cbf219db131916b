"""The figures of a search: worked out by hand for a small shop, and each equal to the list that it leads to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.models import Comment, ReviewRecord, Role, Thread
from reviewdesk.domain.query import parse
from reviewdesk.domain.work import WorkEvent
from reviewdesk.services.insights import Cut, Door, Insights, InsightService, Period
from reviewdesk.services.settings import ANSWER_WITHIN_H, WORK_DAYS, WORK_FROM, WORK_UNTIL, SettingsService
from reviewdesk.services.targets import late_before
from reviewdesk.store import accounts, insights, reviews, search, states
from tests.support.clock import FakeClock
from tests.support.stores import Shelf, record


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


NOW = at("2026-06-03T12:00")  # a Wednesday


def reply(text: str) -> Thread:
    words = Comment(id="c1", author="ACME", role=Role.BUSINESS, text="Thank you.", created_at=at(text))
    return Thread(id="t1", state="public", comments=(words,))


def review(name: str, written: str, score: float | None, **more: Any) -> ReviewRecord:
    return record(name, created_at=at(written), score=score, **more)


class Shop:
    """Three accounts, the third of which can't answer; and a clock that stands at ``NOW``."""

    def __init__(self, folder: Path) -> None:
        self.shelf = Shelf(folder)
        self.store = self.shelf.store
        self.clock = FakeClock(NOW)
        self.settings = SettingsService(self.store)
        self.service = InsightService(self.store, self.clock, self.settings, UTC)
        write = self.shelf.write
        self.feed = write(
            lambda tx: accounts.insert(tx, name="Feed", provider="verified-reviews", settings={})
        ).id
        write(lambda tx: tx.run("UPDATE account SET replies = 0 WHERE id = ?", (self.feed,)))
        mine = [
            # Answered after 2 hours, 19 hours over a night (4 of work) and 69 hours over a weekend (6 of work).
            review("quick", "2026-06-01T10:00", 5.0, thread=reply("2026-06-01T12:00")),
            review("night", "2026-06-01T16:00", 1.0, thread=reply("2026-06-02T11:00")),
            review("weekend", "2026-05-29T15:00", 4.0, thread=reply("2026-06-01T12:00"), language="de-AT"),
            # Waiting: an hour, a day and a half, and since the week before.
            review("hour", "2026-06-03T11:00", 2.0, language="de"),
            review("day", "2026-06-02T00:00", None, language=None),
            review("week", "2026-05-20T09:00", 3.0),
            # Last year, and one that was edited to the better after our reply.
            review("old", "2025-05-10T10:00", 4.5, score_max=10.0),
            review("better", "2026-04-01T10:00", 1.0, thread=reply("2026-04-02T10:00")),
            review("worse", "2026-04-03T10:00", 4.0, thread=reply("2026-04-04T10:00")),
            review("same", "2026-04-05T10:00", 2.0, thread=reply("2026-04-06T10:00")),
            review("twin", "2026-06-01T10:00", 5.0),
            review("hidden", "2026-06-01T10:00", 1.0),
        ]
        self.shelf.page(*mine)
        edited = [
            review("better", "2026-04-01T10:00", 5.0, updated_at=at("2026-04-10T10:00"), thread=mine[7].thread),
            review("worse", "2026-04-03T10:00", 3.0, updated_at=at("2026-04-10T10:00"), thread=mine[8].thread),
            review("same", "2026-04-05T10:00", 2.0, updated_at=at("2026-04-10T10:00"), body="New words.",
                   thread=mine[9].thread),
        ]  # fmt: skip
        self.shelf.page(*edited)
        fed = [review("fed", "2026-06-02T10:00", 5.0)]
        write(lambda tx: reviews.store_page(tx, self.feed, reviews=fed))
        done = [self.shelf.id(name) for name in ("better", "worse", "same", "old")]
        write(lambda tx: states.set_state(tx, done, WorkEvent.MARK_DONE))
        write(lambda tx: states.set_state(tx, [self.shelf.id("week")], WorkEvent.REOPEN))
        twin, quick = self.shelf.id("twin"), self.shelf.id("quick")
        write(lambda tx: tx.run("UPDATE review SET twin_of = ? WHERE id = ?", (quick, twin)))
        write(lambda tx: states.set_hidden(tx, [self.shelf.id("hidden")], True))
        while write(lambda tx: search.index_slice(tx, budget_s=0.05)):
            pass

    def count(self, text: str) -> int:
        """As the list that a door opens counts."""
        late = late_before(self.settings, NOW)
        with self.store.read() as r:
            query = parse(text, now=NOW, tz=UTC, as_typed=True, late_before=late)
            assert not query.problems, text
            return search.count(r, query)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    patch = pytest.MonkeyPatch()
    patch.setenv("TZ", "UTC")
    time.tzset()
    made = Shop(tmp_path_factory.mktemp("shop"))
    yield made
    made.shelf.close()
    patch.undo()
    time.tzset()


def doors(made: Insights) -> Iterator[Door]:
    """Every figure there is."""
    yield from (
        made.reviews,
        made.needs_reply,
        made.new,
        made.due,
        made.replied,
        made.answerable,
        made.scored,
    )
    yield from (made.unscored, made.reply_time.known, *made.ages, *made.stars)
    if made.overdue is not None:
        yield made.overdue
    yield from (month.scored for month in made.months)
    for slices in made.cuts.values():
        for each in slices:
            yield from (each.scored, *each.parts)
    yield from (made.effect.edited, made.effect.up, made.effect.same, made.effect.down)


def test_the_figures_are_those_that_were_worked_out_by_hand(shop: Shop) -> None:
    made = shop.service.of("", Period.QUARTER)
    # Not "old", nor the twin, nor what was hidden.
    assert made.reviews.n == 10
    assert (made.first, made.last) == (at("2026-04-01T10:00"), at("2026-06-03T11:00"))
    # "week" was reopened; new are "hour", "day" and "fed".
    assert (made.needs_reply.n, made.new.n, made.due.n) == (1, 3, 4)
    # Under 4 h: "hour"; 1 to 2 days: "day" and "fed"; 7 days and more: "week".
    assert [door.n for door in made.ages] == [1, 0, 2, 0, 1]
    # 24 hours of work since: only "week" (the first of June is two days of work ago).
    assert made.overdue is not None and made.overdue.n == 1
    # Of "quick" 2 h, "night" 19 h, three of a day, "weekend" 69 h; at work 2, 4, three times 9, or fewer at weekends.
    assert made.reply_time.known.n == 6
    assert made.reply_time.median == 24 * 3600
    # Wednesday 10 to Thursday 10: 9 h; Friday 10 to Saturday 10: 8 h; Sunday 10 to Monday 10: 1 h; and 2, 4, 6 h.
    assert made.reply_time.working == 5 * 3600
    # Six of nine that can be answered; "fed" can't be.
    assert (made.replied.n, made.answerable.n) == (6, 9)
    assert (made.scored.n, made.unscored.n) == (9, 1)
    assert made.mean == pytest.approx((5 + 1 + 4 + 2 + 3 + 5 + 3 + 2 + 5) / 9)
    assert [door.n for door in made.stars] == [1, 2, 2, 1, 3]
    months = [(month.first, month.scored.n, month.mean) for month in made.months]
    assert months[0] == (date(2026, 4, 1), 3, pytest.approx(10 / 3))
    assert months[1] == (date(2026, 5, 1), 2, 3.5)
    assert months[2] == (date(2026, 6, 1), 4, pytest.approx(13 / 4))
    effect = made.effect
    assert [door.n for door in (effect.edited, effect.up, effect.same, effect.down)] == [3, 1, 1, 1]
    assert effect.before == pytest.approx((1 + 4 + 2) / 3) and effect.after == pytest.approx((5 + 3 + 2) / 3)


def test_scores_side_by_side(shop: Shop) -> None:
    cuts = shop.service.of("", Period.ALL).cuts
    by_account = [(each.name, each.scored.n, [door.n for door in each.parts]) for each in cuts[Cut.ACCOUNT]]
    # Nine and "old", which has 4.5 of 10: between two stars and three.
    assert by_account == [("Shop", 9, [1, 3, 2, 1, 2]), ("Feed", 1, [0, 0, 0, 0, 1])]
    assert [(each.key, each.scored.n) for each in cuts[Cut.SOURCE]] == [
        ("trustpilot", 9),
        ("verified-reviews", 1),
    ]
    # German of all regions is one.
    assert [(each.key, each.scored.n) for each in cuts[Cut.LANGUAGE]] == [("en", 8), ("de", 2)]


def test_a_search_and_a_period_narrow_the_figures(shop: Shop) -> None:
    assert shop.service.of("", Period.ALL).reviews.n == 11
    month = shop.service.of("", Period.MONTH)
    # What waits is counted whenever it was written.
    assert month.reviews.n == 7 and month.due.n == 4 and month.effect.edited.n == 0
    german = shop.service.of("lang:de", Period.YEAR)
    assert (german.reviews.n, german.due.n, german.reply_time.known.n) == (2, 1, 1)
    either = shop.service.of("lang:de OR stars:5", Period.YEAR)
    assert either.reviews.n == 5 and either.text == "lang:de OR stars:5"
    nothing = shop.service.of("lang:pl", Period.YEAR)
    assert (nothing.reviews.n, nothing.mean, nothing.months, nothing.reply_time.median) == (0, None, (), None)


def test_working_hours_and_targets_are_those_of_the_settings(shop: Shop) -> None:
    try:
        for preference, value in ((WORK_DAYS, "1234567"), (WORK_FROM, 0), (WORK_UNTIL, 24)):
            shop.settings.set(preference, value).result()
        made = shop.service.of("", Period.QUARTER)
        assert made.reply_time.working is None and made.reply_time.median == 24 * 3600
        # Around the clock a day has passed for "day", "fed" and "week".
        assert made.overdue is not None and made.overdue.n == 3 == shop.count(made.overdue.query)
        shop.settings.set(ANSWER_WITHIN_H, 0).result()
        assert shop.service.of("", Period.QUARTER).overdue is None and shop.count("is:overdue") == 0
    finally:
        for preference in (WORK_DAYS, WORK_FROM, WORK_UNTIL, ANSWER_WITHIN_H):
            shop.settings.set(preference, preference.default).result()


@pytest.mark.parametrize("period", list(Period))
@pytest.mark.parametrize(
    "text", ["", "lang:de OR stars:5", "flickers", "-has:reply account:shop", "is:hidden"]
)
def test_every_figure_is_the_length_of_its_list(shop: Shop, text: str, period: Period) -> None:
    made = shop.service.of(text, period)
    for door in doors(made):
        assert shop.count(door.query) == door.n, door


def test_more_values_than_letters_are_counted_all_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = shop.service.of("", Period.ALL)
    monkeypatch.setattr(insights, "_LETTERS", 1)
    assert shop.service.of("", Period.ALL) == usual
    monkeypatch.setattr(insights, "_MOST_VALUES", 1)
    monkeypatch.setattr(insights, "_MANY", 0)
    assert shop.service.of("", Period.ALL) == usual


def test_years_of_months_begin_with_what_was_before(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewdesk.services.insights.MOST_MONTHS", 2)
    made = shop.service.of("", Period.ALL)
    assert [month.first for month in made.months] == [None, date(2026, 5, 1), date(2026, 6, 1)]
    assert [month.scored.n for month in made.months] == [4, 2, 4]
    assert all(shop.count(month.scored.query) == month.scored.n for month in made.months)
