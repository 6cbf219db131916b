"""What the reading pane says in words: scores, times, states, facts. Text in, text out; no widgets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from reviewdesk.domain.models import (
    Account,
    ProviderState,
    ReviewDetail,
    ReviewRow,
    Role,
    SubScore,
    WorkState,
)
from reviewdesk.domain.text import cap, one_line, reveal

__all__ = [
    "AccountLabel",
    "clock_words",
    "copy_text",
    "detail_facts",
    "edited_words",
    "full_time",
    "language_name",
    "name_of",
    "number_words",
    "private_fields",
    "provider_state_icon",
    "provider_state_words",
    "record_lines",
    "score_words",
    "short_when",
    "sub_score_words",
    "verified_words",
    "when_words",
    "work_state_icon",
    "work_state_words",
]

_tr = QCoreApplication.translate
NAME_LIMIT = 120
VALUE_LIMIT = 300
RECORD_LIMIT = 40_000


@dataclass(frozen=True, slots=True)
class AccountLabel:
    """What the pane needs to know of an account."""

    id: int
    name: str
    code: str
    provider: str
    """The provider's title, for instance Trustpilot."""
    colour: int

    @classmethod
    def of(cls, account: Account, code: str, provider: str) -> AccountLabel:
        return cls(account.id, account.name, code, provider, account.colour)


# --- scores --------------------------------------------------------------------------------------


def number_words(value: float) -> str:
    """``4`` for 4.0 and ``4.5`` for 4.5, with the decimal sign of the interface."""
    return QLocale().toString(int(value)) if value == int(value) else QLocale().toString(value, "f", 1)


def score_words(score: float | None, score_max: float) -> str:
    """``2 of 5``; a score that is missing or no number is said so."""
    if score is None or not _is_number(score):
        return _tr("Reading", "No score")
    return _tr("Reading", "{score} of {most}").format(
        score=number_words(score), most=number_words(score_max) if _is_number(score_max) else "?"
    )


def _is_number(value: float) -> bool:
    return abs(value) < 1e9  # false for NaN and both infinities


def sub_score_words(sub: SubScore, score_max: float) -> tuple[str, str]:
    """Name and score of a sub-rating; a sub-rating above the review's scale shows its bare number."""
    name = one_line(reveal(sub.name), 60)
    if sub.score is None or not _is_number(sub.score):
        return name, _tr("Reading", "no score")
    if sub.score > score_max:
        return name, number_words(sub.score)
    return name, score_words(sub.score, score_max)


# --- times ---------------------------------------------------------------------------------------


