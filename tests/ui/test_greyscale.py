"""Colour is never alone (N6): turned grey, the window still tells work states, scores and deliveries apart by shapes."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.errors import ErrorInfo
from reviewdesk.domain.models import OutboxState, ReplyMark, ReviewRow, WorkState
from reviewdesk.ui.outbox.words import describe
from reviewdesk.ui.reading.blocks import ScoreRow
from reviewdesk.ui.theme import install
from tests.support.inbox_rows import make_row, review_id
from tests.support.screens import settle
from tests.ui.test_inbox_paint import _Pane
from tests.ui.test_outbox_pane import ITEM
from tests.ui.test_reading_words import NOW, a_detail, a_row

_HOUR = 3600
APART, LEVELS = 8, 30
"""So many pixels differ by at least so many of 256 greys: a shape or a word, not a tint."""


def painted(rows: list[ReviewRow]) -> list[QImage]:
    """Each row as it is painted; none is selected."""
    pane = _Pane(rows, height=80 * len(rows))
    try:
        pane.list.view._state.focused = False
        image = pane.grab()
        return [image.copy(pane.row_rect(row.id)) for row in rows]
    finally:
        pane.close()


def alike(names: list[Any], images: list[QImage]) -> list[str]:
    """The pairs that a person without colours could not tell apart."""
    greys = [bytes(image.convertToFormat(QImage.Format.Format_Grayscale8).constBits()) for image in images]
    assert len({image.size().toTuple() for image in images}) == 1
    found = []
    for (one, first), (other, second) in combinations(zip(names, greys, strict=True), 2):
        apart = sum(abs(a - b) > LEVELS for a, b in zip(first, second, strict=True))
        if apart < APART:
            found.append(f"{one} and {other}: {apart}")
    return found


def row(place: int, **more: Any) -> ReviewRow:
    """Rows that differ in nothing but what the test says (their age is the same in words)."""
    same = {"unread": False, "account_id": 1, "score": 4.0, "score100": 75, "author_name": "Ada", "has_photo": False,
            "product_name": "Lamp", "order_id": "1", "snippet": "Works."}  # fmt: skip
    return make_row(review_id(_HOUR, place), **{**same, **more})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_scores(themed: QApplication, scheme: str) -> None:
    install(themed, scheme=scheme)
    scores = [None, 1.0, 2.0, 3.0, 4.0, 5.0]
    rows = [
        row(n, score=s, score100=None if s is None else round(25 * (s - 1))) for n, s in enumerate(scores)
    ]
    assert alike(scores, painted(rows)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_work_states(themed: QApplication, scheme: str) -> None:
    """A row stands in the view of its state; the review itself bears it."""
    install(themed, scheme=scheme)
    states = list(WorkState)
    line = ScoreRow()
    line.resize(700, 40)
    images = []
    try:
        for state in states:
            line.set_detail(a_detail(a_row(work_state=state)), "Trustpilot", NOW, None)
            settle()
            images.append(line.grab().toImage())
    finally:
        line.deleteLater()
        settle()
    assert alike(states, images) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_deliveries(themed: QApplication, scheme: str) -> None:
    """The marks of a row; in the outbox each state has words and a picture of its own."""
    install(themed, scheme=scheme)
    marks = list(ReplyMark)
    assert alike(marks, painted([row(n, reply_mark=mark) for n, mark in enumerate(marks)])) == []
    told = [
        describe(replace(ITEM, state=state, finished_at=NOW, error=error), "Ada", ITEM.created_at)
        for state, error in (
            (OutboxState.WAITING, None),
            (OutboxState.SENDING, None),
            (OutboxState.VERIFYING, None),
            (OutboxState.SENT, None),
            (OutboxState.FAILED, ErrorInfo("refused", "No.")),
            (OutboxState.HELD, ErrorInfo("conflict", "Answered meanwhile.")),
            (OutboxState.HELD, ErrorInfo("approval", "Needs a look.")),
        )
    ]
    assert len({words.state for words in told}) == len(told)
    assert len({words.state_icon for words in told}) == len(told)
