"""The reading pane in a real window without a screen, on the core in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QKeyEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTextEdit, QVBoxLayout, QWidget

from reviewdesk.domain.errors import ErrorInfo, InvalidInput
from reviewdesk.domain.models import (
    Attachment,
    Author,
    ChangeSet,
    Comment,
    OutboxState,
    Product,
    ProviderState,
    ReviewDetail,
    Role,
    SubScore,
    Target,
    Version,
)
from reviewdesk.services.people import Context
from reviewdesk.services.settings import LOAD_PICTURES, READ_AFTER_S, READ_POLICY
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.reading import ReadingPane, column_of
from reviewdesk.ui.reading.body import TextBody
from reviewdesk.ui.reading.decode import decoded
from reviewdesk.ui.reading.diff import Change
from reviewdesk.ui.theme import install, theme
from tests.support.fake_core import FakeCore
from tests.support.screens import settle, wait_until
from tests.ui.test_reading_words import an_item

HOSTILE = {
    "tags": "<b>bold</b><img src='file:///etc/passwd'><script>alert(1)</script>&amp;&lt;",
    "loads": '<img src="http://198.51.100.7/x.png"><img src="\\\\198.51.100.7\\share"><style>@import url(x)</style>',
    "links": "javascript:alert(1) file:///etc/passwd http://user@evil.example/ ms-msdt:x",
    "svg": '<svg onload="x"><image href="http://198.51.100.7/"/></svg>',
    "bidi": "\u202egnp.exe\u2066\u2067abc\u2069 rtl \u200f\u061c" * 40,
    "marks": "a" + "\u0301" * 4000,
    "controls": "a\x00b\x1b[31mc\x07%n%s\ud800\ufffe",
    "lines": "\n" * 200_000,
    "short lines": "a\n" * 200_000,
    "run": "x" * 1_000_000,
    "words": "hello wor " * 100_000,
    "arabic": "مرحبا بكم " * 50_000,
    "emoji": "😀👩‍👩‍👧‍👦" * 40_000,
}


@pytest.fixture
def bridge(themed: QApplication, core: FakeCore) -> Iterator[Bridge]:
    made = Bridge(core)  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.fixture
def window(themed: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    made.resize(792, 824)
    QVBoxLayout(made).setContentsMargins(0, 0, 0, 0)
    yield made
    made.close()
    made.deleteLater()
    settle()


@pytest.fixture
def pane(core: FakeCore, bridge: Bridge, window: QWidget) -> ReadingPane:
    core.settings.set(READ_POLICY, "hand")
    made = ReadingPane(core, bridge, zone=UTC)  # type: ignore[arg-type]
    layout = window.layout()
    assert layout is not None
    layout.addWidget(made)
    window.show()
    settle()
    return made


def opened(pane: ReadingPane, review: int) -> ReviewDetail:
    pane.show_review(review)
    wait_until(lambda: pane.detail() is not None and pane.detail().row.id == review)  # type: ignore[union-attr]
    settle()
    detail = pane.detail()
    assert detail is not None
    return detail


def stand_still() -> None:
    """Longer than between two steps of a held key: what is asked for next is opened at once."""
    QTest.qWait(100)


def give(core: FakeCore, review: int, **values: Any) -> None:
    """Let the core answer with a changed detail for one review."""
    before = core.inbox.detail

    def detail(wanted: int) -> ReviewDetail | None:
        found = before(wanted)
        return replace(found, **values) if found is not None and wanted == review else found

    core.inbox.detail = detail  # type: ignore[method-assign]


def picture(width: int = 800, height: int = 600, kind: str = "PNG") -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#c08040"))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, kind)
    return bytes(data.data())


class Gaps:
    """The most work the GUI thread did between two ticks of a 5 ms timer, in milliseconds of its processor time.

    Processor time, because other programs on the machine must not decide about our freezes.
    """

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self.longest = 0.0
        self._last = time.thread_time()
        self._timer.start()

    def _tick(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, 1000 * (now - self._last))
        self._last = now

    def stop(self) -> float:
        self._tick()
        self._timer.stop()
        return self.longest


# --- structure -------------------------------------------------------------------------------------


def test_the_column_is_where_the_design_has_it(pane: ReadingPane, core: FakeCore) -> None:
    opened(pane, core.review_of("Pierre L."))
    assert pane.head.height() == 44
    assert column_of(792) == (56, 680)
    assert column_of(610) == (20, 570)
    left = pane.facts.mapTo(pane, pane.facts.rect().topLeft()).x()
    assert (left, pane.facts.width()) == (56, 680)
    assert pane.text.mapTo(pane, pane.text.rect().topLeft()).x() == 56


def test_everything_known_is_shown(pane: ReadingPane, core: FakeCore) -> None:
    opened(pane, core.review_of("Pierre L."))
    assert pane.score_row.words.text() == "2 of 5"
    assert pane.score_row.edited.text() == "Edited 08:25, was 3 of 5"
    assert pane.title.text() == "Livraison tardive et boîte ouverte"
    assert [f.text for f in pane.facts.facts()] == [
        "Pierre L.", "verified order", "Headset X2", "French", "Harbour FR", "today 08:15",
    ]  # fmt: skip
    assert pane.facts.facts()[4].code == "TP"
    assert pane.ratings.lines() == [("Delivery", "1 of 5"), ("Packaging", "2 of 5"), ("Product", "4 of 5")]
    assert [view.body.text()[:7] for view in pane.shown_entries()] == ["Bonjour", "Merci. "]
    assert pane.private.grid.fields() == [
        ("E-mail", "p.lambert@example.org"), ("Order", "28592"), ("Reference", "HB-FR-28592"),
    ]  # fmt: skip
    assert pane.history.summary() == "edited 08:25, 3 to 2 of 5"


def test_empty_fields_leave_no_label(pane: ReadingPane, core: FakeCore) -> None:
    review = core.review_of("Sophie Lambert")
    give(core, review, title="", body="", author=Author(name="Sophie"), product=None, url=None)
    core.inbox.rows_by_id[review] = replace(core.inbox.rows_by_id[review], order_id=None, product_name=None)
    opened(pane, review)
    for part in (pane.title, pane.text, pane.ratings, pane.conversation, pane.private, pane.history):
        assert not part.isVisible()
    assert pane.head.provider.property("off")


def test_a_scale_of_ten_has_no_second_figure_and_no_stars(pane: ReadingPane, core: FakeCore) -> None:
    opened(pane, core.review_of("Thierry B."))
    assert not pane.score_row.words.isVisible()
    assert pane.score_row.score.accessibleName() == "9 of 10"


def test_a_removed_review_says_so(pane: ReadingPane, core: FakeCore) -> None:
    review = core.review_of("Pierre L.")
    core.inbox.rows_by_id[review] = replace(
        core.inbox.rows_by_id[review], provider_state=ProviderState.REMOVED
    )
    opened(pane, review)
    assert pane.removed.isVisible()
    assert "Trustpilot has removed this review" in pane.removed.toPlainText()


@pytest.mark.parametrize("width", [420, 610, 792, 1200])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_overlaps_or_is_cut_in_any_width(
    pane: ReadingPane, core: FakeCore, window: QWidget, themed: QApplication, width: int, scale: float
) -> None:
    install(themed, scheme="light", scale=scale)
    window.resize(width, 700)
    opened(pane, core.review_of("Pierre L."))
    settle()
    parts = [pane.score_row, pane.title, pane.facts, pane.text, pane.ratings, pane.conversation,
             *pane.shown_entries(), pane.private, pane.history]  # fmt: skip
    end = 0
    for part in parts:
        box = part.rect().translated(part.mapTo(pane, part.rect().topLeft()))
        assert box.top() >= end, part
        assert box.right() < width
        end = box.bottom()
    for body in (pane.title, pane.text.body, *(e.body for e in pane.shown_entries())):
        assert body.height() >= body.document().size().height()
        assert body.document().textWidth() == body.viewport().width()


def test_right_to_left_mirrors_the_column(
    pane: ReadingPane, core: FakeCore, window: QWidget, themed: QApplication
) -> None:
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    opened(pane, core.review_of("سارة الحداد"))
    facts = pane.facts.mapTo(pane, pane.facts.rect().topLeft()).x()
    assert (facts, pane.facts.width()) == (56, 680)
    done = pane.head.done.mapTo(pane, pane.head.done.rect().center()).x()
    assert done > pane.width() / 2


# --- hostile text ----------------------------------------------------------------------------------


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whatever a text widget asks to be loaded."""
    asked: list[object] = []

    def load(self: object, kind: int, name: object) -> None:
        asked.append(name)

    for kind in (TextBody, QTextEdit):
        monkeypatch.setattr(kind, "loadResource", load)
    return asked


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_text_is_painted_as_text_within_the_gap(
    pane: ReadingPane, core: FakeCore, window: QWidget, loads: list[object], name: str
) -> None:
    text = HOSTILE[name]
    opened(pane, core.review_of("Thierry B."))
    review = core.review_of("Pierre L.")
    give(
        core, review, title=text, body=text, author=Author(name=text[:2000], email=text[:2000]),
        product=Product(name=text[:2000]), facts=((text[:500], text[:2000]),), reference=text[:2000],
        sub_scores=(SubScore(text[:500], 3),),
        comments=(Comment(id="1", author=text[:500], role=Role.CONSUMER, text=text, created_at=1),),
        versions=(Version(1, 3, text[:500], text),), thread_state=None,
    )  # fmt: skip
    detail = core.inbox.detail(review)
    assert detail is not None
    pane._kept.keep(detail)  # as prefetched: what is measured is the painting
    longest = 10_000.0
    for _ in range(2):  # the first time fonts are loaded; a freeze of ours comes every time
        pane.show_review(core.review_of("Thierry B."))
        stand_still()
        gaps = Gaps()
        pane.show_review(review)
        settle(20)
        longest = min(longest, gaps.stop())
    assert longest < 100, f"{longest:.0f} ms"
    assert loads == []
    shown = pane.text.body.toPlainText()
    if len(text) < 5000:
        assert shown.replace("\n", "").replace("\ufffd", "") == "".join(
            c for c in text if c >= " " and c not in "\ud800\ufffe"
        )
    assert not pane.text.body.document().allFormats()[0].isImageFormat()
    assert "<b>" in shown if name == "tags" else True


