"""The last step of a list: the run at work, what became of each row, and the files that are kept of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.services.export import safe_cell
from reviewdesk.services.handouts import write_text
from reviewdesk.services.invitations_bulk import BulkRun, Row, RowState, RunState
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.invitations.bulk_table import RowsView
from reviewdesk.ui.invitations.words import span_words
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets import PlainLabel, PushButton

__all__ = ["RunPanel", "result_csv"]

_SHOWN = 5_000
_LOOK_MS = 250


def result_csv(rows: Sequence[Row]) -> str:
    """Row, address, order, state, link and reason; safe for spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("row", "email", "order_id", "state", "link", "reason"))
    for row in rows:
        cells = (row.email, row.order_id, row.state.value, row.link or "", row.reason)
        writer.writerow((row.number, *(safe_cell(cell) for cell in cells)))
    return out.getvalue()


class RunPanel(QWidget):
    """``changed``: the run went on or ended."""

    changed = Signal()
    said = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._lists = bridge.core.invitation_lists
        self._run: BulkRun | None = None
        self._results: list[Row] = []
        self._shown_results = 0
        # The rows come on the worker's thread; they are looked at from here.
        self._watch = QTimer(self)
        self._watch.setInterval(_LOOK_MS)
        self._watch.timeout.connect(self.tell)
        self._state = PlainLabel(parent=self, font=fonts.title_font)
        self._progress = PlainLabel(parent=self, role="text-2")
        self._message = PlainLabel(parent=self, role="text-2", wrap=True)
        self.save_button = PushButton(
            self.tr("Save the result file"), self, icon="download-simple", small=True
        )
        self.record_button = PushButton(
            self.tr("Save the record of the choice"), self, icon="scales", small=True
        )
        self.save_button.clicked.connect(self._ask_result)
        self.record_button.clicked.connect(self._ask_record)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.save_button)
        buttons.addWidget(self.record_button)
        buttons.addStretch(1)
        self.results = RowsView(self)
        head = QVBoxLayout()
        head.setContentsMargins(24, 10, 24, 12)
        head.setSpacing(4)
        for part in (self._state, self._progress, self._message):
            head.addWidget(part)
        head.addSpacing(6)
        head.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.results, 1)

    def begin(self) -> list[Row]:
        """A new run is about to start: where its rows are put."""
        self._run, self._results, self._shown_results = None, [], 0
        return self._results

    def show_run(self, run: BulkRun) -> None:
        """Follow this run."""
        self._run = run
        self.results.show_columns(run.plan.table.headings, run.plan.mapping, choosing=False)
        self._watch.start()
        self.tell()

    def run(self) -> BulkRun | None:
        return self._run

    def state(self) -> RunState:
        """Of the run that is followed."""
        return self._run.progress.state if self._run is not None else RunState.STOPPED

    def tell(self) -> None:
        """Where the run stands now."""
        run = self._run
        if run is None:
            return
        now = run.progress
        self._state.setText(
            {
                RunState.RUNNING: self.tr("Creating links")
                if not run.plan.form.way.sends
                else self.tr("Asking customers"),
                RunState.PAUSED: self.tr("Paused"),
                RunState.STOPPED: self.tr("Stopped"),
                RunState.DONE: self.tr("Done"),
            }[now.state]
        )
        counts = now.counts
        parts = [self.tr("{done} of {total} rows").format(done=_n(now.done), total=_n(now.total))]
        for state, words in (
            (RowState.INVITED, self.tr("{n} invited")),
            (RowState.SKIPPED, self.tr("{n} left out")),
            (RowState.BAD, self.tr("{n} with problems")),
            (RowState.UNKNOWN, self.tr("{n} not certain")),
        ):
            if counts.get(state):
                parts.append(words.format(n=_n(counts[state])))
        if now.state is RunState.RUNNING and now.seconds_left >= 1:
            parts.append(self.tr("{time} left").format(time=span_words(now.seconds_left)))
        self._progress.setText("  ·  ".join(parts))
        self._message.setText(now.message)
        self._message.setVisible(bool(now.message))
        if len(self._results) != self._shown_results:
            self._shown_results = len(self._results)
            self.results.table.set_rows(self._results[-_SHOWN:][::-1], run.plan.mapping)
        ended = now.state in (RunState.DONE, RunState.STOPPED)
        self.save_button.setVisible(ended)
        self.record_button.setVisible(ended)
        if ended:
            self._watch.stop()
        self.changed.emit()

    def save_result(self, path: Path) -> None:
        """The result file: every row with its state, link and reason."""
        self._write(path, result_csv(tuple(self._results)))

    def save_record(self, path: Path) -> None:
        """The page that says how the customers were chosen, so that it can be done again."""
        if self._run is not None:
            try:
                self._write(path, self._lists.record(self._run.id))
            except ReviewdeskError as error:
                self.said.emit(error.message)

    def _write(self, path: Path, text: str) -> None:
        try:
            write_text(path, text)
        except (ReviewdeskError, OSError) as error:
            self.said.emit(error.message if isinstance(error, ReviewdeskError) else str(error))
        else:
            self.said.emit(self.tr("{file} is written").format(file=path.name))

    def _ask_result(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the result file"), "invitations.csv", "*.csv"
        )
        if chosen:
            self.save_result(Path(chosen))

    def _ask_record(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save the record"), "how-chosen.txt", "*.txt")
        if chosen:
            self.save_record(Path(chosen))


def _n(number: int) -> str:
    return QLocale().toString(number)
