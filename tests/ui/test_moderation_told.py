"""Reports wait without a network and are logged; what a provider says of a review has words, an icon and a filter."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from PySide6.QtTest import QTest

from reviewdesk.domain.errors import NetworkError
from reviewdesk.domain.models import OutboxItem, OutboxState, ProviderState, WorkState
from reviewdesk.services.moderation import BY_SCORE
from reviewdesk.services.settings import UNDO_DELAY_S
from reviewdesk.ui.casework.casework import Casework
from reviewdesk.ui.casework.reports import ReportsPage
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.reading.words import provider_state_icon, provider_state_words
from reviewdesk.ui.theme import icons
from tests.support.core import Desk
from tests.support.screens import wait_until
from tests.support.scripted import mark_removed


def test_a_report_waits_without_a_network_and_the_log_follows_it(
    opened: tuple[MainWindow, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    window, desk = opened
    core, review = desk.core, desk.review("r3")
    core.settings.set(UNDO_DELAY_S, 0).result(5)
    page = window.show_page("reports")
    assert isinstance(page, ReportsPage) and page.rows() == []
    play = desk.world.play

    tried, stop = threading.Event(), threading.Event()

    def no_network(_script: Any) -> None:
        tried.set()
        raise NetworkError("The host does not answer.")

    monkeypatch.setattr(desk.world, "play", no_network)
    item = core.moderation.flag(review, "language", "Rude to our driver.", quote="Fine").result(5)

    def until_it_waits(items: Sequence[OutboxItem]) -> None:
        if items[0].state is OutboxState.WAITING and tried.is_set():
            stop.set()

    core.outbox.run([item.id], progress=until_it_waits, stop=stop)
    assert desk.item(item.id).state is OutboxState.WAITING and not desk.world.sent
    wait_until(lambda: len(page.rows()) == 1, 5, "the line")
    _when, author, reason, said, outcome = page.rows()[0]
    assert (author, reason, outcome) == ("Customer 3", "language", "On its way")
    assert "Fine" in said and "Rude to our driver." in said
    monkeypatch.setattr(desk.world, "play", play)
    core.outbox.send_now(item.id).result(5)
    core.outbox.run([item.id])
    assert desk.item(item.id).state is OutboxState.SENT
    (sent,) = desk.world.sent
    assert sent.payload["reason"] == "language" and sent.payload["message"] == "“Fine”\n\nRude to our driver."
    wait_until(lambda: page.rows()[0][-1] == "With the provider", 5, "its arrival")
    mark_removed(desk.world, "r3")
    desk.sync()
    wait_until(lambda: page.rows()[0][-1] == "Closed, the review was removed", 5, "its end")
    page.review_wanted.emit(review)
    wait_until(lambda: (d := window.reading.detail()) is not None and d.row.id == review)


def test_each_state_at_the_provider_has_words_an_icon_and_a_filter(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    states = [s for s in ProviderState if s is not ProviderState.PUBLISHED]
    reviews = {state: desk.review(f"r{number}") for number, state in enumerate(states, 1)}

    def write(tx: Any) -> None:
        for state, review in reviews.items():
            tx.run("UPDATE review SET provider_state = ? WHERE id = ?", (state.value, review))
            if state is ProviderState.REMOVED:
                work = WorkState.REMOVED.value
                tx.run("UPDATE review SET work_state = ? WHERE id = ?", (work, review))
        tx.changes.note_changed(reviews.values())

    desk.core.store.write_now(write)
    assert len({provider_state_words(s, "Shop") for s in states}) == len(states)
    known = [provider_state_icon(s) for s in states]
    assert len(set(known)) == len(states) and set(known) <= icons.names()
    inbox = desk.core.inbox
    for state, review in reviews.items():
        assert list(inbox.ids(inbox.parse(f"is:{state.value}"))) == [review]
        window.open_review(review)
        wait_until(lambda review=review: (d := window.reading.detail()) is not None and d.row.id == review)  # type: ignore[misc]
        content, words = window.reading.content, provider_state_words(state, "Scripted")
        if state is ProviderState.REMOVED:
            assert content.removed.text() == words
        else:
            badge = content.score_row.published
            assert badge.isVisible() and badge.text() == badge.accessibleName() == words
            assert badge.icon() == provider_state_icon(state)
    window.open_review(desk.review("r12"))
    wait_until(lambda: (d := window.reading.detail()) is not None and d.row.id == desk.review("r12"))
    assert not window.reading.content.score_row.published.isVisible()


def test_publishing_what_a_score_chose_is_refused_with_the_reason(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    said: list[str] = []
    window.telling.say = said.append  # type: ignore[method-assign]
    window.inbox.set_query(desk.core.inbox.parse("stars:>=4"))
    wait_until(lambda: window.inbox.total() == 12)
    window.focus_list()
    window.inbox.select(desk.review("r3"))
    QTest.keyClicks(window.inbox.view, "*a")
    wait_until(lambda: len(window.ids()) == 12, 5, "the selection")
    casework = next(child for child in window.children() if isinstance(child, Casework))
    casework.publish()
    wait_until(lambda: bool(said), 5, "the reason")
    assert said == [BY_SCORE] and desk.core.outbox.items() == []
