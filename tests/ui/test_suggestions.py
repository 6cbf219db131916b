"""Suggestions from one's own past replies: from this archive, with their source, into the text by a key alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from reviewdesk.domain.models import Author, Target
from reviewdesk.services.suggestions import Suggestion
from reviewdesk.store import search
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.suggestions.room import open_suggestions
from reviewdesk.ui.suggestions.window import SuggestionsWindow
from tests.support.core import Desk
from tests.support.screens import settle, wait_until

Opened = tuple[MainWindow, Desk]


def told(desk: Desk, native: str, **changes: object) -> None:
    desk.world.reviews[native] = replace(desk.world.reviews[native], **changes)  # type: ignore[arg-type]


@pytest.fixture
def archive(opened: Opened) -> Callable[[], int]:
    """Reviews with and without replies; the id of the one that is to be answered."""
    _, desk = opened
    late = "The parcel arrived terribly late and the carton was crushed."
    told(desk, "r1", body=late, score=2.0, author=Author(name="Ada Byron"), language="en")
    told(
        desk,
        "r2",
        body="Lovely, the parcel arrived early.",
        score=5.0,
        author=Author(name="Bo"),
        language="en",
    )
    told(desk, "r3", body="Der Karton war crushed, late, parcel arrived.", score=2.0, language="de")
    told(desk, "r12", body="My parcel arrived late, its carton crushed.", score=2.0, author=Author(name="Nia Carver"),
         language="en")  # fmt: skip
    desk.world.comment("r1", "Dear Ada, we are sorry about parcel 4711-9. A new carton is under way.")
    desk.world.comment("r2", "Thank you, Bo!")
    desk.world.comment("r3", "Das tut uns leid.")
    desk.sync()
    desk.core.store.write_now(lambda tx: search.index_slice(tx, budget_s=5.0))
    return lambda: desk.review("r12")


def test_the_most_similar_answer_comes_first_with_its_source(
    opened: Opened, archive: Callable[[], int]
) -> None:
    _, desk = opened
    found: tuple[Suggestion, ...] = desk.core.suggestions.for_review(archive(), Target.PUBLIC)
    assert found[0].review_id == desk.review("r1")
    best = found[0]
    assert best.resolved.text == (
        "Dear Nia, we are sorry about parcel {{Number}}. A new carton is under way."
    )
    assert [gap.words for gap in best.resolved.gaps] == ["Number"]
    assert best.author == "Ada Byron" and best.account == "Shop" and "crushed" in best.shared
    # Another language is no help, and nobody answered the rest.
    assert {f.review_id for f in found} <= {desk.review("r1"), desk.review("r2")}
    assert desk.core.suggestions.for_review(desk.review("r7"), Target.PUBLIC) == ()
    assert desk.core.suggestions.for_review(999_999, Target.PUBLIC) == ()


def test_a_key_shows_them_and_enter_inserts_and_nothing_leaves(
    opened: Opened, archive: Callable[[], int]
) -> None:
    window, desk = opened
    review = archive()
    window.open_review(review)
    wait_until(lambda: window.reading.detail() is not None and window.reading.detail().row.id == review, 5)
    calls = len(desk.world.calls)
    QTest.keyClick(
        window.reading, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    wait_until(lambda: bool(window.findChildren(SuggestionsWindow)), 5, "the window")
    made = window.findChildren(SuggestionsWindow)[0]
    wait_until(lambda: bool(made.found()), 5, "the suggestions")
    assert "to Ada Byron, 2 of 5, Shop" in made.source.text() and "To fill: Number" in made.source.text()
    assert made.preview.toPlainText().startswith("Dear Nia, ")
    assert not window.composer.is_open() and desk.core.outbox.items() == []
    QTest.keyClick(made.table, Qt.Key.Key_Return)
    wait_until(window.composer.is_open, 5, "the composer")
    settle()
    assert window.composer.text().startswith("Dear Nia, we are sorry about parcel {{Number}}.")
    # The gap stops it until a person fills it; looking and inserting asked nobody for anything.
    window.composer.publish()
    settle()
    assert desk.core.outbox.items() == [] and len(desk.world.calls) == calls


def test_without_anything_similar_it_says_so(opened: Opened) -> None:
    window, desk = opened
    window.open_review(desk.review("r5"))
    settle()
    made = open_suggestions(window)
    assert made is not None
    wait_until(lambda: made.said.text().startswith("No review like this one"), 5, "the words")
    assert not made.insert.isEnabled()
    made.close()
