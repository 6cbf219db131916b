"""The single terms of the search language: their values, how each is read, and how each is spelled."""

from __future__ import annotations

import difflib
import math
import re
from calendar import monthrange, timegm
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field
from datetime import UTC, date, datetime, timedelta, tzinfo

from reviewdesk.domain.models import ProviderState, ReviewKind, WorkState
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.text import fold, tokens

__all__ = [
    "EFFECT_VALUES",
    "FIELDS",
    "HAS_VALUES",
    "IS_VALUES",
    "NAMES",
    "TEXT_FIELDS",
    "Created",
    "Effect",
    "Field",
    "Has",
    "Is",
    "Known",
    "NoScore",
    "Overdue",
    "Replied",
    "Stars",
    "TermError",
    "Words",
    "read",
]

Known = Mapping[str, Collection[str]]

TEXT_FIELDS = frozenset({"from", "product", "order"})
"""Fields that are looked up by words (``order`` by any part of four characters)."""
FIELDS = TEXT_FIELDS | {"provider", "account", "lang", "sku", "tag", "owner", "source"}
IS_VALUES = (
    *(state.value for state in WorkState),
    "unread",
    "read",
    "starred",
    "edited",
    *(state.value for state in ProviderState if state is not ProviderState.REMOVED),
    *(kind.value for kind in ReviewKind),
    "twin",
    "hidden",
    "answerable",
    "due",
    "overdue",
)
EFFECT_VALUES = ("up", "down", "same", "any")
HAS_VALUES = ("reply", "photo", "note", "draft", "text", "tag", "owner", "score", "order", "product")
_ALIASES = {"state": "is", "language": "lang", "star": "stars", "score": "stars"}
_HAS_ALIASES = {"picture": "photo", "image": "photo", "photos": "photo", "notes": "note", "tags": "tag"}
_NEAR = (
    *sorted(FIELDS), "stars", "score", "is", "has", "before", "after", "older", "newer", "replied", "effect",
)  # fmt: skip
NAMES = frozenset(_NEAR) | frozenset(_ALIASES)
_NEVER_NONE = frozenset({"provider", "account"})