def _moment(at: float, zone: tzinfo | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(at, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return None


def clock_words(at: float, zone: tzinfo | None = None) -> str:
    """``10:42`` in local time."""
    moment = _moment(at, zone)
    return moment.strftime("%H:%M") if moment else "?"


def when_words(at: float | None, now: float, zone: tzinfo | None = None) -> str:
    """``today 08:14``, ``yesterday 16:20``, ``12 Nov 10:42``, ``12 Nov 2025 10:42``; empty for None."""
    if at is None:
        return ""
    moment, present = _moment(at, zone), _moment(now, zone)
    if moment is None or present is None:
        return _tr("Reading", "date unknown")
    clock = moment.strftime("%H:%M")
    if at > now + 86_400:
        return _tr("Reading", "{date} {time} (date?)").format(date=_date_words(moment, True), time=clock)
    if moment.date() == present.date():
        return _tr("Reading", "today {time}").format(time=clock)
    if moment.date() == present.date() - timedelta(days=1):
        return _tr("Reading", "yesterday {time}").format(time=clock)
    return f"{_date_words(moment, moment.year != present.year)} {clock}"


def _date_words(moment: datetime, with_year: bool) -> str:
    date = QDate(moment.year, moment.month, moment.day)
    return QLocale().toString(date, "d MMM yyyy" if with_year else "d MMM")


def short_when(at: float | None, now: float, zone: tzinfo | None = None) -> str:
    """As ``when_words``, without the word for today."""
    if at is None:
        return ""
    moment, present = _moment(at, zone), _moment(now, zone)
    if moment is not None and present is not None and moment.date() == present.date():
        return moment.strftime("%H:%M")
    return when_words(at, now, zone)


def full_time(at: float, zone: tzinfo | None = None) -> str:
    """The tooltip of a time: the local moment in full, then the moment as it is stored, in UTC."""
    local, original = _moment(at, zone), _moment(at, UTC)
    if local is None or original is None:
        return _tr("Reading", "date unknown")
    words = QLocale().toString(QDate(local.year, local.month, local.day), QLocale.FormatType.LongFormat)
    return f"{words}, {local:%H:%M:%S}\n{original:%Y-%m-%d %H:%M:%S} UTC"


# --- states --------------------------------------------------------------------------------------


def work_state_words(row: ReviewRow, now: float, zone: tzinfo | None = None) -> str:
    if row.work_state is WorkState.SNOOZED and row.snooze_until is not None:
        return _tr("Reading", "Snoozed until {when}").format(when=_until(row.snooze_until, now, zone))
    return {
        WorkState.NEW: _tr("Reading", "New"),
        WorkState.NEEDS_REPLY: _tr("Reading", "Needs reply"),
        WorkState.WAITING: _tr("Reading", "Waiting"),
        WorkState.SNOOZED: _tr("Reading", "Snoozed"),
        WorkState.DONE: _tr("Reading", "Done"),
        WorkState.REMOVED: _tr("Reading", "Removed"),
    }[row.work_state]


def _until(at: float, now: float, zone: tzinfo | None) -> str:
    moment, present = _moment(at, zone), _moment(now, zone)
    if moment is None or present is None:
        return "?"
    clock = moment.strftime("%H:%M")
    if moment.date() == present.date():
        return clock
    if moment.date() == present.date() + timedelta(days=1):
        return _tr("Reading", "tomorrow {time}").format(time=clock)
    return f"{_date_words(moment, moment.year != present.year)} {clock}"


_STATE_ICONS = {
    WorkState.NEW: "bell-simple",
    WorkState.NEEDS_REPLY: "chat-circle-dots",
    WorkState.WAITING: "hourglass-medium",
    WorkState.SNOOZED: "moon",
    WorkState.DONE: "check-circle",
    WorkState.REMOVED: "eye-slash",
}


def work_state_icon(state: WorkState) -> str:
    return _STATE_ICONS[state]


_PROVIDER_STATE_ICONS = {
    ProviderState.PUBLISHED: "",
    ProviderState.PENDING: "hourglass-medium",
    ProviderState.UNPUBLISHED: "eye-slash",
    ProviderState.UNDER_MODERATION: "scales",
    ProviderState.ARCHIVED: "archive",
    ProviderState.REMOVED: "prohibit",
}


def provider_state_icon(state: ProviderState) -> str:
    """What stands beside the words of ``provider_state_words``; empty for what is simply published."""
    return _PROVIDER_STATE_ICONS[state]


def provider_state_words(state: ProviderState, provider: str) -> str:
    """A sentence for a review that is not simply published; empty when it is."""
    sentence = {
        ProviderState.PUBLISHED: "",
        ProviderState.PENDING: _tr("Reading", "Not published yet at {provider}"),
        ProviderState.UNPUBLISHED: _tr("Reading", "Not public at {provider}"),
        ProviderState.UNDER_MODERATION: _tr("Reading", "{provider} is checking this review"),
        ProviderState.ARCHIVED: _tr("Reading", "Archived at {provider}"),
        ProviderState.REMOVED: _tr(
            "Reading", "{provider} has removed this review. The text here is what was loaded before"
        ),
    }[state]
    return sentence.format(provider=provider or _tr("Reading", "the provider"))


def edited_words(detail: ReviewDetail, now: float, zone: tzinfo | None = None) -> str:
    """``Edited 10:42, was 3 of 5``; empty for a review that nobody edited."""
    row = detail.row
    if not row.edited:
        return ""
    at = row.updated_at
    if at is None and detail.versions:
        at = detail.versions[-1].at
    words = _tr("Reading", "Edited")
    if at is not None:
        words = _tr("Reading", "Edited {when}").format(when=short_when(at, now, zone))
    if detail.versions and detail.versions[-1].score != row.score:
        before = score_words(detail.versions[-1].score, row.score_max)
        words = _tr("Reading", "{edited}, was {score}").format(edited=words, score=before)
    return words


# --- people and facts ----------------------------------------------------------------------------


def name_of(detail: ReviewDetail) -> str:
    """The author as shown, with characters that show nothing made visible."""
    author = detail.author
    name = one_line(reveal(author.name or detail.row.author_name or author.username or ""), NAME_LIMIT)
    return name or _tr("Reading", "No name")


def language_name(code: str | None) -> str:
    """``French`` for fr; an unknown code is shown as it came."""
    if not code:
        return ""
    if code.replace("-", "").replace("_", "").isalnum() and len(code) <= 12:
        language = QLocale(code.replace("-", "_")).language()
        if language not in (QLocale.Language.C, QLocale.Language.AnyLanguage):
            return _tr("Language", QLocale.languageToString(language))
    return one_line(reveal(code), 12)


_VERIFIED = ("verified", "verification", "verified order")


def verified_words(detail: ReviewDetail) -> str:
    """The provider's word on whether the order is real, for the facts line; empty where it says nothing."""
    for label, value in detail.facts:
        if label.strip().casefold() in _VERIFIED:
            said = value.strip().casefold()
            if said in ("true", "yes", "1", "verified"):
                return _tr("Reading", "verified order")
            if said in ("false", "no", "0", "not verified", ""):
                return _tr("Reading", "not verified")
            return one_line(reveal(value), 40)
    return ""


def detail_facts(
    detail: ReviewDetail, account: AccountLabel, zone: tzinfo | None = None
) -> list[tuple[str, str]]:
    """Everything public that has no place of its own on the pane, as (label, value); no empty values."""
    row, product = detail.row, detail.product
    facts = [
        (_tr("Reading", "Account"), f"{account.name}, {account.provider}"),
        (_tr("Reading", "Written"), full_time(row.created_at, zone)),
        (_tr("Reading", "Changed"), full_time(row.updated_at, zone) if row.updated_at is not None else ""),
        (_tr("Reading", "User name"), detail.author.username or ""),
        (_tr("Reading", "Source"), row.source or ""),
        (_tr("Reading", "Source id"), detail.source_id or ""),
        (_tr("Reading", "Review id"), row.native_id),
        (_tr("Reading", "Conversation"), detail.thread_id or ""),
        (_tr("Reading", "Conversation is"), detail.thread_state or ""),
        (_tr("Reading", "Address"), detail.url or ""),
    ]
    if product is not None:
        facts += [
            (_tr("Reading", "Product"), product.name or ""),
            (_tr("Reading", "SKU"), product.sku or ""),
            (_tr("Reading", "GTIN"), product.gtin or ""),
            (_tr("Reading", "MPN"), product.mpn or ""),
            (_tr("Reading", "Brand"), product.brand or ""),
            (_tr("Reading", "Product id"), product.id or ""),
            (_tr("Reading", "Product page"), product.url or ""),
        ]
    facts.append((_tr("Reading", "Customer id"), detail.author.id or ""))
    facts += [fact for fact in detail.facts if fact[0].strip().casefold() not in _VERIFIED]
    return _filled(facts)


def private_fields(detail: ReviewDetail) -> list[tuple[str, str]]:
    """What only we may see, as (label, value); no empty values, and a reference that is the order only once."""
    reference = detail.reference if detail.reference != detail.row.order_id else None
    return _filled(
        [
            (_tr("Reading", "E-mail"), detail.author.email or ""),
            (_tr("Reading", "Order"), detail.row.order_id or ""),
            (_tr("Reading", "Reference"), reference or ""),
            *detail.private_facts,
        ]
    )


def record_lines(raw: str) -> str:
    """The record as it was received: one line for each field that holds something; what is no JSON as it is."""
    try:
        record = json.loads(raw)
    except (ValueError, RecursionError):
        return cap(reveal(raw[:RECORD_LIMIT]), RECORD_LIMIT)
    lines: list[str] = []
    _walk(record, "", lines, 0)
    return cap("\n".join(lines), RECORD_LIMIT)


def _walk(value: Any, path: str, lines: list[str], depth: int) -> None:
    if depth > 20 or len(lines) > 2_000:
        return
    if isinstance(value, dict):
        for key, part in value.items():
            _walk(part, f"{path}.{key}" if path else str(key), lines, depth + 1)
    elif isinstance(value, list):
        for number, part in enumerate(value, 1):
            _walk(part, f"{path} {number}", lines, depth + 1)
    elif value is not None and value != "":
        shown = value if isinstance(value, str) else json.dumps(value)
        lines.append(
            f"{one_line(reveal(path), 80)}: {cap(reveal(shown[: VALUE_LIMIT * 20]), VALUE_LIMIT * 20)}"
        )


def _filled(facts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    seen = set()
    answer = []
    for label, value in facts:
        value = value[
            : 4 * VALUE_LIMIT
        ]  # only so much is shown, and a sign for each invisible letter takes time
        value = reveal(value) if "\n" in value else one_line(reveal(value), VALUE_LIMIT)
        pair = (one_line(reveal(label[:400]), 40), cap(value.strip(), VALUE_LIMIT))
        if pair[1] and pair not in seen:
            seen.add(pair)
            answer.append(pair)
    return answer


# --- copy ----------------------------------------------------------------------------------------


def copy_text(detail: ReviewDetail, account: AccountLabel, zone: tzinfo | None = None) -> str:
    """The review and its public conversation as plain text. Never holds anything of the private block."""
    row = detail.row
    lines = [score_words(row.score, row.score_max)]
    if detail.title:
        lines.append(detail.title)
    about = [name_of(detail), detail.product.name if detail.product else "", account.provider]
    moment = _moment(row.created_at, zone)
    if moment is not None:
        about.append(moment.strftime("%Y-%m-%d %H:%M"))
    lines.append(", ".join(part for part in about if part))
    if detail.body:
        lines += ["", detail.body]
    if "private" not in (detail.thread_state or "").casefold():
        for comment in detail.comments:
            who = account.name if comment.role is Role.BUSINESS else (comment.author or "")
            written = _moment(comment.created_at, zone) if comment.created_at is not None else None
            when = f", {written:%Y-%m-%d %H:%M}" if written else ""
            lines += [
                "",
                f"{one_line(reveal(who), NAME_LIMIT) or _tr('Reading', 'No name')}{when}:",
                comment.text,
            ]
    if detail.url:
        lines += ["", detail.url]
    return "\n".join(lines)
