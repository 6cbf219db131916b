"""What of a review goes on paper: plain parts, in their order, capped. Any thread; no widgets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from reviewdesk.domain.models import ReviewDetail
from reviewdesk.domain.text import cap, one_line, reveal
from reviewdesk.ui.reading.clip import broken
from reviewdesk.ui.reading.timeline import Frame, entries_of
from reviewdesk.ui.reading.words import (
    AccountLabel,
    detail_facts,
    edited_words,
    full_time,
    language_name,
    name_of,
    private_fields,
    provider_state_words,
    score_words,
    sub_score_words,
    verified_words,
)

if TYPE_CHECKING:
    from reviewdesk.services.core import Core

__all__ = ["MOST", "TEXT_LIMIT", "Kind", "Part", "markdown", "parts_of", "records"]

translate = QCoreApplication.translate
TEXT_LIMIT, LINE_LIMIT = 20_000, 600
"""Characters and lines of one text that are printed; how much is left out is said where it ends."""
ENTRY_LIMIT = 200
MOST = 200
"""Reviews that go on paper at once."""
_HEAPS = re.compile(r"\n{4,}")


class Kind(StrEnum):
    TITLE = "title"
    LINE = "line"
    HEAD = "head"
    WHO = "who"
    TEXT = "text"
    FACT = "fact"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Part:
    """One paragraph (or, for TEXT, several) as it is printed; ``label`` only for facts."""

    kind: Kind
    text: str
    label: str = ""


def records(core: Core, ids: Sequence[int], *, private: bool = False) -> Iterator[list[Part]]:
    """The parts of each of these reviews that is there, at most ``MOST``. Blocking."""
    specs = {spec.id: spec for spec in core.accounts.specs()}
    for review_id in ids[:MOST]:
        detail = core.inbox.detail(review_id)
        if detail is None:
            continue
        account = core.accounts.get(detail.row.account_id)
        if account is None:
            label = AccountLabel(detail.row.account_id, "", "", "", 1)
        else:
            spec = specs.get(account.provider)
            label = AccountLabel.of(
                account, spec.code if spec else "", spec.title if spec else account.provider
            )
        yield parts_of(detail, label, core.clock.now(), private=private)


def parts_of(
    detail: ReviewDetail,
    account: AccountLabel,
    now: float,
    zone: tzinfo | None = None,
    *,
    private: bool = False,
) -> list[Part]:
    """The review, its conversation, its facts and when it was captured.

    What only we may see (order, e-mail, private messages, notes, a private conversation) is there with ``private`` alone.
    What has not gone out yet is never there.
    """
    row = detail.row
    parts = [Part(Kind.TITLE, one_line(reveal(detail.title), 300) or translate("printing", "Review"))]
    said = [score_words(row.score, row.score_max), name_of(detail), verified_words(detail)]
    said += [language_name(row.language), edited_words(detail, now, zone)]
    parts.append(Part(Kind.LINE, ", ".join(word for word in said if word)))
    parts.append(Part(Kind.LINE, _written(row.created_at, zone)))
    state = provider_state_words(row.provider_state, account.provider)
    if state:
        parts.append(Part(Kind.LINE, state))
    parts.append(Part(Kind.TEXT, _printed(detail.body) or translate("printing", "No text")))
    parts += _conversation(detail, account, now, zone, private=private)
    parts.append(Part(Kind.HEAD, translate("printing", "Facts")))
    for sub in detail.sub_scores[:ENTRY_LIMIT]:
        name, words = sub_score_words(sub, row.score_max)
        parts.append(Part(Kind.FACT, words, name))
    facts = detail_facts(detail, account, zone)[:ENTRY_LIMIT]
    parts += [Part(Kind.FACT, broken(" ".join(value.split("\n"))), label) for label, value in facts]
    if private:
        hidden = private_fields(detail)[:ENTRY_LIMIT]
        if hidden:
            parts.append(Part(Kind.HEAD, translate("printing", "Private: not for anybody outside")))
            parts += [Part(Kind.FACT, broken(" ".join(value.split("\n"))), label) for label, value in hidden]
    if detail.arrived_at:
        parts.append(Part(Kind.SMALL, _captured(detail.arrived_at, zone)))
    printed = translate("printing", "Printed {when}").format(when=_moment(now, zone))
    parts.append(Part(Kind.SMALL, printed))
    return parts


def _conversation(
    detail: ReviewDetail, account: AccountLabel, now: float, zone: tzinfo | None, *, private: bool
) -> list[Part]:
    shown = [
        entry
        for entry in entries_of(detail, account, now, zone)
        if entry.frame != Frame.WAITING and (private or not entry.private)
    ]
    if not shown:
        return []
    parts = [Part(Kind.HEAD, translate("printing", "Conversation"))]
    for entry in shown[:ENTRY_LIMIT]:
        head = [entry.who, entry.audience, entry.edited, " · ".join(entry.when_full.split("\n"))]
        parts.append(Part(Kind.WHO, ", ".join(word for word in head if word)))
        parts.append(Part(Kind.TEXT, _printed(entry.text)))
    left = len(shown) - ENTRY_LIMIT
    if left > 0:
        parts.append(Part(Kind.SMALL, translate("printing", "Not printed: %n more entries", "", left)))
    return parts


def _moment(at: float, zone: tzinfo | None) -> str:
    return " · ".join(full_time(at, zone).split("\n"))


def _written(at: float, zone: tzinfo | None) -> str:
    return translate("printing", "Written {when}").format(when=_moment(at, zone))


def _captured(at: float, zone: tzinfo | None) -> str:
    return translate("printing", "Captured by this program {when}").format(when=_moment(at, zone))


def _printed(text: str) -> str:
    """Plain and bounded: heaps of empty lines as two, signs that show nothing made visible, long runs broken."""
    text = _HEAPS.sub("\n\n\n", text.strip())
    head = cap(text, TEXT_LIMIT, "")
    lines = head.split("\n")
    if len(lines) > LINE_LIMIT:
        head = "\n".join(lines[:LINE_LIMIT])
    left = len(text) - len(head)
    head = broken(reveal(head))
    if left > 0:
        head += "\n" + translate("printing", "[not printed: %n more characters]", "", left)
    return head


# --- Markdown ------------------------------------------------------------------------------------

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:@])")


def markdown(parts: Sequence[Part]) -> str:
    """The same as Markdown. Whatever somebody wrote is escaped, so that it stays text wherever it is pasted."""
    lines: list[str] = []
    for part in parts:
        text = _escaped(part.text)
        if part.kind is Kind.TITLE:
            lines += [f"# {text}", ""]
        elif part.kind is Kind.HEAD:
            lines += ["", f"## {text}", ""]
        elif part.kind is Kind.WHO:
            lines += ["", f"**{text}**", ""]
        elif part.kind is Kind.TEXT:
            # Two blanks before the end of a line keep the line.
            lines += ["", *(f"> {line}  " if line else ">" for line in text.split("\n")), ""]
        elif part.kind is Kind.FACT:
            lines.append(f"- {_escaped(part.label)}: {' '.join(text.split())}")
        elif part.kind is Kind.SMALL:
            lines += ["", f"*{text}*"]
        else:
            lines += [text, ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)
