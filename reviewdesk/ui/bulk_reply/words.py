"""A line of the run in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from reviewdesk.domain.models import OutboxItem
from reviewdesk.domain.text import one_line
from reviewdesk.services.bulk_replies import Line, Outcome
from reviewdesk.ui.outbox.words import describe
from reviewdesk.ui.reading.words import language_name, score_words

__all__ = ["cells", "check_words", "headings", "outcome_words"]

translate = QCoreApplication.translate


def headings() -> tuple[str, ...]:
    """Of the table's columns; the texts take what is left."""
    return (
        translate("bulk", "Goes"),
        translate("bulk", "Customer"),
        translate("bulk", "Source"),
        translate("bulk", "Score"),
        translate("bulk", "Variant"),
        translate("bulk", "Reply"),
        translate("bulk", "Check"),
    )


def cells(line: Line, state: str) -> tuple[str, ...]:
    """One row; ``state`` is what its last column says."""
    return (
        translate("bulk", "Yes") if line.goes else translate("bulk", "No"),
        line.author or translate("bulk", "No name"),
        f"{line.provider}, {line.account}" if line.account else "",
        score_words(line.score, line.score_max),
        language_name(line.variant) or translate("bulk", "Any language"),
        one_line(line.text, 300),
        state,
    )


def check_words(line: Line) -> str:
    """Whether it goes, or the first thing that stops it."""
    if line.skipped:
        return translate("bulk", "Left out by you")
    if line.never:
        return line.never
    if line.problems:
        return line.problems[0]
    return line.advice[0] if line.advice else translate("bulk", "Ready")


def outcome_words(outcome: Outcome, item: OutboxItem | None, now: float) -> str:
    """What became of it: the state of its outbox item as the outbox says it, or why there is none."""
    if item is None:
        return translate("bulk", "Not sent: {reason}").format(reason=outcome.reason)
    words = describe(item, "", now)
    said = f": {item.error.message}" if item.error is not None else ""
    return f"{words.state}{said}"
