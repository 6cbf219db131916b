"""Saved replies: folders and names at the left, the one that is chosen at the right, with languages and a preview."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import Target
from reviewdesk.domain.text import fold, one_line
from reviewdesk.services.saved_replies import Imported, SavedReply
from reviewdesk.ui.composer.spelled_text import SpelledText
from reviewdesk.ui.messages.rule import Rule
from reviewdesk.ui.page import Page
from reviewdesk.ui.saved_replies.language import LANGUAGES, LanguageButton
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import (
    EmptyState,
    PaneHead,
    PlainLabel,
    PushButton,
    ToolButton,
    TwoLineList,
    TwoLines,
)

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["SavedRepliesPage"]

translate = QCoreApplication.translate
COLUMN = 680
EXAMPLE = {
    "customer.first_name": "Ada",
    "customer.name": "Ada V.",
    "review.product": "Kettle",
    "review.score": "2",
    "account.name": "Harbour Home",
}
"""What the preview puts in the place of variables; the others stay gaps, as for a review without them."""


class SavedRepliesPage(Page):
    """Ctrl+S stores what was changed; leaving the page or choosing another one stores it too. ``said``: what happened."""

    said = Signal(str)
    search_words = translate("saved", "Search saved replies")
    needs_account = False

    def __init__(self, core: Core, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._core, self._bridge = core, bridge
        self._replies: list[SavedReply] = []
        self._filter = ""
        self._current: SavedReply | None = None
        self._texts: dict[str, str] = {}
        self._loading = False
        self._wanted = 0
        self._shown = 0
        """Counts what was loaded: an answer about an earlier one changes nothing here."""
        self._saving = self._again = False
        self._writing = False
        """A new one was begun, and nothing of it is stored yet."""
        self._build()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(120)
        self._soon.timeout.connect(self._show_preview)
        QShortcut(
            QKeySequence("Ctrl+S"), self, self.keep, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        self._load(None)

    def _build(self) -> None:
        left = QWidget(self)
        left.setMaximumWidth(metrics.icon_size(420))
        head = PaneHead(translate("saved", "Saved replies"), left)
        self._head = head
        self.list = TwoLineList(left)
        self.list.setAccessibleName(translate("saved", "Saved replies"))
        self.list.chosen.connect(self._on_chosen)
        self.new = ToolButton("plus", translate("saved", "New saved reply"), head)
        self.bring = ToolButton("download-simple", translate("saved", "Import"), head)
        self.give = ToolButton("file-text", translate("saved", "Export"), head)
        head.add(self.bring, self.give, self.new)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.list, 1)
        self.empty = EmptyState(self)
        self.empty.pressed.connect(self._on_empty)
        self.right = QStackedWidget(self)
        self.right.addWidget(self._build_form())
        self.right.addWidget(self.empty)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left, 2)
        row.addWidget(Rule(self))
        row.addWidget(self.right, 3)
        self.new.clicked.connect(self.begin)
        self.bring.clicked.connect(self._ask_import)
        self.give.clicked.connect(self._ask_export)

    def _build_form(self) -> QWidget:
        form = QWidget(self)
        form.setObjectName("read")
        self.name = self._field(translate("saved", "Name"))
        self.folder = self._field(translate("saved", "Folder"))
        self.folder.setPlaceholderText(translate("saved", "Delivery/Late"))
        self.language = LanguageButton(form)
        self.language.chosen.connect(self._on_language)
        self.text = SpelledText(self._core.spelling, self._bridge, form)
        self.text.setObjectName("field")
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(translate("saved", "Text"))
        fonts.follow(self.text, fonts.body_font)
        self.preview = QPlainTextEdit(form)
        self.preview.setReadOnly(True)
        self.preview.setPlaceholderText(
            translate("saved", "How it reads for a customer called Ada stands here")
        )
        self.preview.setFrameShape(QFrame.Shape.NoFrame)
        self.preview.setObjectName("preview")
        self.preview.setAccessibleName(translate("saved", "Preview"))
        fonts.follow(self.preview, fonts.body_font)
        self.variable = PushButton(translate("saved", "Insert a variable"), form, icon="plus")
        self.used = PlainLabel(parent=form, role="text-3")
        self.remove = PushButton(translate("saved", "Delete"), form, icon="trash-simple")
        self.save = PushButton(translate("saved", "Save"), form, kind="primary", cap="Ctrl S")
        fields = QGridLayout()
        fields.setHorizontalSpacing(16)
        fields.setVerticalSpacing(10)
        for at, (words, field) in enumerate(
            (
                (translate("saved", "Name"), self.name),
                (translate("saved", "Folder"), self.folder),
                (translate("saved", "Language"), self.language),
            )
        ):
            fields.addWidget(PlainLabel(words, form, role="text-2"), at, 0)
            fields.addWidget(field, at, 1)
        fields.setAlignment(self.language, Qt.AlignmentFlag.AlignLeading)
        fields.setColumnStretch(1, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.variable)
        foot.addWidget(self.used)
        foot.addStretch(1)
        foot.addWidget(self.remove)
        foot.addWidget(self.save)
        inner = QWidget(form)
        inner.setMaximumWidth(metrics.icon_size(COLUMN))
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(fields)
        column.addWidget(self.text, 3)
        column.addWidget(PlainLabel(translate("saved", "As it will read"), form, role="text-2"))
        column.addWidget(self.preview, 2)
        column.addLayout(foot)
        whole = QHBoxLayout(form)
        whole.setContentsMargins(24, 18, 24, 14)
        whole.addStretch(1)
        whole.addWidget(inner, 20)
        whole.addStretch(1)
        self.name.textEdited.connect(self._on_edited)
        self.folder.textEdited.connect(self._on_edited)
        self.text.textChanged.connect(self._on_text)
        self.save.clicked.connect(self.keep)
        self.remove.clicked.connect(self.delete)
        self.variable.clicked.connect(self._offer_variables)
        return form

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setMaxLength(300)
        field.setAccessibleName(name)
        fonts.follow(field, fonts.list_font)
        return field

    # --- the page ----------------------------------------------------------------------------------

    def start(self) -> QWidget:
        return self.list

    def set_filter(self, text: str) -> None:
        if text != self._filter:
            self._filter = text
            self._fill()

    def finish(self) -> bool:
        return not self.changed() or self._keep_and_wait()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Read them again; the chosen one stays chosen."""
        self._bridge.run(self._core.saved_replies.list, done=self._on_read, owner=self, key="saved")

    def _on_read(self, replies: list[SavedReply]) -> None:
        self._replies = list(replies)
        self._fill()

    def _fill(self) -> None:
        wanted = fold(self._filter).split()
        shown = [
            r
            for r in self._replies
            if all(w in fold(f"{r.folder} {r.name} {' '.join(r.texts.values())}") for w in wanted)
        ]
        chosen = self._wanted or (self._current.id if self._current is not None else 0)
        self._wanted = 0
        rows = []
        folder = None
        for reply in shown:
            if reply.folder != folder:
                folder = reply.folder
                rows.append(TwoLines(folder or translate("saved", "No folder"), heading=True))
            rows.append(_row(reply))
        self.list.set_rows(rows, chosen)
        self._head.set_count(QLocale().toString(len(shown)) if self._replies else "")
        current = next((r for r in shown if r.id == chosen), None)
        if not (self.changed() or (current is not None and current == self._current)):
            if current is None and shown:
                self.list.setCurrentRow(1)
            else:
                self._load(current)
        self._show_side()

    def _show_side(self) -> None:
        """The form where there is something to write on, otherwise what this page is for."""
        writing = self._current is not None or self._writing or self.changed()
        self.right.setCurrentIndex(0 if writing else 1)
        if writing:
            return
        if self._replies:
            self.empty.set_state(
                "magnifying-glass",
                translate("saved", "No saved reply has these words"),
            )
            return
        self.empty.set_state(
            "quotes",
            translate("saved", "No saved replies yet"),
            translate("saved", "Write once what you answer often. In a reply, ; or / brings it in."),
            (
                ("new", translate("saved", "New saved reply"), "primary"),
                ("bring", translate("saved", "Import"), "plain"),
            ),
        )

    def _on_empty(self, button: str) -> None:
        self.begin() if button == "new" else self._ask_import()

    def names(self) -> list[str]:
        """What is listed, heads included."""
        return [row.title for row in self.list.rows()]

    # --- one of them -------------------------------------------------------------------------------

    def _on_chosen(self, wanted: int) -> None:
        if not wanted:
            return
        if self.changed():
            self.keep()
        self._load(next((r for r in self._replies if r.id == wanted), None))
        self._show_side()

    def begin(self) -> None:
        """A new one; what was changed before is kept."""
        if self.changed():
            self.keep()
        self.list.choose(0)
        self._load(None)
        self._writing = True
        self._show_side()
        self.name.setFocus()

    def _load(self, reply: SavedReply | None) -> None:
        self._loading = True
        self._shown += 1
        self._again = self._writing = False
        self._current = reply
        self._texts = dict(reply.texts) if reply is not None else {}
        self.name.setText(reply.name if reply is not None else "")
        self.folder.setText(reply.folder if reply is not None else "")
        first = next((c for c in LANGUAGES if c in self._texts), "")
        self.language.set_code(first, written=self._texts)
        self.text.setPlainText(self._texts.get(first, ""))
        self._loading = False
        self._spell()
        count = reply.used if reply is not None else 0
        self.used.setText(translate("saved", "Used %n times", "", count) if count else "")
        self.remove.setVisible(reply is not None)
        self._show_preview()

    def _on_language(self, code: str) -> None:
        self._loading = True
        self.text.setPlainText(self._texts.get(code, ""))
        self._loading = False
        self._spell()
        self._show_preview()

    def _spell(self) -> None:
        """Judge the text by its own language; that for any language by the one it is found to be in."""
        code, reply = self.language.code(), self._current.id if self._current is not None else 0
        self.text.speller.open(("saved", reply, code), code)

    def _on_text(self) -> None:
        if self._loading:
            return
        text = self.text.toPlainText()
        if text.strip():
            self._texts[self.language.code()] = text
        else:
            self._texts.pop(self.language.code(), None)
        self.language.set_written(self._texts)
        self._on_edited()

    def _on_edited(self, *_text: object) -> None:
        self._soon.start()

    def changed(self) -> bool:
        """Whether something stands here that is not stored."""
        now = (self.name.text().strip(), self.folder.text().strip(), self._texts)
        if self._current is None:
            return bool(now[0] and now[2])
        return now != (self._current.name, self._current.folder, dict(self._current.texts))

    def _show_preview(self) -> None:
        resolved = self._core.saved_replies.resolve(self.text.toPlainText(), EXAMPLE, Target.PUBLIC)
        self.preview.setPlainText(resolved.text)

    def _wish(self) -> SavedReply:
        base = self._current if self._current is not None else SavedReply()
        return replace(base, name=self.name.text(), folder=self.folder.text(), texts=dict(self._texts))

    def keep(self) -> None:
        """Store what stands here; a second wish waits for the first one's answer."""
        if self._saving:
            self._again = True
            return
        self._saving = True
        self._bridge.watch(
            self._core.saved_replies.save(self._wish()),
            done=partial(self._on_kept, self._shown),
            failed=self._on_failed,
            owner=self,
        )

    def _keep_and_wait(self) -> bool:
        try:
            self._core.saved_replies.save(self._wish()).result(2)
        except (ReviewdeskError, TimeoutError):
            return False
        return True

    def _on_kept(self, shown: int, reply: SavedReply) -> None:
        self._saving = False
        if shown == self._shown:
            self._current = reply
            self._wanted = reply.id
            self.remove.setVisible(True)
        self.said.emit(translate("saved", "Saved"))
        if self._again:
            self._again = False
            self.keep()
            return
        self.reload()

    def _on_failed(self, error: BaseException) -> None:
        self._saving = self._again = False
        words = (
            error.message if isinstance(error, ReviewdeskError) else translate("saved", "That did not work")
        )
        self.said.emit(words)

    def delete(self) -> None:
        """Take the chosen one away; its words stay here, so that Save brings it back."""
        if self._current is None:
            return
        removed = self._current
        self._current = None
        self._bridge.watch(
            self._core.saved_replies.remove(removed.id),
            done=partial(self._on_deleted, removed),
            failed=self._on_failed,
            owner=self,
        )

    def _on_deleted(self, removed: SavedReply, _former: object) -> None:
        self._load(None)
        self.said.emit(translate("saved", "“{name}” deleted").format(name=one_line(removed.name, 60)))
        self.reload()

    def _offer_variables(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for variable in self._core.saved_replies.variables(Target.PRIVATE):
            action = menu.addAction(variable.words)
            action.triggered.connect(partial(self._insert, "{{" + variable.name + "}}"))
        menu.addSeparator()
        cursor = menu.addAction(translate("saved", "Where the cursor goes"))
        cursor.triggered.connect(partial(self._insert, "{{cursor}}"))
        menu.popup(self.variable.mapToGlobal(self.variable.rect().bottomLeft()))

    def _insert(self, words: str, _checked: bool = False) -> None:
        self.text.insertPlainText(words)
        self.text.setFocus()

    # --- files -------------------------------------------------------------------------------------

    def _ask_import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, translate("saved", "Import saved replies"), "", "JSON (*.json)"
        )
        if name:
            self.import_file(Path(name))

    def import_file(self, path: Path) -> None:
        """Add what a file holds."""
        self._bridge.run(
            self._core.saved_replies.import_file,
            path,
            done=self._on_imported,
            failed=self._on_failed,
            owner=self,
        )

    def _on_imported(self, result: Imported) -> None:
        words = translate("saved", "{added} added, {changed} changed").format(
            added=result.added, changed=result.changed
        )
        if result.skipped:
            words += ". " + " ".join(result.skipped[:2])
        self.said.emit(words)
        self.reload()

    def _ask_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, translate("saved", "Export saved replies"), "saved-replies.json", "JSON (*.json)"
        )
        if name:
            self.export_file(Path(name))

    def export_file(self, path: Path) -> None:
        """Write all of them to a file."""
        self._bridge.run(
            self._core.saved_replies.export_file,
            path,
            done=self._on_exported,
            failed=self._on_failed,
            owner=self,
        )

    def _on_exported(self, count: int) -> None:
        self.said.emit(translate("saved", "%n written", "", count))


def _row(reply: SavedReply) -> TwoLines:
    """Its name, the languages it has, and how it begins."""
    codes = [code for code in LANGUAGES if code and code in reply.texts]
    first = next((reply.texts[code] for code in LANGUAGES if code in reply.texts), "")
    return TwoLines(
        title=one_line(reply.name, 80), end=" ".join(codes), below=one_line(first, 120), key=reply.id
    )