@pytest.mark.parametrize("name", ["run", "words", "lines", "short lines", "emoji"])
def test_all_of_a_huge_text_comes_without_a_freeze(
    pane: ReadingPane, core: FakeCore, name: str, loads: list[object]
) -> None:
    review = core.review_of("Pierre L.")
    give(core, review, body=HOSTILE[name])
    longest = 10_000.0
    for _ in range(2):
        pane.show_review(core.review_of("Thierry B."))
        stand_still()
        opened(pane, review)
        assert pane.text.more_button().isVisible()
        gaps = Gaps()
        pane.text.more_button().click()
        whole = pane.text.whole()
        assert whole is not None
        wait_until(whole.is_complete, 20)
        longest = min(longest, gaps.stop())
        if longest < 100:
            break
    assert longest < 100, f"{longest:.0f} ms"
    text = HOSTILE[name].replace("\n", "")
    assert whole.toPlainText().replace("\n", "").replace(" ⏎ ", "") == text
    assert loads == []


def test_every_label_is_plain(pane: ReadingPane, core: FakeCore) -> None:
    give(
        core,
        core.review_of("Pierre L."),
        title="<b>x</b>",
        body="<i>y</i>",
        private_facts=(("<u>a</u>", "<s>b</s>"),),
    )
    opened(pane, core.review_of("Pierre L."))
    pane.history.set_open(True)
    pane.details.set_open(True)
    settle()
    for label in pane.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText
    for edit in pane.findChildren(QTextEdit):
        assert not edit.acceptRichText()
        assert edit.isReadOnly()
    assert pane.title.toPlainText() == "<b>x</b>"
    assert ("<u>a</u>", "<s>b</s>") in pane.private.grid.fields()