class TermError(Exception):
    """A term that can't be understood: ``message`` for a person, ``suggestion`` the nearest known term."""

    def __init__(self, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


# --- values --------------------------------------------------------------------------------------

_PLAIN_VALUE = re.compile(r"[^\s()\"“”„*\\]+")
_PLAIN_WORD = re.compile(r"(?!-)[^\s()\"“”„*\\:]+")


def _in_quotes(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, slots=True)
class Words:
    """Words that must stand next to each other; the last may be a beginning."""

    words: tuple[str, ...]
    """As the index sees them (``domain.text.tokens``)."""
    beginning: bool = False
    text: str = field(default="", compare=False)
    kind = "text"

    @property
    def shown(self) -> str:
        return self.text

    @property
    def canonical(self) -> str:
        plain = _PLAIN_WORD.fullmatch(self.text) is not None and self.text != "OR"
        return (self.text if plain else _in_quotes(self.text)) + "*" * self.beginning


@dataclass(frozen=True, slots=True)
class Field:
    """``name:value`` for the fields in ``FIELDS``; ``none`` asks for reviews that have no value there."""

    name: str
    key: str
    """The value as it is compared: folded; words apart by blanks; of an order only letters and digits."""
    beginning: bool = False
    none: bool = False
    text: str = field(default="", compare=False)

    @property
    def kind(self) -> str:
        return self.name

    @property
    def shown(self) -> str:
        return "none" if self.none else self.text

    @property
    def canonical(self) -> str:
        if self.none:
            return f"{self.name}:none"
        plain = _PLAIN_VALUE.fullmatch(self.text) is not None and self.text.lower() != "none"
        return f"{self.name}:{self.text if plain else _in_quotes(self.text)}{'*' * self.beginning}"


@dataclass(frozen=True, slots=True)
class Is:
    """One of ``IS_VALUES``."""

    value: str
    kind = "is"

    @property
    def shown(self) -> str:
        return self.value

    @property
    def canonical(self) -> str:
        return f"is:{self.value}"


@dataclass(frozen=True, slots=True)
class Has:
    """One of ``HAS_VALUES``."""

    value: str
    kind = "has"

    @property
    def shown(self) -> str:
        return self.value

    @property
    def canonical(self) -> str:
        return f"has:{self.value}"


@dataclass(frozen=True, slots=True)
class Overdue:
    """Waits for an answer longer than it may: written before ``before_s`` (UTC seconds); None: nobody set a target."""

    before_s: int | None
    kind = "is"
    shown = "overdue"
    canonical = "is:overdue"


@dataclass(frozen=True, slots=True)
class Replied:
    """How long after the review its first public reply was written. ``sign``: one of <= < >= >, ``any`` (it is known)
    or ``none`` (it is not, or there is no reply)."""

    sign: str
    seconds: int = 0
    shown: str = field(default="", compare=False)
    kind = "replied"

    @property
    def canonical(self) -> str:
        return f"replied:{self.shown}"


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of the score of a review that was edited after our first reply: one of ``EFFECT_VALUES``."""

    value: str
    kind = "effect"

    @property
    def shown(self) -> str:
        return self.value

    @property
    def canonical(self) -> str:
        return f"effect:{self.value}"


@dataclass(frozen=True, slots=True)
class NoScore:
    kind = "stars"
    shown = "none"
    canonical = "score:none"


@dataclass(frozen=True, slots=True)
class Stars:
    """A range on the scale of five; None is no bound, ``open_...`` leaves the bound itself out."""

    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    kind = "stars"

    @property
    def shown(self) -> str:
        low, high = _number(self.low), _number(self.high)
        if low == high:
            return low
        if not high:
            return f"{'>' if self.open_low else '>='}{low}"
        if not low:
            return f"{'<' if self.open_high else '<='}{high}"
        return f"{low}..{high}"

    @property
    def canonical(self) -> str:
        return f"stars:{self.shown}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Created:
    """Created at or after ``low_s`` and before ``high_s`` (UTC seconds; None is no bound)."""

    low_s: int | None
    high_s: int | None
    kind: str = field(default="before", compare=False)
    shown: str = field(default="", compare=False)

    @property
    def canonical(self) -> str:
        return f"{self.kind}:{self.shown}"


# --- reading -------------------------------------------------------------------------------------


def read(
    name: str,
    value: str,
    was_quoted: bool,
    beginning: bool,
    *,
    now: float,
    tz: tzinfo | None,
    known: Known,
    late_before: int | None = None,
) -> Field | Is | Has | Stars | NoScore | Created | Overdue | Replied | Effect:
    """The term ``name:value``. ``name`` is lower case. Raises ``TermError``."""
    if name not in NAMES:
        near = _nearest(name, _NEAR)
        raise TermError(f"There is no '{name}:'; the nearest known term is '{near}:'.", f"{near}:{value}")
    spoken, name = name, _ALIASES.get(name, name)
    if not value.strip():
        raise TermError(f"'{spoken}:' needs a value, for instance {_EXAMPLES[name]}.", _EXAMPLES[name])
    if name == "stars":
        return _read_stars(value.strip(), spoken)
    if name == "is":
        asked = _read_is(value)
        return Overdue(late_before) if asked.value == "overdue" else asked
    if name == "has":
        return _read_has(value)
    if name == "replied":
        return _read_replied(value.strip().lower())
    if name == "effect":
        return _read_effect(value)
    if name in ("before", "after"):
        return _read_day(name, value.strip().lower(), now, tz)
    if name in ("older", "newer"):
        return _read_age(name, value.strip().lower(), now, tz)
    return _read_field(name, value, was_quoted, beginning, known)


_EXAMPLES = {
    "stars": "stars:<=2",
    "is": "is:new",
    "has": "has:photo",
    "before": "before:2026-01-31",
    "after": "after:2026-01-31",
    "older": "older:7d",
    "newer": "newer:36h",
    "replied": "replied:<=4h",
    "effect": "effect:up",
    "provider": "provider:trustpilot",
    "account": 'account:"My shop"',
    "lang": "lang:fr",
    "sku": "sku:A-100",
    "product": "product:shoes",
    "from": "from:anna",
    "order": "order:28592",
    "tag": "tag:urgent",
    "owner": "owner:me",
    "source": "source:google",
}


def _nearest(word: str, names: Iterable[str]) -> str:
    return difflib.get_close_matches(word[:50], list(names), 1, 0.0)[0]


_STAR = r"(\d{1,3}(?:[.,]\d{1,6})?)"
_STAR_BOUND = re.compile(rf"(<=|>=|<|>|=)?\s*{_STAR}")
_STAR_RANGE = re.compile(rf"{_STAR}?\.\.{_STAR}?")


def _read_stars(value: str, spoken: str) -> Stars | NoScore:
    if value.lower() == "none":
        return NoScore()
    if (bound := _STAR_BOUND.fullmatch(value)) is not None:
        stars = _star(bound[2])
        match bound[1]:
            case "<=":
                return Stars(high=stars)
            case "<":
                return Stars(high=stars, open_high=True)
            case ">=":
                return Stars(low=stars)
            case ">":
                return Stars(low=stars, open_low=True)
        return Stars(stars, stars)
    span = _STAR_RANGE.fullmatch(value)
    if span is not None and (span[1] or span[2]):
        low = _star(span[1]) if span[1] else None
        high = _star(span[2]) if span[2] else None
        if low is not None and high is not None and low > high:
            low, high = high, low
        return Stars(low, high)
    raise TermError(
        f"'{spoken}:{value}' is no score: write stars:2, stars:<=2, stars:1..3 or score:none.", "stars:<=2"
    )


def _star(digits: str) -> float:
    stars = float(digits.replace(",", "."))
    if stars > 5:
        raise TermError(
            f"'{digits}' is no number of stars: they go from 0 to 5, and other scales are brought to them.",
            "stars:5",
        )
    return stars


def _name_form(value: str) -> str:
    return re.sub(r"[\s_]+", "-", fold(value).strip())


def _read_is(value: str) -> Is:
    wanted = _name_form(value)
    if wanted in IS_VALUES:
        return Is(wanted)
    wanted_has = _HAS_ALIASES.get(wanted, wanted)
    near = f"has:{wanted_has}" if wanted_has in HAS_VALUES else f"is:{_nearest(wanted, IS_VALUES)}"
    raise TermError(f"There is no 'is:{value}'; the nearest known term is '{near}'.", near)


def _read_has(value: str) -> Has:
    wanted = _name_form(value)
    wanted = _HAS_ALIASES.get(wanted, wanted)
    if wanted in HAS_VALUES:
        return Has(wanted)
    near = f"is:{wanted}" if wanted in IS_VALUES else f"has:{_nearest(wanted, HAS_VALUES)}"
    raise TermError(f"There is no 'has:{value}'; the nearest known term is '{near}'.", near)


_REPLIED = re.compile(r"(<=|>=|<|>)?\s*(\d{1,6})\s*(min|h|d|w)", re.ASCII)
_SECONDS = {"min": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def _read_replied(value: str) -> Replied:
    """``4h`` alone is within four hours."""
    if value in ("any", "none"):
        return Replied(value, shown=value)
    match = _REPLIED.fullmatch(value)
    if match is None:
        example = _EXAMPLES["replied"]
        raise TermError(
            f"'replied:{value}' is no time: write {example}, with min, h, d or w, or any or none.", example
        )
    sign = match[1] or "<="
    return Replied(sign, int(match[2]) * _SECONDS[match[3]], f"{sign}{match[2]}{match[3]}")


def _read_effect(value: str) -> Effect:
    wanted = _name_form(value)
    if wanted not in EFFECT_VALUES:
        near = f"effect:{_nearest(wanted, EFFECT_VALUES)}"
        raise TermError(f"There is no 'effect:{value}'; the nearest known term is '{near}'.", near)
    return Effect(wanted)


_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


def _read_day(name: str, value: str, now: float, tz: tzinfo | None) -> Created:
    """A day, month or year: ``before`` is before its beginning, ``after`` is after its end."""
    try:
        first, after = _period(value, now, tz)
    except (ValueError, OverflowError):
        example = _EXAMPLES[name]
        raise TermError(f"'{name}:{value}' is no day: write {example}.", example) from None
    if name == "before":
        return Created(None, _midnight(first, tz), name, value)
    # The very last day of the calendar has no day after it.
    end = _midnight(after, tz) if after is not None else _midnight(first, tz) + 86_400
    return Created(end, None, name, value)


def _period(value: str, now: float, tz: tzinfo | None) -> tuple[date, date | None]:
    """The first day of a period, and the first one after it (None past the end of the calendar)."""
    if value in ("today", "yesterday"):
        first = datetime.fromtimestamp(now, tz).date() - timedelta(days=value == "yesterday")
        return first, first + timedelta(days=1)
    match = _DAY.fullmatch(value)
    if match is None:
        raise ValueError(value)
    year, month, day = int(match[1]), match[2], match[3]
    first = date(year, int(month or 1), int(day or 1))
    if first.year == 9999 and (not month or first.month == 12) and (not day or first.day == 31):
        return first, None
    if day:
        return first, first + timedelta(days=1)
    if month and first.month < 12:
        return first, date(year, first.month + 1, 1)
    return first, date(year + 1, 1, 1)


def _midnight(day: date, tz: tzinfo | None) -> int:
    try:
        return math.ceil(datetime(day.year, day.month, day.day, tzinfo=tz).timestamp())
    except (ValueError, OverflowError, OSError):
        return timegm(day.timetuple())  # at the ends of the calendar zones have no meaning


_AGE = re.compile(r"(\d{1,6})\s*([hdwmy])", re.ASCII)
_HOURS = {"h": 1, "d": 24, "w": 168}
_FIRST_SECOND = -62_135_596_800


def _read_age(name: str, value: str, now: float, tz: tzinfo | None) -> Created:
    match = _AGE.fullmatch(value)
    if match is None:
        example = _EXAMPLES[name]
        raise TermError(
            f"'{name}:{value}' is no age: write {example}, with h, d, w, m or y for hours to years.", example
        )
    count, unit = int(match[1]), match[2]
    if unit in _HOURS:
        moment = now - count * _HOURS[unit] * 3600
    else:
        moment = _months_before(now, count * (12 if unit == "y" else 1), tz)
    bound = max(_FIRST_SECOND, math.ceil(moment))
    return Created(None, bound, name, value) if name == "older" else Created(bound, None, name, value)


def _months_before(now: float, months: int, tz: tzinfo | None) -> float:
    here = datetime.fromtimestamp(now, tz or UTC)
    year, month = divmod(here.year * 12 + here.month - 1 - months, 12)
    if year < 1:
        return _FIRST_SECOND
    day = min(here.day, monthrange(year, month + 1)[1])
    try:
        return here.replace(year=year, month=month + 1, day=day).timestamp()
    except (ValueError, OverflowError):
        return _FIRST_SECOND


def _read_field(name: str, value: str, was_quoted: bool, beginning: bool, known: Known) -> Field:
    if not was_quoted and value.lower() == "none" and name not in _NEVER_NONE:
        return Field(name, "none", none=True)
    key = _key_of(name)(value)
    if not key:
        raise TermError(f"There is nothing to look up in '{name}:{value}'.", _EXAMPLES[name])
    names = known.get(name)
    if names is not None and not _among(name, key, beginning, names):
        if not names:
            raise TermError(f"There is no {name} yet.", _EXAMPLES[name])
        near = Field(name, "", text=_nearest(value, sorted(names))).canonical
        raise TermError(f"There is no {name} '{value}'; the nearest is {near}.", near)
    return Field(name, key, beginning, text=value)


def _among(name: str, key: str, beginning: bool, names: Collection[str]) -> bool:
    keys = [_key_of(name)(each) for each in names]
    return any(each.startswith(key) for each in keys) if beginning else key in keys


def field_key(name: str, value: str) -> str:
    """How values of this field are compared."""
    return _key_of(name)(value)


def _key_of(name: str) -> Callable[[str], str]:
    if name == "provider":
        return _name_form
    if name == "order":
        return order_key
    if name in TEXT_FIELDS:
        return lambda value: " ".join(tokens(value))
    return lambda value: " ".join(fold(value).split())


def order_key(value: str) -> str:
    """An order number as it is compared: folded letters and digits only."""
    return "".join(char for char in fold(value) if char.isalnum())
