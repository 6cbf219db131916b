"""What a row says: age, score and marks in words, its sentence for a screen reader, the name of a day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from reviewdesk.domain.models import ProviderState, ReplyMark, ReviewRow, WorkState
from reviewdesk.domain.text import isolate

if TYPE_CHECKING:
    from reviewdesk.domain.cases import Effect

__all__ = [
    "age",
    "age_words",
    "author",
    "day_title",
    "draft",
    "due_words",
    "figure",
    "heading_sentence",
    "item_line",
    "marks",
    "no_account",
    "no_text",
    "paintable",
    "quick_words",
    "score_figure",
    "score_words",
    "sentence",
    "state_words",
    "unread_yet",
    "week_title",
]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400

PAINTED_CHARS = 400
"""No line of the list shows more characters; what comes behind is not even looked at."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("inbox", text)


def _plural(text: str, n: int) -> str:
    return QCoreApplication.translate("inbox", text, "", n)


# Controls, line ends and the marks that reorder their neighbours: shown as a blank or not at all.
_BLANKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffc]+")
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]+")


def paintable(text: str) -> str:
    """The beginning of a stranger's text as one line that can't reach out of its place."""
    part = text[:PAINTED_CHARS]
    if part.isascii() and part.isprintable():
        return part
    return _REORDERING.sub("", _BLANKS.sub(" ", part))


def figure(number: int) -> str:
    """A count as the locale writes it: 3,400."""
    return QLocale().toString(number)


def no_text() -> str:
    """What stands where a review has a score and nothing else."""
    return _tr("No text")


def draft() -> str:
    """Before the words of a review that somebody began to answer."""
    return _tr("Draft")


def author(row: ReviewRow) -> str:
    return paintable(row.author_name or "") or _tr("Anonymous")


# --- time ----------------------------------------------------------------------------------------


