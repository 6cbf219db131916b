"""Spelling in the composer, with the real library and the machine's English, French and German dictionaries."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QLocale, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from reviewdesk.domain.models import Target
from reviewdesk.services.dictionaries import Dictionaries
from reviewdesk.services.settings import SPELLING
from reviewdesk.services.spelling import SpellingService
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.composer import Composer
from reviewdesk.ui.composer.spelled_text import SpelledText
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.settings.window import SettingsWindow
from reviewdesk.ui.theme import metrics, theme
from tests.support.core import Desk
from tests.support.fake_core import FakeCore
from tests.support.screens import settle, wait_until

WRONG = "Bonjour Pierre, merci pour votre pacience et votre comande."


@pytest.fixture(scope="module")
def dictionaries(tmp_path_factory: pytest.TempPathFactory) -> Dictionaries:
    """Opened once: what they know does not depend on a test."""
    return Dictionaries(tmp_path_factory.mktemp("dictionaries"))


@pytest.fixture
def composer(
    core: FakeCore, themed: QApplication, dictionaries: Dictionaries, tmp_path: Path
) -> Iterator[Composer]:
    core.spelling.close()
    core.spelling = SpellingService(core.settings, tmp_path, dictionaries)  # type: ignore[arg-type]
    bridge = Bridge(core)  # type: ignore[arg-type]
    window = QWidget()
    window.resize(792, 824)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addStretch(1)
    window.show()
    made = Composer(core, bridge, window)  # type: ignore[arg-type]
    column.addWidget(made)
    window.activateWindow()
    settle()
    yield made
    bridge.close()
    window.close()
    window.deleteLater()
    settle()


def marked(composer: Composer, *, shown: bool = True) -> list[str]:
    marks = composer.editor.marks
    return [marks.cursor(m).selectedText() for m in (marks.shown() if shown else marks.all())]


def waits(composer: Composer, *words: str) -> None:
    wait_until(lambda: marked(composer) == list(words), 15, f"marks at {words}")


def menu_of(name: str = "spelling") -> QMenu | None:
    popup = QApplication.activePopupWidget()
    return popup if isinstance(popup, QMenu) and popup.objectName() == name else None


def ask_menu(composer: Composer, word: str, *, by_key: bool = False) -> QMenu:
    editor = composer.editor
    position = editor.toPlainText().index(word) + 2
    cursor = editor.textCursor()
    cursor.setPosition(position)
    if by_key:
        editor.setTextCursor(cursor)
    place = editor.cursorRect(cursor).center()
    reason = QContextMenuEvent.Reason.Keyboard if by_key else QContextMenuEvent.Reason.Mouse
    where = editor.viewport().mapToGlobal(place)
    QApplication.sendEvent(editor.viewport(), QContextMenuEvent(reason, place, where))
    wait_until(lambda: menu_of() is not None, 15, "the menu")
    menu = menu_of()
    assert menu is not None
    return menu


def choose(menu: QMenu, words: str) -> None:
    entry = next(a for a in menu.actions() if a.text() == words)
    menu.close()
    entry.trigger()
    settle()


def test_a_french_review_gets_french_marks_whatever_the_system_speaks(
    composer: Composer, core: FakeCore
) -> None:
    assert QLocale().language() == QLocale.Language.English
    composer.open(core.review_of("Pierre L."))
    composer.set_text(WRONG)
    waits(composer, "pacience", "comande")
    assert composer.foot.language.accessibleName() == "Spelling: French"
    composer.open(core.review_of("Claudia Bremer"))
    assert marked(composer) == []
    composer.set_text("Guten Tag, die Lieferrung ist unterwegs.")
    waits(composer, "Lieferrung")
    assert composer.foot.language.accessibleName() == "Spelling: German"


def test_the_word_being_typed_is_not_marked(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    QTest.keyClicks(composer.editor, "Merci pour votre pacience")
    wait_until(lambda: marked(composer, shown=False) == ["pacience"], 15, "the word is judged")
    assert marked(composer) == []
    QTest.keyClicks(composer.editor, " et")
    waits(composer, "pacience")
    # Back into it without typing: it shows; typing on hides it again.
    composer.editor.moveCursor(QTextCursor.MoveOperation.PreviousWord)
    composer.editor.moveCursor(QTextCursor.MoveOperation.PreviousWord)
    assert marked(composer) == ["pacience"]


def test_marks_move_with_the_text(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    composer.set_text(WRONG)
    waits(composer, "pacience", "comande")
    cursor = composer.editor.textCursor()
    cursor.setPosition(0)
    cursor.insertText("Oui 😀. ")
    assert marked(composer) == ["pacience", "comande"]
    cursor.setPosition(composer.text().index("votre") + 1, QTextCursor.MoveMode.MoveAnchor)
    cursor.insertBlock()
    assert marked(composer) == ["pacience", "comande"]
    composer.editor.undo()
    assert "comande" in marked(composer)


def test_suggestions_by_mouse_and_by_key(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    composer.set_text(WRONG)
    waits(composer, "pacience", "comande")
    menu = ask_menu(composer, "pacience")
    words = [a.text() for a in menu.actions()]
    assert words[0] == "patience"
    assert "Add “pacience” to my words" in words and "Ignore in this draft" in words
    choose(menu, "patience")
    assert composer.text() == WRONG.replace("pacience", "patience")
    composer.editor.undo()
    assert composer.text() == WRONG
    waits(composer, "pacience", "comande")
    menu = ask_menu(composer, "comande", by_key=True)
    active = menu.activeAction()
    assert active is not None and active.text() == menu.actions()[0].text()
    choose(menu, "commande")
    waits(composer, "pacience")


def test_f7_goes_to_the_next_one(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    composer.set_text(WRONG)
    waits(composer, "pacience", "comande")
    composer.editor.moveCursor(QTextCursor.MoveOperation.Start)
    for word in ("pacience", "comande", "pacience"):
        QApplication.sendEvent(
            composer.editor, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_F7, Qt.KeyboardModifier.NoModifier)
        )
        wait_until(lambda: menu_of() is not None, 15, "the menu")
        assert composer.editor.textCursor().selectedText() == word
        menu = menu_of()
        assert menu is not None
        menu.close()
        settle()


def test_my_words_and_ignoring(composer: Composer, core: FakeCore, tmp_path: Path) -> None:
    composer.open(core.review_of("Pierre L."))
    composer.set_text(WRONG)
    waits(composer, "pacience", "comande")
    choose(ask_menu(composer, "comande"), "Ignore in this draft")
    waits(composer, "pacience")
    choose(ask_menu(composer, "pacience"), "Add “pacience” to my words")
    waits(composer)
    wait_until((tmp_path / "words.txt").exists, 15, "the file of words")
    assert (tmp_path / "words.txt").read_text("utf-8") == "pacience\n"
    composer.open(core.review_of("Marc-André V."))
    composer.set_text(WRONG)
    waits(composer, "comande")


def languages(composer: Composer) -> QMenu:
    composer.foot.language.click()
    wait_until(lambda: menu_of("languages") is not None, 15, "the menu of languages")
    menu = menu_of("languages")
    assert menu is not None
    return menu


def test_several_languages_off_and_on_in_one_draft(composer: Composer, core: FakeCore) -> None:
    review = core.review_of("Pierre L.")
    composer.open(review)
    composer.set_text("Bonjour, merci. Guten Tag, die Lieferrung ist unterwegs. La pacience.")
    wait_until(lambda: len(marked(composer)) > 4, 15, "French marks")
    menu = languages(composer)
    assert [a.text() for a in menu.actions() if a.isChecked()] == ["French"]
    choose(menu, "German")
    waits(composer, "Lieferrung", "pacience")
    assert composer.foot.language.accessibleName() == "Spelling: French, German"
    # Another draft has its own.
    composer.open(core.review_of("Marc-André V."))
    assert composer.foot.language.accessibleName() == "Spelling: French"
    composer.open(review)
    waits(composer, "Lieferrung", "pacience")
    choose(languages(composer), "Off in this draft")
    waits(composer)
    assert composer.foot.language.accessibleName() == "Spelling: off"
    choose(languages(composer), "Off in this draft")
    wait_until(lambda: len(marked(composer)) > 4, 15, "French marks again")


def test_turned_off_in_settings(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    composer.set_text(WRONG)
    waits(composer, "pacience", "comande")
    core.settings.set(SPELLING, False)
    composer.spelling.speller.again()
    waits(composer)
    assert composer.foot.language.accessibleName() == "Spelling: off"
    choose(languages(composer), "Mark misspelled words")
    waits(composer, "pacience", "comande")


def test_an_unknown_dictionary_is_one_quiet_offer(composer: Composer, core: FakeCore) -> None:
    review = core.review_of("Pierre L.")
    core.inbox.rows_by_id[review] = replace(core.inbox.rows_by_id[review], language="tlh")
    composer.open(review)
    composer.set_text("Dzienkuje za cierpliwosc i za zamuwienie")
    words = "No dictionary for tlh – how to get one"
    wait_until(lambda: composer.foot.language.accessibleName() == words, 15, "the offer")
    assert marked(composer) == [] and composer.bar.isHidden()
    choose(languages(composer), "How to get a dictionary for tlh")
    wait_until(composer.bar.isVisible, 15, "how to get one")
    assert "hunspell-tlh" in composer.bar.message() or ".aff" in composer.bar.message()


def test_names_and_gaps_are_not_marked(composer: Composer, core: FakeCore) -> None:
    review = core.review_of("Pierre L.")
    row = replace(core.inbox.rows_by_id[review], author_name="Krzysztof W.", product_name="Zephyrix X2")
    core.inbox.rows_by_id[review] = row
    composer.open(review)
    composer.set_text(
        "Bonjour Krzysztof, le Zephyrix X2 de Harbour FR sur Trustpilot, {{customer.nname|vvous}}, "
        "HB-28592, a.bbc@exampel.org, https://harbourr.example/aaide. La pacience."
    )
    waits(composer, "pacience")


def test_a_private_message_has_it_too_and_closing_ends_it(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Claudia Bremer"), Target.PRIVATE)
    composer.set_text("Die Lieferrung der Harbour GmbH.")
    waits(composer, "Lieferrung")
    composer.close()
    assert composer.editor.marks.all() == ()


def test_the_dots_are_painted_below_the_word_only(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    composer.set_text(WRONG)
    waits(composer, "pacience", "comande")
    settle()
    red = theme().colour("fail").getRgb()[:3]
    editor = composer.editor
    picture = editor.viewport().grab().toImage()

    def reddish(x: int, y: int) -> bool:
        found = picture.pixelColor(x, y).getRgb()[:3]
        return sum(abs(a - b) for a, b in zip(found, red, strict=True)) < 120

    rows = range(metrics.body_line() + 6)
    columns = {x for x in range(picture.width()) for y in rows if reddish(x, y)}
    cursor = editor.textCursor()
    spans: list[tuple[int, int]] = []
    for word in ("pacience", "comande"):
        start = WRONG.index(word)
        edges = []
        for at in (start, start + len(word)):
            cursor.setPosition(at)
            edges.append(editor.cursorRect(cursor).left())
        spans.append((edges[0], edges[1]))
        assert len([x for x in columns if edges[0] <= x <= edges[1]]) > 10
    assert all(any(left - 2 <= x <= right + 2 for left, right in spans) for x in columns)


@pytest.mark.parametrize("text", ["zqx " * 5000, "zqx\n" * 1500, "a" * 20_000], ids=["words", "lines", "one"])
def test_a_hostile_text_does_not_hold_the_window(composer: Composer, core: FakeCore, text: str) -> None:
    """The window's own share: what judging and marking take on its thread, measured in its processor time."""
    composer.open(core.review_of("Pierre L."))
    composer.set_text(text)
    wait_until(lambda: bool(marked(composer)) or text.startswith("a"), 15, "marks")
    settle()
    editor, speller = composer.editor, composer.spelling.speller
    began = time.thread_time()
    for _ in range(10):
        editor.marks.begin()
        speller._judged = None
        speller._judge()
        editor.marks.put(editor.marks.all())
    judged = (time.thread_time() - began) / 10
    editor.marks._marks, kept = [], editor.marks._marks

    def painting() -> float:
        editor.viewport().grab()
        began = time.thread_time()
        for _ in range(5):
            editor.viewport().grab()
        return (time.thread_time() - began) / 5

    without = painting()
    editor.marks._marks = kept
    assert judged < 0.02
    assert painting() < 2 * without + 0.03