# --- speed -----------------------------------------------------------------------------------------


def test_opening_a_prefetched_review_takes_less_than_50_ms(
    pane: ReadingPane, core: FakeCore, window: QWidget
) -> None:
    ids = list(core.inbox.rows_by_id)[:20]
    for review in ids[:4]:
        opened(pane, review)  # warm up fonts and icons
    stand_still()
    times = []
    for review in ids:
        detail = core.inbox.detail(review)
        assert detail is not None
        pane._kept.keep(detail)
        started = time.thread_time()
        pane.show_review(review)
        window.grab()
        times.append(time.thread_time() - started)
        assert pane.detail() == detail
        stand_still()
    times.sort()
    assert times[len(times) // 2] < 0.05, times
    assert pane.detail() is not None


def test_whoever_walks_past_sees_the_review_where_they_stop_and_no_key_meets_another(
    pane: ReadingPane, core: FakeCore
) -> None:
    """A held key comes thirty times a second; opening each review would take longer than that."""
    ids = list(core.inbox.rows_by_id)[:8]
    opened(pane, ids[0])
    stand_still()
    shown: list[int] = []
    pane.shown.connect(shown.append)
    for review in ids[1:]:
        pane.show_review(review)
        detail = pane.detail()
        assert pane.current_id() == review
        assert detail is None or detail.row.id == review, "what is on its way out is not acted on"
        QTest.qWait(20)
    wait_until(lambda: pane.detail() is not None)
    assert pane.current_id() == ids[-1] == shown[-1]
    assert set(shown) <= {ids[1], ids[-1]}, "those in between were passed"
    stand_still()
    pane.show_review(ids[0])
    pane.show_review(0)
    QTest.qWait(150)
    assert pane.current_id() == 0 and pane.detail() is None and shown[-1] == 0


def test_new_products_read_what_is_beside_the_review_again_and_nothing_else(
    pane: ReadingPane, core: FakeCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first sync finds new products with every page: twenty times a second the open review was read anew."""
    review = next(iter(core.inbox.rows_by_id))
    opened(pane, review)
    read: list[str] = []
    detail, context = core.inbox.detail, core.people.context

    def details(wanted: int) -> ReviewDetail | None:
        read.append("review")
        return detail(wanted)

    def contexts(wanted: int) -> Context:
        read.append("beside")
        return context(wanted)

    monkeypatch.setattr(core.inbox, "detail", details)
    monkeypatch.setattr(core.people, "context", contexts)
    for _ in range(20):
        core.bus.publish(ChangeSet(products=True))
        QTest.qWait(20)
    wait_until(lambda: "beside" in read)
    assert "review" not in read and read.count("beside") <= 2
    core.bus.publish(ChangeSet(views=True))
    wait_until(lambda: "review" in read)


def test_what_is_beside_a_review_comes_after_its_painting(
    pane: ReadingPane, core: FakeCore, window: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both lay the column out, and the review is what somebody waits for; a pane nobody sees gets it all the same."""
    first, second, third = list(core.inbox.rows_by_id)[:3]
    opened(pane, first)
    stand_still()
    order: list[str] = []
    tell = pane._on_context

    def told(context: Context) -> None:
        order.append(f"beside {context.review_id}")
        tell(context)

    monkeypatch.setattr(pane, "_on_context", told)
    pane.content.seen.connect(lambda: order.append(f"painted {pane.current_id()}"))
    opened(pane, second)
    wait_until(lambda: f"beside {second}" in order)
    assert order == [f"painted {second}", f"beside {second}"]
    stand_still()
    window.hide()
    opened(pane, third)
    wait_until(lambda: order[-1] == f"beside {third}")
    assert f"painted {third}" not in order


def test_time_that_goes_by_makes_room_for_longer_words_of_what_is_due(
    pane: ReadingPane, core: FakeCore
) -> None:
    now = [1_000_000.0]
    row = pane.content.score_row
    row.set_due(lambda _row: 1_000_000.0 + 60, lambda: now[0])
    opened(pane, core.review_of("Thierry B."))
    before = row.due.geometry()
    assert row.due.isVisible() and before.width() >= row.due.sizeHint().width()
    now[0] += 400 * 86_400
    row.due._tick.timeout.emit()
    settle()
    assert "overdue" in row.due.text()
    assert row.due.width() >= row.due.sizeHint().width() and row.due.geometry() != before


def test_neighbours_are_kept_ready(pane: ReadingPane, core: FakeCore) -> None:
    first, second, third = list(core.inbox.rows_by_id)[:3]
    opened(pane, first)
    asked: list[int] = []
    before = core.inbox.detail

    def detail(review: int) -> ReviewDetail | None:
        asked.append(review)
        return before(review)

    core.inbox.detail = detail  # type: ignore[method-assign]
    pane.prefetch([second, third, first])
    wait_until(lambda: {second, third} <= pane._kept._known.keys())
    assert sorted(asked) == sorted([second, third])
    pane.show_review(second)
    assert pane.detail() is not None and pane.detail().row.id == second  # type: ignore[union-attr]
    assert len(asked) == 2


def test_fast_walking_ends_at_the_last_one(pane: ReadingPane, core: FakeCore) -> None:
    ids = list(core.inbox.rows_by_id)[:30]
    shown: list[int] = []
    pane.shown.connect(shown.append)
    for review in ids:
        pane.show_review(review)
    wait_until(lambda: pane.detail() is not None and pane.detail().row.id == ids[-1])  # type: ignore[union-attr]
    settle()
    assert shown[-1] == ids[-1]
    assert pane.text.text() == core.inbox.detail(ids[-1]).body  # type: ignore[union-attr]


# --- refresh in place ------------------------------------------------------------------------------


def test_a_change_is_shown_in_place(pane: ReadingPane, core: FakeCore, window: QWidget) -> None:
    window.resize(600, 400)
    review = core.review_of("Pierre L.")
    opened(pane, review)
    bar = pane.area.verticalScrollBar()
    bar.setValue(90)
    first = pane.shown_entries()[0]
    cursor = first.body.textCursor()
    cursor.select(QTextCursor.SelectionType.WordUnderCursor)
    first.body.setTextCursor(cursor)
    before = core.inbox.detail(review)
    assert before is not None
    comment = Comment(
        id="c3", author="Pierre L.", role=Role.CONSUMER, text="Alors ?", created_at=int(core.clock.now())
    )
    give(core, review, comments=(*before.comments, comment))
    core.inbox.set_star([review], True)
    wait_until(lambda: len(pane.shown_entries()) == 3)
    settle()
    assert bar.value() == 90
    assert first.body.textCursor().hasSelection()
    assert pane.head._star_act == "unstar"


def test_a_reply_just_published_comes_into_view(pane: ReadingPane, core: FakeCore, window: QWidget) -> None:
    window.resize(600, 300)
    review = core.review_of("Pierre L.")
    opened(pane, review)
    assert pane.area.verticalScrollBar().value() == 0
    core.outbox.put(an_item(60, review_id=review, account_id=2, not_before=core.clock.now() + 8))
    wait_until(lambda: len(pane.shown_entries()) == 3)
    view = pane.shown_entries()[-1]
    wait_until(lambda: not view.visibleRegion().isEmpty())


def test_changes_of_other_reviews_read_nothing(pane: ReadingPane, core: FakeCore) -> None:
    opened(pane, core.review_of("Pierre L."))
    settle()
    asked: list[int] = []
    core.inbox.detail = lambda review: asked.append(review)  # type: ignore[method-assign, assignment, return-value]
    core.inbox.set_star([core.review_of("Thierry B.")], True)
    heard: list[object] = []
    pane._bridge.changes.connect(heard.append)
    wait_until(lambda: bool(heard))
    settle()
    assert asked == []


def test_a_review_that_goes_says_so(pane: ReadingPane, core: FakeCore) -> None:
    review = core.review_of("Pierre L.")
    opened(pane, review)
    core.inbox.detail = lambda _id: None  # type: ignore[method-assign]
    core.inbox.set_star([review], True)
    wait_until(lambda: pane.empty.isVisible())
    assert "no longer" in pane.empty.sentence()
    pane.show_review(0)
    assert pane.empty.sentence() == "No review is open"


# --- read state ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "read"), [("open", True), ("delay", True), ("hand", False)])
def test_reading_marks_read_by_the_setting(
    pane: ReadingPane, core: FakeCore, policy: str, read: bool
) -> None:
    core.settings.set(READ_POLICY, policy)
    core.settings.set(READ_AFTER_S, 0)
    review = core.review_of("Pierre L.")
    opened(pane, review)
    if read:
        wait_until(lambda: not core.inbox.rows_by_id[review].unread)
    settle(20)
    assert core.inbox.rows_by_id[review].unread is not read


def test_walking_past_does_not_mark_read(pane: ReadingPane, core: FakeCore) -> None:
    core.settings.set(READ_POLICY, "delay")
    core.settings.set(READ_AFTER_S, 1)
    first, second = core.review_of("Pierre L."), core.review_of("Mette Østergaard")
    opened(pane, first)
    assert pane._read_timer.isActive()
    opened(pane, second)
    assert not pane._read_timer.isActive()
    assert core.inbox.rows_by_id[first].unread


# --- acts ------------------------------------------------------------------------------------------


def test_the_head_asks_for_what_it_says(pane: ReadingPane, core: FakeCore) -> None:
    asked: list[tuple[str, list[int]]] = []
    pane.action_requested.connect(lambda name, ids: asked.append((name, ids)))
    steps: list[int] = []
    pane.step_requested.connect(steps.append)
    review = core.review_of("Pierre L.")
    opened(pane, review)
    pane.set_position(2, 18)
    assert pane.head.place_words() == "2 of 18"
    for button in (pane.head.done, pane.head.snooze, pane.head.star, pane.head.provider):
        button.click()
    assert asked == [(n, [review]) for n in ("done", "snooze", "star", "open_provider")]
    pane.head.down.click()
    pane.head.up.click()
    assert steps == [1, -1]
    pane.set_position(1, 1)
    pane.head.down.click()
    assert steps == [1, -1]
    done = core.review_of("Andrei P.")
    opened(pane, done)
    assert pane.head.reopen.isVisible() and not pane.head.done.isVisible()


def test_copy_gives_the_review_without_private_data(pane: ReadingPane, core: FakeCore) -> None:
    opened(pane, core.review_of("Pierre L."))
    said: list[str] = []
    pane.said.connect(said.append)
    pane.copy()
    text = QApplication.clipboard().text()
    assert "Livraison tardive" in text and "28592" not in text and "p.lambert" not in text
    assert said


def test_own_items_can_be_taken_back_held_and_tried_again(pane: ReadingPane, core: FakeCore) -> None:
    core.fill_outbox()
    replies: list[Target] = []
    pane.reply_requested.connect(replies.append)
    waiting = core.review_of("Pierre L.")
    opened(pane, waiting)
    entry = pane.shown_entries()[-1]
    assert entry.head_text() == "You, Harbour FR, Public, Waiting"
    assert not pane.reply_bar.isVisible()
    entry.button("hold").click()
    wait_until(lambda: "Held by you" in pane.shown_entries()[-1].head_text())
    assert core.outbox.item(2).state is OutboxState.HELD  # type: ignore[union-attr]
    entry.button("retry").click()
    wait_until(lambda: "Waiting" in pane.shown_entries()[-1].head_text())
    entry.button("undo").click()
    wait_until(lambda: replies == [Target.PUBLIC])
    assert core.replies.draft(waiting, Target.PUBLIC).text.startswith("Bonjour")  # type: ignore[union-attr]
    wait_until(lambda: pane.reply_bar.isVisible())


def test_a_refused_reply_keeps_its_text_as_a_draft(pane: ReadingPane, core: FakeCore) -> None:
    core.fill_outbox()
    review = core.review_of("Karim Saleh")
    opened(pane, review)
    entry = pane.shown_entries()[-1]
    assert "Not accepted" in entry.head_text()
    assert entry.entry().detail == "Duplicate comment"  # type: ignore[union-attr]
    entry.button("undo").click()
    wait_until(lambda: core.outbox.item(1) is None)
    draft = core.replies.draft(review, Target.PUBLIC)
    assert draft is not None and draft.text.startswith("We are sorry")


def test_an_act_that_fails_says_why(pane: ReadingPane, core: FakeCore) -> None:
    core.fill_outbox()

    def hold(_id: int) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(InvalidInput("It went out a moment ago."))
        return future

    core.outbox.hold = hold  # type: ignore[method-assign, assignment]
    opened(pane, core.review_of("Pierre L."))
    pane.shown_entries()[-1].button("hold").click()
    wait_until(lambda: pane.bar.message() == "It went out a moment ago.")


def test_a_conflict_is_retried_only_by_overriding(pane: ReadingPane, core: FakeCore) -> None:
    review = core.review_of("Pierre L.")
    item = an_item(50, review_id=review, account_id=2, state=OutboxState.HELD,
                   error=ErrorInfo("conflict", "Somebody answered meanwhile."))  # fmt: skip
    core.outbox.put(item)
    seen: list[bool] = []
    before = core.outbox.retry

    def retry(item_id: int, override: bool = False) -> Future[Any]:
        seen.append(override)
        return before(item_id, override)

    core.outbox.retry = retry  # type: ignore[method-assign]
    opened(pane, review)
    pane.shown_entries()[-1].button("retry").click()
    wait_until(lambda: seen == [True])


def test_reply_buttons_follow_what_the_account_can_do(pane: ReadingPane, core: FakeCore) -> None:
    opened(pane, core.review_of("Claudia Bremer"))
    assert pane.reply_bar.public.text() == "Reply publicly"
    assert not pane.reply_bar.private.property("off")
    opened(pane, core.review_of("Marc-André V."))
    assert pane.reply_bar.public.text() == "Answer at Guaranteed Reviews Company"
    wanted: list[Target] = []
    pane.reply_requested.connect(wanted.append)
    pane.reply_bar.public.click()
    assert wanted == [Target.PUBLIC]
    pane.set_composing(True)
    assert not pane.reply_bar.isVisible()


def test_a_draft_that_was_put_aside_is_not_forgotten(pane: ReadingPane, core: FakeCore) -> None:
    review = core.review_of("Claudia Bremer")
    opened(pane, review)
    assert not pane.reply_bar.kept.isVisible()
    core.inbox.rows_by_id[review] = replace(core.inbox.rows_by_id[review], has_draft=True)
    core.bus.publish(ChangeSet(drafts=frozenset({review})))
    wait_until(lambda: pane.reply_bar.kept.isVisible())


# --- search hits, history --------------------------------------------------------------------------


def test_search_hits_are_marked_and_follow_the_theme(
    pane: ReadingPane, core: FakeCore, themed: QApplication
) -> None:
    opened(pane, core.review_of("Pierre L."))
    pane.set_highlight((("carton", False), ("livr", True)))
    found = [s.cursor.selectedText() for s in pane.text.body.extraSelections()]
    assert found == ["carton"]
    assert [s.cursor.selectedText() for s in pane.title.extraSelections()] == ["Livr"]
    install(themed, scheme="dark")
    settle()
    (mark,) = pane.text.body.extraSelections()
    assert mark.format.background().color() == theme().colour("hit")
    pane.set_highlight(())
    assert pane.text.body.extraSelections() == []


def test_history_shows_word_differences(pane: ReadingPane, core: FakeCore) -> None:
    opened(pane, core.review_of("Pierre L."))
    assert not pane.history.is_open()
    QTest.keyClick(pane.history._head, Qt.Key.Key_Space)
    assert pane.history.is_open()
    wait_until(lambda: bool(pane.history.changes()) and bool(pane.history.changes()[0].body().text()))
    (change,) = pane.history.changes()
    assert change.words() == "Edited 08:25, 3 to 2 of 5"
    body = change.body()
    parts = {p.change: p.text for p in body._parts}
    assert "abîmé" in parts[Change.REMOVED]
    cursor = body.document().find("abîmé")
    assert cursor.charFormat().fontStrikeOut()
    assert cursor.charFormat().background().color() == theme().colour("del-bg")
    assert body.document().find("casque").charFormat().fontUnderline()


# --- pictures --------------------------------------------------------------------------------------


def test_thumbnails_come_by_the_rule_and_open_large(
    pane: ReadingPane, core: FakeCore, window: QWidget
) -> None:
    asked: list[str] = []
    threads: set[str] = set()

    def fetch(_review: int, url: str) -> Future[bytes]:
        asked.append(url)
        return core.submit(lambda: threads.add(threading.current_thread().name) or picture())

    core.pictures.fetch = fetch  # type: ignore[method-assign]
    core.settings.set(LOAD_PICTURES, "never")
    review = core.review_of("Pierre L.")
    opened(pane, review)
    settle(20)
    assert asked == []
    assert len(pane.pictures.thumbnails()) == 2
    core.settings.set(LOAD_PICTURES, "thumbnails")
    opened(pane, core.review_of("Thierry B."))
    opened(pane, review)
    wait_until(lambda: all(t.image() is not None for t in pane.pictures.thumbnails()))
    assert len(asked) == 2
    assert threading.current_thread().name not in threads
    thumbnail = pane.pictures.thumbnails()[0]
    assert thumbnail.size() == QSize(84, 60)
    thumbnail.setFocus()
    QTest.keyClick(thumbnail, Qt.Key.Key_Return)
    viewer = pane.viewer()
    assert viewer is not None and viewer.isVisible() and viewer.size() == window.size()
    wait_until(lambda: viewer.image() is not None)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.at() == 1
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert viewer.at() == 1
    QTest.keyClick(viewer, "+")
    assert viewer.zoom() > 1
    QTest.keyClick(viewer, "-")
    assert viewer.zoom() == 1
    QTest.keyClick(viewer, Qt.Key.Key_Left)
    assert viewer.at() == 0
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert not viewer.isVisible()


def test_a_picture_that_is_none_shows_that(pane: ReadingPane, core: FakeCore) -> None:
    core.pictures.fetch = lambda _review, _url: core.submit(lambda: b"<svg/>")  # type: ignore[method-assign]
    opened(pane, core.review_of("Pierre L."))
    wait_until(lambda: all(t.has_failed() for t in pane.pictures.thumbnails()))


def test_what_is_no_picture_is_listed_instead(pane: ReadingPane, core: FakeCore) -> None:
    review = core.review_of("Pierre L.")
    give(core, review, attachments=(Attachment(url="https://reviews.example/a.mp4", mime="video/mp4"),))
    opened(pane, review)
    assert pane.pictures.thumbnails() == []
    pane.details.set_open(True)
    assert ("Attachment", "https://reviews.example/a.mp4") in pane._detail_grid.fields()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"x" * 5000,
    ],
)
def test_only_pictures_are_decoded(themed: QApplication, data: bytes) -> None:
    assert decoded(data, QSize(84, 60)) is None


