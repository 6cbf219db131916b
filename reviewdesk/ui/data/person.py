"""The window for a person's data: found, written out, erased, with the report."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.services.privacy import Erased, Place
from reviewdesk.ui.composer import Composer
from reviewdesk.ui.data.parts import AskTarget, Panel, Row, Steps, Table, ask_target
from reviewdesk.ui.data.words import place_words
from reviewdesk.ui.settings.controls import Switch
from reviewdesk.ui.widgets import InlineBar, PlainLabel, PushButton

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["PersonWindow"]

translate = QCoreApplication.translate


class PersonWindow(Panel):
    """Nothing is erased before the person has seen what was found and has said so twice."""

    def __init__(self, window: MainWindow, *, ask: AskTarget = ask_target) -> None:
        super().__init__(translate("data", "A person's data"), QSize(760, 620), window)
        self._window = window
        self._ask = ask
        self._steps = Steps(self)
        self._steps.moved.connect(self._on_step)
        self._found_for = ""
        self.column.addSpacing(12)
        line = QHBoxLayout()
        line.setSpacing(8)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(translate("data", "E-mail address"))
        self.field.setAccessibleName(translate("data", "E-mail address of the person"))
        self.search = PushButton(translate("data", "Find"), self, icon="magnifying-glass")
        line.addWidget(self.field, 1)
        line.addWidget(self.search)
        self.column.addLayout(line)
        self.column.addSpacing(8)
        self.said = PlainLabel(
            translate(
                "data", "Looks through reviews, messages, drafts, invitations, the journal, backups and logs."
            ),
            self,
            role="text-2",
            wrap=True,
        )
        self.column.addWidget(self.said)
        self.column.addSpacing(8)
        self.bar = InlineBar(self)
        self.column.addWidget(self.bar)
        self.table = Table(
            translate("data", "What was found"),
            (translate("data", "Where"), translate("data", "How much"), translate("data", "What")),
            2,
            self,
        )
        self.column.addWidget(self.table, 1)
        names = [
            account.name
            for account in window.core.accounts.list()
            if window.core.accounts.capabilities(account)[Capability.CUSTOMER_DATA].available
        ]
        title = translate("data", "Ask the providers too")
        words = (
            translate("data", "These offer it: {names}").format(names=", ".join(names))
            if names
            else translate("data", "None of the accounts has a provider that offers it.")
        )
        self.providers = Switch(title, bool(names), self)
        self.providers.setEnabled(bool(names))
        self.providers.setAccessibleDescription(words)
        self.column.addWidget(Row(title, words, self, self.providers))
        self.save = PushButton(translate("data", "Write to a file…"), self.foot, icon="download-simple")
        self.wipe = PushButton(translate("data", "Erase…"), self.foot, icon="user-minus")
        self.shut = PushButton(translate("data", "Close"), self.foot)
        self.buttons.addWidget(self.save)
        self.buttons.addWidget(self.wipe)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.shut)
        self.search.clicked.connect(self.look_up)
        self.field.returnPressed.connect(self.look_up)
        self.field.textChanged.connect(self._on_typed)
        self.save.clicked.connect(self._on_save)
        self.wipe.clicked.connect(self._on_wipe)
        self.shut.clicked.connect(self.close)
        self._on_typed()
        self.field.setFocus()

    def _on_typed(self, *_text: str) -> None:
        known = bool(self._found_for) and self._found_for == self.field.text().strip()
        for button in (self.save, self.wipe):
            button.setEnabled(known)

    def _on_step(self, words: object) -> None:
        self.said.setText(str(words))

    # --- finding ---------------------------------------------------------------------------------

    def look_up(self) -> None:
        """Look for the address in the field."""
        email, steps = self.field.text().strip(), self._steps
        self.bar.hide()
        self._busy(translate("data", "Looking…"))
        self._window.bridge.run(
            lambda: self._window.core.care.privacy.find(email, steps.say),
            done=lambda places: self._on_found(email, places),
            failed=self._on_failed,
            owner=self,
            key="person",
        )

    def _busy(self, words: str) -> None:
        self.said.set_role("text-2")
        self.said.setText(words)
        for button in (self.search, self.save, self.wipe):
            button.setEnabled(False)

    def _on_found(self, email: str, places: list[Place]) -> None:
        self._found_for = email
        self.search.setEnabled(True)
        counts = Counter(place.where for place in places)
        examples: dict[str, str] = {}
        for place in places:
            examples.setdefault(place.where, f"{place.id}: {place.what}")
        self.table.set_rows(
            [(place_words(where), str(counts[where]), examples[where]) for where in counts], list(counts)
        )
        self.said.setText(
            translate("data", "%n entries found.", "", len(places))
            if places
            else translate("data", "Nothing is held under this address.")
        )
        self._on_typed()

    def _on_failed(self, error: BaseException) -> None:
        self.search.setEnabled(True)
        self._on_typed()
        self.said.set_role("fail")
        words = error.message if isinstance(error, ReviewdeskError) else ""
        self.said.setText(words or translate("data", "Something went wrong inside; the log has the details."))

    # --- writing out -----------------------------------------------------------------------------

    def _on_save(self) -> None:
        kinds = f"{translate('data', 'Text')} (*.txt);;JSON (*.json)"
        target = self._ask(self, translate("data", "Write to a file"), "person.txt", kinds)
        if target is not None:
            self.write(target)

    def write(self, target: Path) -> None:
        """Write everything to ``target``."""
        email, steps, ask_too = self._found_for, self._steps, self.providers.isChecked()
        self._busy(translate("data", "Writing…"))

        def work() -> dict[str, Any]:
            return self._window.core.care.privacy.export(
                email, target, at_provider=ask_too, progress=steps.say
            )

        self._window.bridge.run(
            work, done=lambda made: self._on_written(target, made), failed=self._on_failed, owner=self
        )

    def _on_written(self, target: Path, made: dict[str, Any]) -> None:
        self.search.setEnabled(True)
        self._on_typed()
        words = translate("data", "Written to {file}.").format(file=target.name)
        told = [f"{t['account']}: {t['message']}" for t in made.get("providers", ()) if t["message"]]
        self.said.setText(" ".join([words, *told]))

    # --- erasing ---------------------------------------------------------------------------------

    def _on_wipe(self) -> None:
        """The second word: what it means, at the place where it is decided."""
        self.bar.show_message(
            "warn",
            translate("data", "This can't be undone."),
            lead=translate("data", "Erase {email}?").format(email=self._found_for),
            buttons=((translate("data", "Erase for good"), self.erase),),
        )

    def erase(self) -> None:
        """Erase the person that was found. Texts being written are closed before: one may name the person, and
        an open composer would save its own words again."""
        email, steps, ask_too = self._found_for, self._steps, self.providers.isChecked()
        self.bar.hide()
        for composer in self._window.findChildren(Composer):
            if composer.is_open() and not (composer.close() and composer.finish()):
                self.said.setText(translate("data", "A draft could not be saved yet. Nothing was erased."))
                return
        self._busy(translate("data", "Erasing…"))
        self._window.bridge.run(
            lambda: self._window.core.care.privacy.erase(email, at_provider=ask_too, progress=steps.say),
            done=self._on_erased,
            failed=self._on_failed,
            owner=self,
        )

    def _on_erased(self, report: Erased) -> None:
        self.search.setEnabled(True)
        self._found_for = ""
        self.field.clear()
        rows = [
            (place_words(where), str(count), translate("data", "erased"))
            for where, count in report.erased.items()
        ]
        rows += [
            (
                asked.account,
                translate("data", "asked") if asked.ok else translate("data", "failed"),
                asked.message,
            )
            for asked in report.provider
        ]
        rows += [(left.where, translate("data", "left"), left.reason) for left in report.left]
        self.table.set_rows(rows)
        gone = sum(report.erased.values())
        self.said.setText(
            " ".join(
                (
                    translate("data", "%n entries erased.", "", gone),
                    translate("data", "Left, and listed below: {n}.").format(n=len(report.left))
                    if report.left
                    else translate("data", "Nothing is left here."),
                )
            )
        )
