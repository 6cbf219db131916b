"""The settings' page "Data and privacy": how long things are kept, what they take, backups, and the doors to the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.services.backups import Backup
from reviewdesk.services.retention import Kind, Rule
from reviewdesk.services.storage import Storage
from reviewdesk.ui.accounts.choice import Choice
from reviewdesk.ui.data import room
from reviewdesk.ui.data.parts import Row, head, size_words
from reviewdesk.ui.data.words import use_words
from reviewdesk.ui.widgets import InlineBar, PlainLabel, PushButton

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["DataPage"]

translate = QCoreApplication.translate
_SPANS = (0, 30, 90, 180, 365, 730, 1095, 1825)
_SHOWN_BACKUPS = 20


def _span_words(days: int) -> str:
    if days == 0:
        return translate("data", "For ever")
    if days < 365:
        return translate("data", "%n days", "", days)
    if days == 365:
        return translate("data", "1 year")
    return translate("data", "%n years", "", days // 365)


class _Keeping(QWidget):
    """How long things are kept, for one account at a time; a new rule shows its number before it counts."""

    def __init__(self, window: MainWindow, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self._rules: dict[tuple[int, Kind], int] = {}
        self._asked: tuple[Kind, int] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(head(translate("data", "How long things are kept"), self))
        accounts = window.core.accounts.list()
        self.bar = InlineBar(self)
        self.rows: dict[Kind, tuple[Row, Choice]] = {}
        self.account: Choice | None = None
        if not accounts:
            self._column.addWidget(
                PlainLabel(translate("data", "There is no account yet."), self, role="text-3")
            )
            return
        self.account = Choice([(str(a.id), a.name) for a in accounts], str(accounts[0].id), self)
        self.account.setAccessibleName(translate("data", "Account"))
        self.account.setMinimumWidth(220)
        self.account.changed.connect(self._tell)
        self._column.addWidget(Row(translate("data", "Account"), "", self, self.account))
        self._column.addWidget(self.bar)
        words = {
            Kind.PRODUCT: (
                translate("data", "Product reviews"),
                translate("data", "Starred and open ones stay; drafts outlive their review"),
            ),
            Kind.BUSINESS: (
                translate("data", "Reviews of the business"),
                translate("data", "Starred and open ones stay here too"),
            ),
            Kind.INVITATIONS: (
                translate("data", "Invitations"),
                translate("data", "Without one the guard against a second invitation forgets it"),
            ),
            Kind.JOURNAL: (translate("data", "Journal"), ""),
            Kind.SET_ASIDE: (translate("data", "Records set aside"), ""),
        }
        for kind, (title, line) in words.items():
            choice = Choice([(str(d), _span_words(d)) for d in _SPANS], "0", self)
            choice.setAccessibleName(title)
            choice.setMinimumWidth(160)
            choice.changed.connect(partial(self._on_chosen, kind))
            row = Row(title, line, self, choice)
            self.rows[kind] = (row, choice)
            self._column.addWidget(row)

    def read(self) -> None:
        """Read the rules again."""
        self._window.bridge.run(
            self._window.core.care.retention.rules, done=self._on_rules, owner=self, key="rules"
        )

    def _on_rules(self, rules: list[Rule]) -> None:
        self._rules = {(rule.account_id, rule.kind): rule.days for rule in rules}
        self._tell()

    def account_id(self) -> int:
        return int(self.account.value()) if self.account is not None else 0

    def _tell(self, *_account: str) -> None:
        self._asked = None
        self.bar.hide()
        for kind, (_, choice) in self.rows.items():
            days = self._rules.get((self.account_id(), kind), 0)
            choice.set_value(str(min(_SPANS, key=lambda span: abs(span - days))))

    def _on_chosen(self, kind: Kind, value: str) -> None:
        """Nothing counts yet: first the number of what would go."""
        days = int(value)
        self._asked = (kind, days)
        account_id = self.account_id()
        if days == 0:
            self.apply()
            return
        self._window.bridge.run(
            lambda: self._window.core.care.retention.preview(account_id, kind, days),
            done=partial(self._on_preview, kind, days),
            owner=self,
            key="preview",
        )

    def _on_preview(self, kind: Kind, days: int, count: int) -> None:
        self._asked = (kind, days)
        title = self.rows[kind][0].title.text()
        self.bar.show_message(
            "warn" if count else "info",
            translate("data", "older, and going now: %n entries.", "", count)
            if count
            else translate("data", "none is older now."),
            lead=f"{title}, {_span_words(days)}:",
            buttons=(
                (translate("data", "Keep this rule"), self.apply),
                (translate("data", "Cancel"), self._tell),
            ),
            closable=False,
        )

    def apply(self) -> None:
        """The rule that was chosen counts from now on; what is too old goes."""
        if self._asked is None:
            return
        kind, days = self._asked
        account_id, retention = self.account_id(), self._window.core.care.retention
        self.bar.hide()

        def work() -> int:
            retention.set_rule(account_id, kind, days).result()
            return retention.tend() if days else 0

        self._window.bridge.run(work, done=self._on_gone, owner=self)

    def _on_gone(self, count: int) -> None:
        if count:
            self._window.say(translate("data", "%n entries went by their age", "", count))
        self.read()


class _Storage(QWidget):
    """Sizes as the file system has them."""

    def __init__(self, window: MainWindow, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(head(translate("data", "Storage"), self))
        self.sizes: dict[str, PlainLabel] = {}
        self.rows: dict[str, Row] = {}
        self.empty: dict[str, PushButton] = {}
        self._sure = False
        for place in ("database", "backups", "set-aside", "pictures", "logs", "other"):
            title, line = use_words(place)
            self.sizes[place] = PlainLabel("", self, elide=False)
            controls: list[QWidget] = []
            if place in ("pictures", "set-aside"):
                button = PushButton(translate("data", "Empty"), self, small=True)
                button.setAccessibleName(translate("data", "Empty: {what}").format(what=title))
                asked = self._empty_pictures if place == "pictures" else self._empty_set_aside
                button.clicked.connect(asked)
                controls.append(button)
                self.empty[place] = button
            row = self.rows[place] = Row(title, line, self, *controls, self.sizes[place])
            self._column.addWidget(row)
        self.total = Row(translate("data", "Together"), "", self)
        self._column.addWidget(self.total)

    def read(self) -> None:
        """Measure again."""
        self._window.bridge.run(
            self._window.core.care.storage.measure, done=self._on_measured, owner=self, key="storage"
        )

    def _on_measured(self, storage: Storage) -> None:
        for use in storage.uses:
            self.sizes[use.place].setText(size_words(use.bytes))
        self.total.say(
            translate("data", "{size}; {free} are free on the disk").format(
                size=size_words(storage.total), free=size_words(storage.free)
            ),
            "text-2",
        )

    def _empty_pictures(self) -> None:
        self._clear(self._window.core.care.storage.clear_pictures)

    def _empty_set_aside(self) -> None:
        """What they hold can't be brought back: it takes two words."""
        if not self._sure:
            self._sure = True
            self.rows["set-aside"].say(
                translate("data", "They may hold what a repair could not save. This can't be undone."), "warn"
            )
            self.empty["set-aside"].setText(translate("data", "Delete them"))
            return
        self._sure = False
        self.empty["set-aside"].setText(translate("data", "Empty"))
        self.rows["set-aside"].say(use_words("set-aside")[1])
        self._clear(self._window.core.care.storage.clear_set_aside)

    def _clear(self, clear: Callable[[], object]) -> None:
        self._window.bridge.run(clear, done=lambda _: self.read(), owner=self)


