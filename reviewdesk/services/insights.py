"""The figures of a search: what waits, how fast and how often we answer, which scores there are and what became of them.

Every figure carries the question that finds its reviews, so that whoever doubts it can look at them. Two parts of time:
what waits for an answer is counted as it is now, whenever it was written; everything else is of the reviews that were
written in the period. Twins count once and hidden reviews not at all, as in every list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.models import Account
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.query import And, Created, Field, Query, parse
from reviewdesk.domain.query_terms import field_key
from reviewdesk.domain.score import stars_of
from reviewdesk.domain.targets import WorkClock, WorkingHours
from reviewdesk.domain.text import fold
from reviewdesk.services import targets
from reviewdesk.store import accounts, insights
from reviewdesk.store.insights import Group
from reviewdesk.store.search_terms import STAR_EPSILON

if TYPE_CHECKING:
    from datetime import tzinfo

    from reviewdesk.services.settings import SettingsService
    from reviewdesk.store.database import Store
    from reviewdesk.store.writer import Reader

__all__ = [
    "AGES",
    "Cut",
    "Door",
    "InsightService",
    "Insights",
    "Month",
    "Period",
    "ReplyEffect",
    "ReplyTime",
    "Slice",
]

MOST_MONTHS = 60
AGES = ("4h", "1d", "2d", "7d")
"""Where the parts of the backlog begin and end: under four hours, ..., seven days and more."""
_STARS = (
    "stars:<1.5",
    "stars:>=1.5 stars:<2.5",
    "stars:>=2.5 stars:<3.5",
    "stars:>=3.5 stars:<4.5",
    "stars:>=4.5",
)


class Period(StrEnum):
    """Which reviews count: those written so lately."""

    MONTH = "30d"
    QUARTER = "90d"
    YEAR = "1y"
    ALL = "all"

    @property
    def term(self) -> str:
        """In the search language."""
        return "" if self is Period.ALL else f"newer:{self.value}"


class Cut(StrEnum):
    """By what scores are laid side by side."""

    ACCOUNT = "account"
    SOURCE = "source"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Door:
    """A figure: so many reviews, and the search that finds them."""

    n: int
    query: str


@dataclass(frozen=True, slots=True)
class Month:
    """Of one month (``first`` is its first day): the reviews that have a score, and their mean of five.

    ``first`` is None for everything before the months that are shown one by one.
    """

    first: date | None
    scored: Door
    mean: float | None


@dataclass(frozen=True, slots=True)
class Slice:
    """The scores of one account, source or language. ``key``: the account's number, the provider's id, the language's
    code; empty for reviews whose language nobody told. ``parts``: one to five stars."""

    key: str
    name: str
    scored: Door
    parts: tuple[Door, ...]
    mean: float | None


@dataclass(frozen=True, slots=True)
class ReplyTime:
    """Medians in seconds over the reviews whose first public reply has a known time; None where there is none.

    ``working``: counting only working hours; None as well where those never end.
    """

    known: Door
    median: float | None
    working: float | None


@dataclass(frozen=True, slots=True)
class ReplyEffect:
    """Scores of the reviews that were edited after our first reply; means of five, None where there is none."""

    edited: Door
    up: Door
    same: Door
    down: Door
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Insights:
    """All figures of one search and period, from one snapshot. ``first`` and ``last``: when the oldest and the newest of
    ``reviews`` were written (UTC seconds); None where there is none."""

    text: str
    period: Period
    reviews: Door
    first: int | None
    last: int | None
    needs_reply: Door
    new: Door
    due: Door
    overdue: Door | None
    """None: nobody set a target."""
    target_h: int
    hours: WorkingHours
    ages: tuple[Door, ...]
    """``due`` by age, one more than there are ``AGES``."""
    reply_time: ReplyTime
    replied: Door
    """Of the answerable ones."""
    answerable: Door
    scored: Door
    unscored: Door
    mean: float | None
    stars: tuple[Door, ...]
    months: tuple[Month, ...]
    cuts: Mapping[Cut, tuple[Slice, ...]]
    effect: ReplyEffect


class InsightService:
    """Blocking, for a thread of the pool; a second and more at a million reviews. Changes nothing."""

    def __init__(
        self, store: Store, clock: Clock, settings: SettingsService, tz: tzinfo | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._tz = tz

    def of(self, text: str, period: Period) -> Insights:
        """The figures of a search as it is typed, cut to a period."""
        now = self._clock.now()
        target_h, hours = targets.target_h(self._settings), targets.working_hours(self._settings)
        late = targets.late_before(self._settings, now)

        def ask(words: str) -> Query:
            return parse(words, now=now, tz=self._tz, as_typed=True, late_before=late)

        typed = ask(text)
        scope = ask(typed.plus(period.term)) if period.term else typed
        with self._store.read() as r:
            maker = _Maker(r, typed, scope, ask, self._tz)
            made = maker.insights(period, target_h, hours)
        # Hundreds of thousands of times are worked out when nothing is kept from the writer any more.
        return replace(made, reply_time=_reply_time(made.reply_time.known, maker.replies, hours, self._tz))


class _Maker:
    """Makes the figures out of one snapshot."""

    def __init__(
        self, r: Reader, typed: Query, scope: Query, ask: Callable[[str], Query], tz: tzinfo | None
    ) -> None:
        self._r, self._typed, self._scope, self._ask, self._tz = r, typed, scope, ask, tz
        self.replies: list[tuple[int, int]] = []
        """When each review with a known first reply was written, and that reply (seconds, UTC)."""

    def insights(self, period: Period, target_h: int, hours: WorkingHours) -> Insights:
        due = self._due()
        overdue = due.pop("overdue")
        span = insights.span(self._r, self._scope)
        months = self._months(span)
        sums = self._sums([bound for _, bound in months[1:]])
        whole = sums["all"]
        self.replies = insights.replies(self._r, self._scope, whole.n)
        return Insights(
            text=self._typed.canonical,
            period=period,
            # No words at all would ask for the inbox.
            reviews=Door(whole.n, self._scope.canonical or "-is:removed"),
            first=None if span is None else span[0],
            last=None if span is None else span[1],
            needs_reply=due["needs-reply"],
            new=due["new"],
            due=due["due"],
            overdue=overdue if target_h else None,
            target_h=target_h,
            hours=hours,
            ages=tuple(due[f"age{place}"] for place in range(len(AGES) + 1)),
            reply_time=ReplyTime(self._door(len(self.replies), "replied:any"), None, None),
            replied=self._door(sums["replied"].n, "is:answerable has:reply"),
            answerable=self._door(sums["answerable"].n, "is:answerable"),
            scored=self._door(whole.scored, "has:score"),
            unscored=self._door(whole.n - whole.scored, "score:none"),
            mean=whole.mean,
            stars=self._stars(whole),
            months=self._by_month(months, sums),
            cuts={cut: self._cut(cut, sums) for cut in Cut},
            effect=self._effect(),
        )

    def _door(self, n: int, terms: str) -> Door:
        return Door(n, self._scope.plus(terms))

    def _sums(self, bounds: Sequence[int]) -> defaultdict[object, _Sum]:
        """One look at every group: by month, by each cut, and what can be answered and was."""
        able = insights.answering(self._r)
        known = [*accounts.list_all(self._r), *accounts.list_removed(self._r)]
        # The search language knows accounts by name: one that was removed may share it.
        name_of = {account.id: field_key("account", account.name) for account in known}
        provider_of = {account.id: account.provider for account in known}
        sums: defaultdict[object, _Sum] = defaultdict(_Sum)
        for group in insights.groups(self._r, self._scope, bounds):
            if group.by == "part":
                sums[group.key].add(group)
                sums["all"].add(group)
            elif group.by == "language":
                sums[Cut.LANGUAGE, _language(group.key)].add(group)
            else:
                sums[Cut.ACCOUNT, name_of.get(int(group.key or 0), "")].add(group)
                sums[Cut.SOURCE, provider_of.get(int(group.key or 0), "")].add(group)
                if group.key in able:
                    sums["answerable"].add(group)
                    if group.replied:
                        sums["replied"].add(group)
        return sums

    # --- what waits --------------------------------------------------------------------------------------

    def _due(self) -> dict[str, Door]:
        """What waits for an answer now: all of it, by state, by age (the youngest first), and what waits too long."""
        plus = self._typed.plus
        bounds = [_bound(self._ask(f"newer:{age}")) for age in reversed(AGES)]
        found = insights.ages(self._r, self._ask(plus("is:due")), bounds)
        late = insights.ages(self._r, self._ask(plus("is:overdue")), ())
        # New ones that were answered elsewhere are no work, but the sidebar counts them under this name.
        new = insights.ages(self._r, self._ask(plus("is:new")), ())
        made = {
            "due": Door(sum(found.values()), plus("is:due")),
            "needs-reply": Door(
                sum(n for (_, state), n in found.items() if state == "needs-reply"), plus("is:needs-reply")
            ),
            "new": Door(sum(new.values()), plus("is:new")),
            "overdue": Door(sum(late.values()), plus("is:overdue")),
        }
        for place in range(len(AGES) + 1):
            terms = ["is:due"]
            if place > 0:
                terms.append(f"older:{AGES[place - 1]}")
            if place < len(AGES):
                terms.append(f"newer:{AGES[place]}")
            passed = len(AGES) - place
            n = sum(n for (part, _), n in found.items() if part == passed)
            made[f"age{place}"] = Door(n, plus(" ".join(terms)))
        return made

    # --- scores --------------------------------------------------------------------------------------------

    def _stars(self, made: _Sum, more: str = "") -> tuple[Door, ...]:
        return tuple(
            self._door(n, f"{more} {terms}".strip()) for n, terms in zip(made.stars, _STARS, strict=True)
        )

    def _months(self, span: tuple[int, int] | None) -> list[tuple[date | None, int]]:
        """(first day, its second) of each month that is shown; what is earlier comes first, without a day."""
        if span is None:
            return []
        first, last = (datetime.fromtimestamp(second, self._tz).date().replace(day=1) for second in span)
        days = [first]
        while days[-1] < last:
            days.append(_next(days[-1]))
        shown: list[date | None] = list(days[-MOST_MONTHS:])
        if len(days) > MOST_MONTHS:
            shown = [None, *shown]
        return [
            (day, 0 if day is None else _bound(self._ask(f"after:{_name(_before(day))}"))) for day in shown
        ]

    def _by_month(
        self, months: Sequence[tuple[date | None, int]], sums: Mapping[object, _Sum]
    ) -> tuple[Month, ...]:
        made = []
        for place, (day, _) in enumerate(months):
            here = sums.get(place, _Sum())
            if day is not None:
                terms = f"after:{_name(_before(day))} before:{_name(_next(day))}"
            else:
                following = months[1][0]
                terms = f"before:{_name(following)}" if following is not None else ""
            made.append(Month(day, self._door(here.scored, f"has:score {terms}".strip()), here.mean))
        return tuple(made)

    def _cut(self, cut: Cut, sums: Mapping[object, _Sum]) -> tuple[Slice, ...]:
        """The most reviewed first; accounts in their order. What has no score is left out."""
        made = []

        def add(key: str, shown: str, name: str, term: str) -> None:
            here = sums.get((cut, key))
            if here is not None and here.scored:
                scores = self._door(here.scored, f"has:score {term}")
                made.append(Slice(shown, name, scores, self._stars(here, term), here.mean))

        if cut is Cut.ACCOUNT:
            first: dict[str, Account] = {}
            for account in (*accounts.list_all(self._r), *accounts.list_removed(self._r)):
                first.setdefault(field_key("account", account.name), account)
            for key, account in first.items():
                term = Field("account", key, text=account.name).canonical
                add(key, str(account.id), account.name, term)
        else:
            name = "provider" if cut is Cut.SOURCE else "lang"
            keys = [key[1] for key in sums if isinstance(key, tuple) and key[0] is cut]
            for key in sorted(keys, key=lambda key: (key == "", -sums[cut, key].scored, key)):
                add(key, key, key, f"{name}:{key or 'none'}")
        return tuple(made)

    def _effect(self) -> ReplyEffect:
        found = insights.effects(self._r, self._ask(self._scope.plus("effect:any")))

        def door(value: str, wanted: Callable[[float, float], bool]) -> Door:
            return Door(
                sum(e.n for e in found if wanted(e.before, e.after)), self._scope.plus(f"effect:{value}")
            )

        edited = door("any", lambda _before, _after: True)
        before = sum(e.n * (stars_of(e.before, e.low, e.high) or 0) for e in found)
        after = sum(e.n * (stars_of(e.after, e.low, e.high) or 0) for e in found)
        return ReplyEffect(
            edited,
            door("up", lambda stood, now: stood < now),
            door("same", lambda stood, now: stood == now),
            door("down", lambda stood, now: stood > now),
            before / edited.n if edited.n else None,
            after / edited.n if edited.n else None,
        )


def _reply_time(
    known: Door, pairs: Sequence[tuple[int, int]], hours: WorkingHours, tz: tzinfo | None
) -> ReplyTime:
    """The medians, around the clock and, where that is something else, in working hours."""
    if not pairs:
        return ReplyTime(known, None, None)
    middle = float(median([replied - written for written, replied in pairs]))
    if hours.always:
        return ReplyTime(known, middle, None)
    clock = WorkClock(hours, min(pairs)[0], max([replied for _, replied in pairs]), tz)
    return ReplyTime(known, middle, float(median(clock.between(pairs))))


class _Sum:
    """What groups come to together."""

    __slots__ = ("n", "scored", "stars", "total")

    def __init__(self) -> None:
        self.n = self.scored = 0
        self.total = 0.0
        self.stars = [0, 0, 0, 0, 0]

    def add(self, group: Group) -> None:
        self.n += group.n
        if group.stars is not None:
            self.scored += group.n
            self.total += group.stars * group.n
            # To the nearest whole star, the better one where it lies between; by the same epsilon as a search.
            self.stars[min(5, max(1, int(group.stars + 0.5 + STAR_EPSILON))) - 1] += group.n

    @property
    def mean(self) -> float | None:
        return self.total / self.scored if self.scored else None


def _language(tag: object) -> str:
    """Without its region, as ``lang:`` finds it; empty where nobody told it."""
    return fold(str(tag or "")).replace("_", "-").strip().split("-")[0]


def _bound(query: Query) -> int:
    """The second at which the span of a query begins that asks for nothing but that."""
    root = query.root
    if isinstance(root, And):
        root = root.parts[0]
    return root.low_s if isinstance(root, Created) and root.low_s is not None else 0


def _next(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _before(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def _name(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"
