"""The export window: what, as which file, with or without private fields, how far it is."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, QSize
from PySide6.QtWidgets import QProgressBar

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.services.export import Exported, ExportFormat, Stopped
from reviewdesk.ui.data.parts import AskTarget, Panel, Row, Steps, ask_target, size_words
from reviewdesk.ui.settings.controls import Segments, Switch
from reviewdesk.ui.widgets import PlainLabel, PushButton

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["ExportWindow"]

translate = QCoreApplication.translate


class ExportWindow(Panel):
    """Writes what the list shows at the moment the window is opened: the view with its search."""

    def __init__(self, window: MainWindow, *, ask: AskTarget = ask_target) -> None:
        super().__init__(translate("data", "Export reviews"), QSize(620, 420), window)
        self._window = window
        self._ask = ask
        self._query = window.inbox.query() or window.core.inbox.parse("")
        self._stop: threading.Event | None = None
        self._steps = Steps(self)
        self._steps.moved.connect(self._on_moved)
        entry = window.entry()
        self._view = entry.label if entry is not None else translate("data", "All reviews")
        self.column.addSpacing(12)
        self.what = PlainLabel(self._view, self, role="text-2", wrap=True)
        self.column.addWidget(self.what)
        self.column.addSpacing(10)
        self.formats = Segments(
            translate("data", "Format"),
            (("csv", "CSV"), ("xlsx", "XLSX"), ("jsonl", "JSON Lines")),
            "csv",
            self,
        )
        self.formats.chosen.connect(self._tell_format)
        self._format_row = Row(translate("data", "Format"), "", self, self.formats)
        self.column.addWidget(self._format_row)
        title = translate("data", "With private fields")
        self.private = Switch(title, False, self)
        line = translate(
            "data", "E-mail, order, reference and private messages. Keep such a file to yourself."
        )
        self.private.setAccessibleDescription(line)
        self.column.addWidget(Row(title, line, self, self.private))
        self.column.addSpacing(16)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName(translate("data", "Progress of the export"))
        self.progress.hide()
        self.said = PlainLabel("", self, role="text-2", wrap=True)
        self.column.addWidget(self.progress)
        self.column.addSpacing(8)
        self.column.addWidget(self.said)
        self.column.addStretch(1)
        self.halt = PushButton(translate("data", "Stop"), self.foot)
        self.go = PushButton(translate("data", "Export…"), self.foot, kind="primary")
        self.shut = PushButton(translate("data", "Close"), self.foot)
        self.buttons.addStretch(1)
        for button in (self.halt, self.shut, self.go):
            self.buttons.addWidget(button)
        self.halt.hide()
        self.go.clicked.connect(self._on_go)
        self.halt.clicked.connect(self._on_halt)
        self.shut.clicked.connect(self.close)
        self._tell_format("csv")
        window.bridge.run(
            window.core.care.exports.count, self._query, done=self._on_counted, owner=self, key="count"
        )

    def _on_counted(self, count: int) -> None:
        self.what.setText(
            translate("data", "{view}: %n reviews, as the list shows them now", "", count).format(
                view=self._view
            )
        )

    def _tell_format(self, chosen: str) -> None:
        lines = {
            "csv": translate(
                "data", "For spreadsheets. UTF-8; a text that would run as a formula gets an apostrophe."
            ),
            "xlsx": translate("data", "A workbook. A sheet holds 1,048,576 rows, a cell 32,767 characters."),
            "jsonl": translate("data", "For programs: one object per line, as the command line prints it."),
        }
        self._format_row.say(lines[chosen])

    def _on_go(self) -> None:
        chosen = self.formats.value()
        kinds = {"csv": "CSV (*.csv)", "xlsx": "XLSX (*.xlsx)", "jsonl": "JSON Lines (*.jsonl)"}
        target = self._ask(self, translate("data", "Export reviews"), f"reviews.{chosen}", kinds[chosen])
        if target is not None:
            self.begin(target)

    def begin(self, target: Path) -> None:
        """Write to ``target``; progress, Stop and the result are shown here."""
        stop = self._stop = threading.Event()
        private, chosen = self.private.isChecked(), ExportFormat(self.formats.value())
        self._busy(True)
        self.progress.setRange(0, 0)
        self.said.set_role("text-2")
        self.said.setText(translate("data", "Looking for the reviews"))
        steps, query = self._steps, self._query

        def work() -> Exported:
            return self._window.core.care.exports.write(
                query,
                target,
                chosen,
                private=private,
                progress=lambda done, total: steps.say((done, total)),
                cancel=stop,
            )

        self._window.bridge.run(work, done=self._on_done, failed=self._on_failed, owner=self)

    def _busy(self, busy: bool) -> None:
        self.progress.setVisible(busy)
        self.halt.setVisible(busy)
        self.go.setVisible(not busy)
        for control in (self.formats, self.private):
            control.setEnabled(not busy)
        if busy:
            self.halt.setFocus()

    def _on_moved(self, moved: object) -> None:
        if not isinstance(moved, tuple) or self._stop is None:
            return
        done, total = moved
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        number = QLocale().toString
        self.said.setText(
            translate("data", "{done} of {total} reviews").format(done=number(done), total=number(total))
        )

    def _on_halt(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _on_done(self, written: Exported) -> None:
        self._stop = None
        self._busy(False)
        said = translate("data", "%n reviews written to {file} ({size}).", "", written.rows).format(
            file=written.path.name, size=size_words(written.bytes)
        )
        if written.sheets > 1:
            said += " " + translate("data", "Sheets: {n}.").format(n=written.sheets)
        if written.cut:
            said += " " + (
                translate("data", "Cut to what a cell takes: %n texts.", "", written.cut)
                if written.path.suffix == ".xlsx"
                else translate("data", "Longer than a spreadsheet shows: %n texts.", "", written.cut)
            )
        self.said.setText(said)
        self.shut.setFocus()

    def _on_failed(self, error: BaseException) -> None:
        self._stop = None
        self._busy(False)
        if isinstance(error, Stopped):
            self.said.setText(translate("data", "Stopped. No file was written."))
            return
        self.said.set_role("fail")
        words = error.message if isinstance(error, ReviewdeskError) else ""
        self.said.setText(words or translate("data", "Something went wrong inside; the log has the details."))

    def stop(self) -> None:
        if self._stop is not None:
            self._stop.set()
