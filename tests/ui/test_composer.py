"""The composer in a real window without a screen: looks, keys, limits, publishing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QImage, QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QTextEdit, QVBoxLayout, QWidget

from reviewdesk.domain.capabilities import ReplyLimits
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import ActionKind, OutboxItem, OutboxState, Target
from reviewdesk.services.settings import UNDO_DELAY_S
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.composer import Composer
from reviewdesk.ui.composer.editor import MOST
from reviewdesk.ui.reading import column_of
from reviewdesk.ui.theme import install, metrics, theme
from tests.support.fake_core import FakeCore
from tests.support.screens import settle, wait_until


@pytest.fixture
def bridge(themed: QApplication, core: FakeCore) -> Iterator[Bridge]:
    made = Bridge(core)  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.fixture
def window(themed: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    made.resize(792, 824)
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.addStretch(1)
    made.show()
    yield made
    made.close()
    made.deleteLater()
    settle()


@pytest.fixture
def composer(core: FakeCore, bridge: Bridge, window: QWidget) -> Composer:
    made = Composer(core, bridge, window)  # type: ignore[arg-type]
    layout = window.layout()
    assert layout is not None
    layout.addWidget(made)
    window.activateWindow()
    settle()
    return made


def limits(core: FakeCore, most: int | None, least: int = 1) -> None:
    specs = core.accounts.specs()
    changed = tuple(replace(s, reply_limits=ReplyLimits(most, least), back_office_url="https://office.example/")
                    for s in specs)  # fmt: skip
    core.accounts._specs = changed


def write(composer: Composer, text: str) -> None:
    """As an input method writes: any character, also those that are on no keyboard."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(composer.editor, event)


def press(composer: Composer, key: Qt.Key, modifiers: Qt.KeyboardModifier, *, repeated: bool = False) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers, "\r", repeated)
    QApplication.sendEvent(composer.editor, event)


