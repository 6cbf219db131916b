"""The link with which an author edits a review: fetched when it is wanted, and how long it works stands beside it."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from reviewdesk.domain.models import Target
from reviewdesk.services.messages import EditLink
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk
from tests.support.screens import settle, wait_until

URL = "https://reviews.example/edit/41"


@pytest.mark.parametrize(("days", "words"), [(6, "Link valid to "), (None, "Link, no end date given")])
def test_the_expiry_of_the_link_is_shown_while_it_stands_in_the_text(
    opened: tuple[MainWindow, Desk], monkeypatch: pytest.MonkeyPatch, days: int | None, words: str
) -> None:
    window, desk = opened
    core, review = desk.core, desk.review("r3")
    fetched: list[int] = []

    def edit_link(review_id: int) -> Future[EditLink]:
        fetched.append(review_id)
        ends = None if days is None else round(core.clock.now()) + days * 86_400
        answer: Future[EditLink] = Future()
        answer.set_result(EditLink(URL, ends))
        return answer

    monkeypatch.setattr(core.messages, "edit_link", edit_link)
    window.open_review(review)
    wait_until(lambda: (d := window.reading.detail()) is not None and d.row.id == review)
    composer = window.composer
    assert composer.open(review, Target.PRIVATE)
    foot = composer.foot
    assert fetched == [] and not foot.expiry.isVisible()
    foot.link.click()
    wait_until(lambda: URL in composer.text(), 5, "the link")
    settle()
    assert fetched == [review]
    assert foot.expiry.isVisible() and foot.expiry.text().startswith(words)
    composer.editor.insertPlainText(" works whenever you like.")
    assert foot.expiry.isVisible()
    # Another text has no such link; this one keeps what is known of its own.
    composer.open(review, Target.PUBLIC)
    settle()
    assert not foot.expiry.isVisible()
    composer.open(review, Target.PRIVATE)
    settle()
    assert foot.expiry.isVisible()
    composer.editor.replace_all("No link any more.")
    settle()
    assert not foot.expiry.isVisible()