def test_a_picture_that_unpacks_to_too_much_is_refused(themed: QApplication) -> None:
    good = picture(64, 64)
    header = good.index(b"IHDR") + 4
    huge = good[:header] + (60_000).to_bytes(4, "big") * 2 + good[header + 8 :]
    assert decoded(huge, QSize(84, 60)) is None
    small = decoded(good, QSize(84, 60), fill=True)
    assert small is not None and small.size() == QSize(84, 60)
    whole = decoded(picture(3000, 1500, "JPEG"), QSize(400, 400))
    assert whole is not None and whole.size() == QSize(400, 200)


# --- keys ------------------------------------------------------------------------------------------


def test_space_scrolls_until_the_end(pane: ReadingPane, core: FakeCore, window: QWidget) -> None:
    window.resize(600, 300)
    opened(pane, core.review_of("Pierre L."))
    steps = 0
    while pane.scroll_page(1) and steps < 50:
        steps += 1
    assert 0 < steps < 50
    bar = pane.area.verticalScrollBar()
    assert bar.value() == bar.maximum()


def test_single_keys_are_left_to_the_window(pane: ReadingPane, core: FakeCore) -> None:
    opened(pane, core.review_of("Pierre L."))
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_E, Qt.KeyboardModifier.NoModifier, "e")
    QApplication.sendEvent(pane, event)
    assert not event.isAccepted()


def test_every_control_has_a_name(pane: ReadingPane, core: FakeCore) -> None:
    core.fill_outbox()
    opened(pane, core.review_of("Pierre L."))
    from PySide6.QtWidgets import QAbstractButton

    nameless = [
        b
        for b in pane.findChildren(QAbstractButton)
        if b.isVisible() and not (b.accessibleName() or b.text())
    ]
    assert nameless == []