def caught(core: FakeCore) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Every call of publish, which still does what it does."""
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    before = core.replies.publish

    def publish(*args: Any, **values: Any) -> Future[OutboxItem]:
        calls.append((args, values))
        return before(*args, **values)

    core.replies.publish = publish  # type: ignore[method-assign]
    return calls


CONTROL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


# --- looks -----------------------------------------------------------------------------------------


def test_public_private_and_none_differ_in_words_icon_colour_and_background(
    composer: Composer, core: FakeCore, window: QWidget
) -> None:
    seen = {}
    for author, target in (
        ("Claudia Bremer", Target.PUBLIC),
        ("Claudia Bremer", Target.PRIVATE),
        ("Marc-André V.", Target.PUBLIC),
    ):
        composer.open(core.review_of(author), target)
        settle()
        image = composer.grab().toImage()
        card = composer.card.geometry()
        band = image.pixelColor(card.center().x(), card.top() + 6).name()
        edge = image.pixelColor(card.center().x(), card.top()).name()
        destination = composer.destination()
        assert destination is not None
        seen[destination.look] = (
            composer.safety.words(),
            composer.safety.audience(),
            destination.icon,
            band,
            edge,
        )
    assert seen["public"][:3] == (
        "Public reply on Sitejabber as harbour.example", "Everyone can read this", "globe-simple",
    )  # fmt: skip
    assert seen["private"][:3] == (
        "Private message to Claudia Bremer", "Only the customer and your team can read this", "lock-key-fill",
    )  # fmt: skip
    assert seen["none"][0] == "Answer at Guaranteed Reviews Company"
    assert seen["none"][2] == "arrow-square-out"
    colour = theme().colour
    assert seen["public"][3:] == (colour("public-bg").name(), colour("public").name())
    assert seen["private"][3:] == (colour("private-band").name(), colour("private-band").name())
    assert seen["none"][3:] == (colour("sunken").name(), colour("edge").name())


def test_without_colours_the_two_can_still_be_told_apart(composer: Composer, core: FakeCore) -> None:
    greys = []
    for target in (Target.PUBLIC, Target.PRIVATE):
        composer.open(core.review_of("Claudia Bremer"), target)
        settle()
        grey = composer.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        card = composer.card.geometry()
        greys.append(grey.pixelColor(card.center().x(), card.top() + 6).lightness())
    assert abs(greys[0] - greys[1]) > 100


def test_the_card_shares_the_edges_of_the_review(composer: Composer, core: FakeCore, window: QWidget) -> None:
    composer.open(core.review_of("Pierre L."))
    settle()
    left, wide = column_of(792)
    card = composer.card.geometry()
    assert (card.left(), card.width()) == (left - 16, wide + 32) == (40, 712)
    assert composer.safety.height() == 38
    assert composer.editor.height() == 94
    assert composer.foot.height() == 46
    text = composer.editor.viewport().mapTo(composer, QPoint(0, 0)).x()
    assert text == left
    bottom = composer.height() - card.bottom() - 1
    assert (card.top(), bottom) == (13, 14)


def test_the_accessible_name_is_the_safety_line(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Claudia Bremer"), Target.PRIVATE)
    name = "Private message to Claudia Bremer. Only the customer and your team can read this"
    assert composer.editor.accessibleName() == name
    assert composer.safety.accessibleName() == name
    nameless = [b for b in composer.findChildren(QAbstractButton) if b.isVisible() and not b.accessibleName()
                and not b.text()]  # fmt: skip
    assert nameless == []


def test_a_name_cannot_turn_the_line_around(composer: Composer, core: FakeCore) -> None:
    review = core.review_of("Claudia Bremer")
    core.inbox.rows_by_id[review] = replace(core.inbox.rows_by_id[review], author_name="\u202eevil\u2066<b>")
    composer.open(review, Target.PRIVATE)
    words = composer.safety.words()
    assert "\u202e" not in words and "[U+202E]evil" in words and "<b>" in words


def test_a_narrow_pane_keeps_the_words(composer: Composer, core: FakeCore, window: QWidget) -> None:
    window.resize(420, 600)
    composer.open(core.review_of("Claudia Bremer"), Target.PRIVATE)
    settle()
    for words in (composer.safety._words, composer.safety._audience):
        assert words.isVisible() and words.height() == words.heightForWidth(words.width())
    assert composer.safety.is_two_lines() and composer.safety.height() == composer.safety.sizeHint().height()
    split = composer.foot.split
    assert split.mapTo(composer.foot, split.rect().bottomRight()).x() < composer.foot.width()


def test_it_follows_the_theme_while_open(composer: Composer, core: FakeCore, themed: QApplication) -> None:
    composer.open(core.review_of("Pierre L."))
    write(composer, "Bonjour")
    install(themed, scheme="dark", scale=2.0)
    settle()
    assert composer.text() == "Bonjour"
    card = composer.card.geometry()
    band = composer.grab().toImage().pixelColor(card.center().x(), card.top() + 8)
    assert band == theme().colour("public-bg")
    assert composer.safety.height() == 56 + metrics.list_line(), "who can read it stands below"
    assert composer.safety._audience.isVisible()
    block = composer.editor.document().firstBlock().blockFormat()
    assert block.lineHeight() == 48


def test_the_text_grows_to_60_percent_of_the_pane(
    composer: Composer, core: FakeCore, window: QWidget
) -> None:
    composer.open(core.review_of("Pierre L."))
    composer.set_text("line\n" * 6)
    settle()
    assert 94 < composer.editor.height() < 260
    composer.set_text("line\n" * 200)
    settle()
    assert composer.height() <= round(824 * 0.6) + 1
    assert composer.editor.verticalScrollBar().maximum() > 0


# --- keys ------------------------------------------------------------------------------------------


def test_enter_is_a_new_line_and_ctrl_enter_publishes_once(composer: Composer, core: FakeCore) -> None:
    calls = caught(core)
    published: list[OutboxItem] = []
    composer.published.connect(published.append)
    core.settings.set(UNDO_DELAY_S, 7)
    review = core.review_of("Pierre L.")
    composer.open(review)
    write(composer, "Bonjour")
    QTest.keyClick(composer.editor, Qt.Key.Key_Return)
    write(composer, "Merci 寿司 😍")
    QTest.keyClick(composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert calls == []
    press(composer, Qt.Key.Key_Return, CONTROL)
    for _ in range(5):
        press(composer, Qt.Key.Key_Return, CONTROL, repeated=True)
    press(composer, Qt.Key.Key_Return, CONTROL)
    wait_until(lambda: bool(published))
    settle()
    ((args, values),) = calls
    assert args[:2] == (review, Target.PUBLIC)
    assert args[2].replace("\u2028", "\n").rstrip() == "Bonjour\nMerci 寿司 😍"
    assert values["delay_s"] == 7 and values["kind"] is ActionKind.REPLY and values["then_done"] is False
    assert published[0].state is OutboxState.WAITING
    assert not composer.is_open() and not composer.isVisible()
    assert core.replies.draft(review, Target.PUBLIC) is None


def test_a_held_publish_key_never_begins_one(composer: Composer, core: FakeCore) -> None:
    calls = caught(core)
    composer.open(core.review_of("Pierre L."))
    write(composer, "Bonjour")
    press(composer, Qt.Key.Key_Return, CONTROL, repeated=True)
    settle()
    assert calls == []


def test_no_window_shortcut_takes_the_publish_key(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Return, CONTROL, "\r")
    event.ignore()
    QApplication.sendEvent(composer.editor, event)
    assert event.isAccepted()
    plain = QKeyEvent(
        QEvent.Type.KeyPress, Qt.Key.Key_Return, CONTROL | Qt.KeyboardModifier.ShiftModifier, "\r"
    )
    QApplication.sendEvent(composer.editor, plain)
    assert composer.is_open()


@pytest.mark.parametrize("text", ["", "   \n\t "])
def test_nothing_is_published_from_nothing(composer: Composer, core: FakeCore, text: str) -> None:
    calls = caught(core)
    composer.open(core.review_of("Pierre L."))
    write(composer, text)
    press(composer, Qt.Key.Key_Return, CONTROL)
    composer.foot.split.main.click()
    settle()
    assert calls == []
    assert composer.foot.split.main.property("off")
    assert composer.bar.message() == "There is nothing to send yet."


def test_escape_closes_and_keeps_the_draft(composer: Composer, core: FakeCore) -> None:
    review = core.review_of("Pierre L.")
    closed: list[tuple[object, object]] = []
    composer.closed.connect(lambda *key: closed.append(key))
    composer.open(review)
    write(composer, "Bonjour")
    QTest.keyClick(composer.editor, Qt.Key.Key_Escape)
    assert not composer.isVisible()
    assert closed == [(review, Target.PUBLIC)]
    composer.open(review)
    assert composer.text() == "Bonjour"


def test_tab_and_f6_leave_the_text(composer: Composer, core: FakeCore) -> None:
    left: list[bool] = []
    composer.left.connect(lambda: left.append(True))
    composer.open(core.review_of("Pierre L."))
    QTest.keyClick(composer.editor, Qt.Key.Key_Tab)
    assert composer.text() == ""
    QTest.keyClick(composer.editor, Qt.Key.Key_F6)
    assert left == [True]


# --- what goes in ----------------------------------------------------------------------------------


def test_pasted_text_is_plain_cleaned_and_capped(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    data = QMimeData()
    data.setHtml("<b>bold</b><img src='http://198.51.100.7/x.png'>")
    data.setText("<b>bold</b>\x00\x1b[31m\r\nnext")
    composer.editor.insertFromMimeData(data)
    assert composer.text() == "<b>bold</b>[31m\nnext"
    assert not composer.editor.acceptRichText()
    big = QMimeData()
    big.setText("x" * 10_000_000)
    composer.editor.insertFromMimeData(big)
    settle()
    assert len(composer.text()) == MOST
    assert "No more than 20,000 characters fit" in composer.bar.message()
    write(composer, "")
    QTest.keyClick(composer.editor, Qt.Key.Key_A)
    assert len(composer.text()) == MOST
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("/etc/passwd")])
    image = QMimeData()
    image.setImageData(QImage(10, 10, QImage.Format.Format_RGB32))
    for wrong in (files, image):
        composer.set_text("")
        composer.editor.insertFromMimeData(wrong)
        assert "root:" not in composer.text()
        assert "\ufffc" not in composer.text()


def test_nothing_is_ever_loaded(composer: Composer, core: FakeCore, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(type(composer.editor), "loadResource", lambda _s, _k, name: asked.append(name))
    composer.open(core.review_of("Pierre L."))
    composer.set_text('<img src="file:///etc/passwd"><img src="http://198.51.100.7/">')
    settle()
    assert asked == []
    assert composer.text().startswith("<img")


def test_limits_of_the_provider_block_with_a_count(composer: Composer, core: FakeCore) -> None:
    limits(core, 50, 10)
    calls = caught(core)
    composer.open(core.review_of("Pierre L."))
    write(composer, "short")
    assert composer.foot.count.text() == "5"
    press(composer, Qt.Key.Key_Return, CONTROL)
    assert composer.bar.message() == "Trustpilot takes 10 characters or more."
    composer.set_text("x" * 45)
    assert composer.foot.count.text() == "45 of 50"
    assert not composer.foot.split.main.property("off")
    composer.set_text("x" * 62)
    assert composer.foot.count.text() == "62 of 50"
    assert composer.foot.count.role() == "fail"
    press(composer, Qt.Key.Key_Return, CONTROL)
    assert composer.bar.message() == "The text is too long by 12 characters."
    assert calls == []


def test_the_language_of_the_review_is_shown(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    settle()
    assert composer.foot.language.accessibleName() == "Spelling: French"


# --- publishing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("way", "then_done", "goes_on"), [("done", True, False), ("next", False, True)])
def test_publish_and_done_and_publish_and_next(
    composer: Composer, core: FakeCore, way: str, then_done: bool, goes_on: bool
) -> None:
    calls = caught(core)
    went_on: list[bool] = []
    composer.next_requested.connect(lambda: went_on.append(True))
    composer.open(core.review_of("Pierre L."))
    write(composer, "Bonjour")
    menu = composer.foot.split.menu
    action = next(a for a in menu.actions() if a.data() == way)
    action.trigger()
    wait_until(lambda: not composer.is_open())
    settle()
    assert calls[0][1]["then_done"] is then_done
    assert went_on == ([True] if goes_on else [])


def test_a_private_message_carries_its_subject(composer: Composer, core: FakeCore) -> None:
    calls = caught(core)
    composer.open(core.review_of("Claudia Bremer"), Target.PRIVATE)
    settle()
    assert composer.subject.isVisible()
    composer.subject.setText("Ersatz")
    composer.subject.textEdited.emit("Ersatz")
    write(composer, "Guten Tag")
    assert composer.foot.split.main.text() == "Send privately"
    press(composer, Qt.Key.Key_Return, CONTROL)
    wait_until(lambda: not composer.is_open())
    assert calls[0][1]["kind"] is ActionKind.MESSAGE
    assert calls[0][1]["payload"] == {"subject": "Ersatz"}
    composer.open(core.review_of("Claudia Bremer"), Target.PUBLIC)
    settle()
    assert not composer.subject.isVisible()


def test_what_cannot_be_sent_privately_says_why(composer: Composer, core: FakeCore) -> None:
    said: list[str] = []
    composer.refused.connect(said.append)
    core.accounts._specs = tuple(
        replace(s, levels=tuple(replace(v, granted=frozenset(), denied={c: f"No {c}." for c in v.capabilities()})
                                for v in s.levels))
        for s in core.accounts.specs()
    )  # fmt: skip
    assert composer.open(core.review_of("Pierre L."), Target.PRIVATE) is False
    assert said == ["No private_message."]
    assert not composer.is_open()


def test_a_refusal_keeps_everything(composer: Composer, core: FakeCore) -> None:
    def publish(*_args: Any, **_values: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(InvalidInput("One is on its way already (outbox number 3)."))
        return future

    core.replies.publish = publish  # type: ignore[method-assign]
    review = core.review_of("Pierre L.")
    composer.open(review)
    write(composer, "Bonjour")
    press(composer, Qt.Key.Key_Return, CONTROL)
    wait_until(lambda: "on its way already" in composer.bar.message())
    assert composer.text() == "Bonjour"
    assert not composer.editor.isReadOnly()
    assert core.replies.draft(review, Target.PUBLIC).text == "Bonjour"  # type: ignore[union-attr]
    write(composer, " Pierre")
    assert composer.text() == "Bonjour Pierre"


def test_publishing_goes_on_when_another_review_is_opened(composer: Composer, core: FakeCore) -> None:
    waiting: list[Future[Any]] = []
    before = core.replies.publish
    made: list[Any] = []

    def publish(*args: Any, **values: Any) -> Future[Any]:
        made.append(lambda: before(*args, **values).result())
        future: Future[Any] = Future()
        waiting.append(future)
        return future

    core.replies.publish = publish  # type: ignore[method-assign]
    first, second = core.review_of("Pierre L."), core.review_of("Lucía Fernández")
    composer.open(first)
    write(composer, "Bonjour")
    press(composer, Qt.Key.Key_Return, CONTROL)
    wait_until(lambda: bool(waiting))
    composer.open(second)
    write(composer, "Hola")
    waiting[0].set_result(made[0]())
    settle(10)
    assert composer.key() == (second, Target.PUBLIC)
    assert composer.text() == "Hola"
    composer.open(first)
    assert composer.text() == ""


def test_a_source_without_replies_copies_and_asks(composer: Composer, core: FakeCore) -> None:
    limits(core, None)
    addresses: list[str] = []
    composer.open_address.connect(addresses.append)
    review = core.review_of("Marc-André V.")
    composer.open(review)
    settle()
    assert not composer.foot.split.isVisible()
    assert composer.foot.copy_button.text() == "Copy and open"
    assert "takes no replies" in composer.safety.audience()
    write(composer, "Bonjour Marc-André")
    composer.foot.copy_button.click()
    assert QApplication.clipboard().text() == "Bonjour Marc-André"
    assert addresses == ["https://office.example/"]
    assert composer.bar.message() == "Answered at Guaranteed Reviews Company?"
    told: list[tuple[int, str]] = []
    composer.answered.connect(lambda review_id, text: told.append((review_id, text)))
    composer.bar._buttons[0].click()
    assert told == [(review, "Bonjour Marc-André")]
    wait_until(lambda: core.replies.draft(review, Target.PUBLIC) is not None)
    assert core.replies.draft(review, Target.PUBLIC).text == "Bonjour Marc-André"  # type: ignore[union-attr]


def test_not_yet_answered_there_keeps_the_text_open(composer: Composer, core: FakeCore) -> None:
    told: list[object] = []
    composer.answered.connect(lambda *said: told.append(said))
    composer.open(core.review_of("Marc-André V."))
    write(composer, "Bonjour Marc-André")
    composer.foot.copy_button.click()
    no = next(b for b in composer.bar._buttons if b.text() == "Not yet")
    no.click()
    assert not composer.bar.isVisible() and told == []
    assert composer.is_open() and composer.text() == "Bonjour Marc-André"


# --- place in a window -----------------------------------------------------------------------------


def test_opening_gives_it_the_keyboard_and_following_does_not(
    composer: Composer, core: FakeCore, window: QWidget
) -> None:
    other = QTextEdit(window)
    other.show()
    first, second = core.review_of("Pierre L."), core.review_of("Lucía Fernández")
    core.replies.save_draft(second, Target.PUBLIC, "Hola")
    composer.open(first)
    assert composer.editor.hasFocus()
    other.setFocus()
    composer.follow(second)
    assert other.hasFocus()
    assert composer.key() == (second, Target.PUBLIC)
    assert composer.text() == "Hola"
    composer.follow(first)
    assert not composer.is_open()