def test_a_key_press_keeps_the_marks_cheap(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    composer.set_text("zqx " * 4000)
    wait_until(lambda: bool(marked(composer)), 15, "marks")
    composer.editor.moveCursor(QTextCursor.MoveOperation.Start)
    before = composer.editor.marks.all()[-1]
    QTest.keyClicks(composer.editor, "x")
    assert composer.editor.marks.all()[-1] == (before[0] + 1, before[1] + 1)
    assert composer.editor.marks.at(before[0] + 1) is not None
    assert composer.editor.mapTo(composer, QPoint(0, 0)).y() > 0


def test_in_the_real_window_by_key_setting_and_own_words(
    open_desk: Callable[[], tuple[MainWindow, Desk]], qtbot: QtBot
) -> None:
    window, desk = open_desk()
    composer, spelling = window.composer, desk.core.spelling
    review = desk.review("r3")
    window.open_review(review)
    wait_until(lambda: (d := window.reading.detail()) is not None and d.row.id == review, 15)
    composer.open(review)
    spelling.choose(f"{review}/public", ("fr",))
    composer.spelling.speller.again()
    composer.set_text(WRONG)
    waits(composer, "pacience", "comande")
    composer.editor.moveCursor(QTextCursor.MoveOperation.Start)
    qtbot.keyClick(composer.editor, Qt.Key.Key_F7)
    wait_until(lambda: menu_of() is not None, 15, "the menu")
    menu = menu_of()
    assert menu is not None
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    wait_until(lambda: "patience" in composer.text(), 15, "the first suggestion")
    # Own words: written in Settings, kept as a file of the profile, taken back as one step.
    window.open_settings()
    settings = window.findChild(SettingsWindow)
    assert settings is not None
    settings.open("writing")
    field = next(f for f in settings.findChildren(QPlainTextEdit) if f.accessibleName() == "My words")
    wait_until(lambda: not field.isReadOnly(), 15, "the words")
    field.setFocus()
    field.setPlainText("comande Zephyrix")
    settings.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=15_000)
    settings.page("writing").reset.setFocus()
    waits(composer)
    file = desk.core.profile.data / "spelling" / "words.txt"
    assert file.read_text("utf-8") == "comande\nZephyrix\n"
    qtbot.mouseClick(settings.page("writing").undo, Qt.MouseButton.LeftButton)
    waits(composer, "comande")
    window.core.settings.set(SPELLING, False)
    composer.spelling.speller.again()
    waits(composer)
    composer.close()
    window.actions_.trigger("misspelled")
    assert not QApplication.activePopupWidget()
    settings.close()


def test_a_saved_reply_is_judged_by_its_own_language(
    core: FakeCore, themed: QApplication, dictionaries: Dictionaries, tmp_path: Path
) -> None:
    bridge = Bridge(core)  # type: ignore[arg-type]
    service = SpellingService(core.settings, tmp_path, dictionaries)  # type: ignore[arg-type]
    field = SpelledText(service, bridge)
    field.resize(500, 200)
    field.show()
    field.speller.open(("saved", 1, "de"), "de")
    field.setPlainText("Die Lieferrung an {{customer.first_namme}} ist unterwegs.\nMerci\n")
    marks = field.marks
    words = ["Lieferrung", "Merci"]
    wait_until(lambda: [marks.cursor(m).selectedText() for m in marks.shown()] == words, 15, "marks")
    red = theme().colour("fail").getRgb()[:3]
    picture = field.viewport().grab().toImage()
    found = {
        y
        for y in range(picture.height())
        for x in range(picture.width())
        if sum(abs(a - b) for a, b in zip(picture.pixelColor(x, y).getRgb()[:3], red, strict=True)) < 120
    }
    assert found and max(found) - min(found) >= field.fontMetrics().height()
    bridge.close()
    service.close()
    field.close()
    field.deleteLater()
    settle()
