"""Spelling in the composer: its state in the foot, the languages of a draft, and how to get a dictionary."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QApplication, QMenu

from reviewdesk.domain.models import ReviewRow
from reviewdesk.services.dictionaries import COLLECTION, Remedy, base
from reviewdesk.services.settings import SPELLING
from reviewdesk.ui.composer.card import Card
from reviewdesk.ui.composer.drafts import Key
from reviewdesk.ui.composer.speller import Speller
from reviewdesk.ui.reading.words import language_name

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["Spelling"]


class Spelling(QObject):
    """Belongs to one card; ``open`` after its text stands there."""

    def __init__(self, core: Core, bridge: Bridge, card: Card) -> None:
        super().__init__(card)
        self._core, self._bridge, self._card = core, bridge, card
        self.speller = Speller(card.editor, card.editor.marks, core.spelling, bridge)
        card.editor.speller = self.speller
        self.speller.changed.connect(self.say)
        self.speller.failed.connect(partial(card.bar.show_message, "warn"))
        card.foot.act.connect(self._on_act)

    def open_review(self, key: Key, row: ReviewRow, around: Iterable[str]) -> None:
        """A text about a review. ``around``: what else names people and shops."""
        account = self._core.accounts.get(row.account_id)
        spare = (row.author_name or "", row.product_name or "", account.name if account else "", *around)
        self.open(_name(key), row.language, spare)

    def open(self, draft: Hashable, language: str | None, spare: Iterable[str]) -> None:
        """Another draft; ``spare`` are names that are right as they stand."""
        self.speller.open(draft, language, spare)
        self.say()

    def close(self) -> None:
        """Nothing is written."""
        self.speller.open(None, None)

    def forget(self, key: Key) -> None:
        """A text about a review is handed over: nothing of it is kept."""
        self._core.spelling.forget(_name(key))

    def next(self) -> bool:
        """Go to the next misspelled word, with its suggestions."""
        return self.speller.offer_next()

    # --- what the foot says ----------------------------------------------------------------------

    def say(self) -> None:
        """The state in words."""
        codes, state = self.speller.codes(), self.speller.state()
        foot, shown = self._card.foot, ", ".join(language_name(code) for code in codes)
        if state is not None and state.on and state.missing:
            lacking = ", ".join(language_name(code) for code in state.missing)
            words = self.tr("No dictionary for {language} – how to get one").format(language=lacking)
            short = self.tr("No dictionary: {language}").format(language=lacking)
            foot.set_spelling(words, short, words)
        elif not self._core.spelling.is_on():
            words = self.tr("Spelling: off")
            foot.set_spelling(words, words, self.tr("Misspelled words are not marked; Settings, Writing"))
        elif not codes and not self.speller.is_chosen():
            words = self.tr("Spelling: choose a language")
            foot.set_spelling(words, self.tr("Spelling"), words)
        elif not codes:
            foot.set_spelling(self.tr("Spelling: off"), self.tr("Spelling: off"))
        else:
            words = self.tr("Spelling: {language}").format(language=shown)
            foot.set_spelling(words, shown)

    # --- the menu of languages -------------------------------------------------------------------

    def _on_act(self, name: str) -> None:
        if name == "language":
            self.ask()

    def ask(self) -> None:
        """The menu of the languages of this draft."""
        service = self._core.spelling
        future = service.ask(service.languages)
        self._bridge.watch(future, done=self._show, owner=self, key="spelling-languages")

    def _show(self, found: tuple[str, ...]) -> None:
        codes, state = self.speller.codes(), self.speller.state()
        menu = QMenu(self._card)
        menu.setObjectName("languages")
        menu.setToolTipsVisible(True)
        if not self._core.spelling.is_on():
            menu.addAction(self.tr("Mark misspelled words")).triggered.connect(self._turn_on)
            menu.addSeparator()
        own = self.speller.language()
        first = [code for code in dict.fromkeys((own or "", *codes)) if base(code)]
        taken = {base(code) for code in first}
        others = sorted((c for c in found if c not in taken), key=lambda c: language_name(c).casefold())
        for code in (*first, *others):
            entry = menu.addAction(language_name(code).replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(code in codes)
            entry.triggered.connect(partial(self._on_chosen, code, entry))
            if code == (own or "") and others:
                menu.addSeparator()
        menu.addSeparator()
        off = menu.addAction(self.tr("Off in this draft"))
        off.setCheckable(True)
        off.setChecked(not codes and self.speller.is_chosen())
        off.triggered.connect(partial(self._on_off, off))
        menu.addSeparator()
        lacking = state.missing if state is not None else ()
        for code in lacking or ("",):
            words = self.tr("How to get a dictionary")
            if code:
                words = self.tr("How to get a dictionary for {language}").format(language=language_name(code))
            menu.addAction(words).triggered.connect(partial(self.tell, code))
        menu.aboutToHide.connect(menu.deleteLater)
        button = self._card.foot.language
        place = button.mapToGlobal(button.rect().topLeft())
        place.setY(place.y() - menu.sizeHint().height() - 4)
        menu.popup(place)

    def _on_chosen(self, code: str, entry: QAction, *_checked: bool) -> None:
        codes = [known for known in self.speller.codes() if known != code]
        self.speller.choose([*codes, code] if entry.isChecked() else codes)

    def _on_off(self, off: QAction, *_checked: bool) -> None:
        self.speller.choose(() if off.isChecked() else None)

    def _turn_on(self) -> None:
        self._core.settings.set(SPELLING, True)
        self.speller.again()

    # --- how to get one --------------------------------------------------------------------------

    def tell(self, code: str, *_checked: bool) -> None:
        """One sentence in the bar: what to install, or where a dictionary's files belong."""
        service = self._core.spelling
        self._bridge.watch(
            service.ask(service.remedy, code),
            done=partial(self._tell, code),
            owner=self,
            key="spelling-remedy",
        )

    def _tell(self, code: str, remedy: Remedy) -> None:
        name = language_name(code) or self.tr("another language")
        buttons = []
        if remedy.command:
            words = self.tr("{command}, then open this text again").format(command=remedy.command)
            copy = partial(_copy, remedy.command)
            buttons.append((self.tr("Copy the command"), copy))
        else:
            words = self.tr(
                "Put its .aff and .dic file into the folder of dictionaries, then open this again"
            )
            buttons.append((self.tr("Copy where they are found"), partial(_copy, COLLECTION)))
            if remedy.folder:
                buttons.append((self.tr("Open the folder"), partial(_open_folder, Path(remedy.folder))))
        lead = self.tr("Dictionary for {language}").format(language=name)
        self._card.bar.show_message("info", words, lead=lead, buttons=tuple(buttons))


def _name(key: Key) -> str:
    """What a draft is called where its languages are kept."""
    return f"{key[0]}/{key[1].value}"


def _copy(text: str) -> None:
    QApplication.clipboard().setText(text)


def _open_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