class _Backups(QWidget):
    """The copies there are, each with the way back."""

    def __init__(self, window: MainWindow, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head(translate("data", "Backups"), self))
        self.make = PushButton(translate("data", "Make one now"), self)
        self.make.clicked.connect(self._on_make)
        self._made = Row(
            translate("data", "One a day"),
            translate(
                "data", "The last seven days, four weeks and six months are kept. They hold no credentials."
            ),
            self,
            self.make,
        )
        column.addWidget(self._made)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        column.addLayout(self._list)
        self.rows: list[tuple[Backup, PushButton]] = []

    def read(self) -> None:
        """List them again."""
        self._window.bridge.run(self._read, done=self._on_read, owner=self, key="backups")

    def _read(self) -> list[tuple[Backup, int]]:
        found = []
        for backup in self._window.core.backups.list()[:_SHOWN_BACKUPS]:
            try:
                found.append((backup, backup.path.stat().st_size))
            except OSError:
                continue  # thinned in this moment
        return found

    def _on_read(self, found: list[tuple[Backup, int]]) -> None:
        while (entry := self._list.takeAt(0)) is not None:
            widget = entry.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = []
        for backup, size in found:
            when = QLocale().toString(
                QDateTime.fromSecsSinceEpoch(int(backup.at)), QLocale.FormatType.ShortFormat
            )
            button = PushButton(translate("data", "Restore…"), self, small=True)
            button.setAccessibleName(translate("data", "Restore the backup of {when}").format(when=when))
            button.clicked.connect(partial(self._on_restore, backup, when))
            self.rows.append((backup, button))
            self._list.addWidget(
                Row(when, "", self, PlainLabel(size_words(size), self, role="text-2"), button)
            )

    def _on_restore(self, backup: Backup, when: str) -> None:
        from reviewdesk.ui.data.restoring import RestoreWindow

        made = RestoreWindow(self._window, backup.path, when)
        made.show()
        made.raise_()

    def _on_make(self) -> None:
        self.make.setEnabled(False)
        self._window.bridge.run(
            self._window.core.backups.make, done=self._on_made, failed=self._on_failed, owner=self
        )

    def _on_made(self, _path: object) -> None:
        self.make.setEnabled(True)
        self.read()

    def _on_failed(self, error: BaseException) -> None:
        self.make.setEnabled(True)
        words = error.message if isinstance(error, ReviewdeskError) else ""
        self._made.say(
            words or translate("data", "Something went wrong inside; the log has the details."), "fail"
        )


class DataPage(QWidget):
    """All of it, read anew whenever it is shown."""

    def __init__(self, window: MainWindow, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.export = self._door(translate("data", "Export…"), partial(room.open_export, window))
        self.person = self._door(translate("data", "Open…"), partial(room.open_person, window))
        self.bundle = self._door(translate("data", "Show…"), partial(room.open_bundle, window))
        column.addWidget(head(translate("data", "Your data"), self))
        for title, line, button in (
            (
                translate("data", "Export the present view"),
                translate("data", "CSV, XLSX or JSON Lines"),
                self.export,
            ),
            (
                translate("data", "A person's data"),
                translate("data", "Find everything about a customer, write it out, erase it"),
                self.person,
            ),
            (
                translate("data", "Diagnostics bundle"),
                translate("data", "For whoever helps you: no names, no texts, shown before it is saved"),
                self.bundle,
            ),
        ):
            column.addWidget(Row(title, line, self, button))
        self.keeping = _Keeping(window, self)
        self.backups = _Backups(window, self)
        self.storage = _Storage(window, self)
        for part in (self.keeping, self.backups, self.storage):
            column.addWidget(part)

    def _door(self, words: str, open_: partial[QWidget]) -> PushButton:
        button = PushButton(words, self)
        button.clicked.connect(lambda: open_())
        return button

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for part in (self.keeping, self.backups, self.storage):
            part.read()