def age(seconds: float) -> str:
    """The age of a review in its narrow column."""
    if seconds < _MINUTE:
        return _tr("now")
    if seconds < _HOUR:
        return _tr("%1 min").replace("%1", figure(int(seconds // _MINUTE)))
    if seconds < _DAY:
        return _tr("%1 h").replace("%1", figure(int(seconds // _HOUR)))
    if seconds < 365 * _DAY:
        return _tr("%1 d").replace("%1", figure(int(seconds // _DAY)))
    return _tr("%1 y").replace("%1", figure(int(seconds // (365 * _DAY))))


def age_words(seconds: float) -> str:
    """The age in full words, for a screen reader."""
    if seconds < _MINUTE:
        return _tr("just now")
    if seconds < _HOUR:
        n = int(seconds // _MINUTE)
        return _tr("1 minute ago") if n == 1 else _plural("%n minutes ago", n)
    if seconds < _DAY:
        n = int(seconds // _HOUR)
        return _tr("1 hour ago") if n == 1 else _plural("%n hours ago", n)
    if seconds < 365 * _DAY:
        n = int(seconds // _DAY)
        return _tr("1 day ago") if n == 1 else _plural("%n days ago", n)
    n = int(seconds // (365 * _DAY))
    return _tr("1 year ago") if n == 1 else _plural("%n years ago", n)


def _span(seconds: float) -> str:
    return age(max(_MINUTE, abs(seconds)))


def due_words(left_s: float, *, short: bool) -> str:
    """``due in 3 h``, ``overdue 2 h``; ``short``: the span alone, beside its icon."""
    if short:
        return _span(left_s)
    text = _tr("due in %1") if left_s >= 0 else _tr("overdue %1")
    return text.replace("%1", _span(left_s))


def day_title(day: int, today: int) -> str:
    """Today, Yesterday, the weekday within a week, else the date as the locale writes it."""
    if day == today:
        return _tr("Today")
    if day == today - 1:
        return _tr("Yesterday")
    there, locale = date.fromordinal(day), QLocale()
    if today - 7 < day < today:
        name = locale.standaloneDayName(there.isoweekday(), QLocale.FormatType.LongFormat)
        return name[:1].upper() + name[1:]
    return locale.toString(QDate(there.year, there.month, there.day), QLocale.FormatType.LongFormat)


def week_title(first_day: int, today: int) -> str:
    """This week, Last week, else the week's first and last day as the locale writes them."""
    if first_day <= today < first_day + 7:
        return _tr("This week")
    if first_day <= today - 7 < first_day + 7:
        return _tr("Last week")
    locale = QLocale()
    first, last = (
        locale.toString(QDate(d.year, d.month, d.day), QLocale.FormatType.ShortFormat)
        for d in (date.fromordinal(first_day), date.fromordinal(first_day + 6))
    )
    return _tr("%1 to %2").replace("%1", first).replace("%2", last)


def no_account() -> str:
    """The heading of reviews whose account is gone."""
    return _tr("Unknown source")


def no_product() -> str:
    """The heading of reviews that are of no product."""
    return _tr("No product")


# --- marks ---------------------------------------------------------------------------------------


def _number(value: float) -> str:
    return QLocale().toString(value, "f", 0 if value == int(value) else 1)


def score_figure(row: ReviewRow) -> str:
    """``9/10`` for the pill."""
    return f"{_number(row.score)}/{_number(row.score_max)}" if row.score is not None else _tr("no score")


def score_words(row: ReviewRow) -> str:
    """``2 of 5 stars``, ``9 of 10``, ``no score``."""
    if row.score is None:
        return _tr("no score")
    text = _tr("%1 of %2 stars") if row.score_max == 5 else _tr("%1 of %2")
    return text.replace("%1", _number(row.score)).replace("%2", _number(row.score_max))


def state_words(state: WorkState) -> str:
    return {
        WorkState.NEW: _tr("new"),
        WorkState.NEEDS_REPLY: _tr("needs reply"),
        WorkState.WAITING: _tr("waiting"),
        WorkState.SNOOZED: _tr("snoozed"),
        WorkState.DONE: _tr("done"),
        WorkState.REMOVED: _tr("removed"),
    }[state]


def _reply_words(mark: ReplyMark) -> str:
    return {
        ReplyMark.NONE: "",
        ReplyMark.ELSEWHERE: _tr("answered elsewhere"),
        ReplyMark.OURS: _tr("answered from here"),
        ReplyMark.WAITING: _tr("reply waits"),
        ReplyMark.FAILED: _tr("reply not accepted"),
    }[mark]


def _edited_words(row: ReviewRow, effect: Effect | None) -> str:
    """That the customer edited it, and what the score was before our reply where that changed it."""
    if effect is None:
        return _tr("edited") if row.edited else ""
    before = replace(row, score=effect.before)
    text = _tr("edited after our reply: %1 before, %2 now")
    return text.replace("%1", score_words(before)).replace("%2", score_words(row))


def marks(
    row: ReviewRow, *, account: str = "", due_left_s: float | None = None, effect: Effect | None = None
) -> str:
    """Everything a row shows as a picture, in words."""
    said = [
        _tr("unread") if row.unread else "",
        _tr("starred") if row.starred else "",
        due_words(due_left_s, short=False) if due_left_s is not None else "",
        _tr("has pictures") if row.has_photo else "",
        _edited_words(row, effect),
        _reply_words(row.reply_mark),
        _tr("draft kept") if row.has_draft else "",
        _tr("owner %1").replace("%1", paintable(row.owner)) if row.owner else "",
        _tr("tags %1").replace("%1", ", ".join(paintable(t) for t in row.tags)) if row.tags else "",
        account,
    ]
    if row.provider_state is not ProviderState.PUBLISHED:
        said.append(
            {
                ProviderState.PENDING: _tr("pending at the source"),
                ProviderState.UNPUBLISHED: _tr("unpublished at the source"),
                ProviderState.UNDER_MODERATION: _tr("under moderation"),
                ProviderState.ARCHIVED: _tr("archived at the source"),
                ProviderState.REMOVED: _tr("removed at the source"),
            }[row.provider_state]
        )
    return ", ".join(part for part in said if part)


def item_line(row: ReviewRow) -> str:
    """Product and order, each fenced so that its writing direction moves nothing around it."""
    parts = []
    if row.product_name:
        parts.append(isolate(paintable(row.product_name)[:200]))
    order = paintable(row.order_id or "")[:60]
    if order:
        # VR-55120 says by itself what it is, 28592 does not.
        bare = order[:1].isdigit()
        parts.append(_tr("order %1").replace("%1", isolate(order)) if bare else isolate(order))
    return " · ".join(parts)


def sentence(row: ReviewRow, *, now: float, number: int, total: int, effect: Effect | None = None) -> str:
    """The whole row as one sentence with its place, for a screen reader."""
    text = paintable(row.snippet)[:200] or _tr("no text")
    product = paintable(row.product_name or "")[:100]
    parts = [
        score_words(row),
        author(row),
        age_words(now - row.created_at),
        state_words(row.work_state),
        _tr("unread") if row.unread else "",
        _edited_words(row, effect),
        f"{product}: {text}" if product else text,
    ]
    place = _tr("item %1 of %2").replace("%1", figure(number)).replace("%2", figure(total))
    return f"{', '.join(part for part in parts if part)}; {place}"


def unread_yet(number: int, total: int) -> str:
    """A row that is still being read, for a screen reader."""
    place = _tr("item %1 of %2").replace("%1", figure(number)).replace("%2", figure(total))
    return f"{_tr('loading')}; {place}"


def heading_sentence(title: str, count: int, *, collapsed: bool) -> str:
    """``Today, 4 reviews, folded``, for a screen reader."""
    number = _tr("1 review") if count == 1 else _plural("%n reviews", count)
    return f"{title}, {number}, {_tr('folded') if collapsed else _tr('open')}"


def quick_words(action: str) -> str:
    """The name and key of a button on a hovered row."""
    return {
        "reply": _tr("Reply (R)"),
        "done": _tr("Done (E)"),
        "reopen": _tr("Open again (Shift+E)"),
        "snooze": _tr("Snooze (B)"),
        "star": _tr("Star (S)"),
        "unstar": _tr("Remove star (S)"),
    }[action]
