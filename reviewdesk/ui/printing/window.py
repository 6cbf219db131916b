"""The print window: which reviews, with or without what is private, on paper or as a PDF."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QPagedPaintDevice
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.ui.data.parts import AskTarget, Panel, Row, ask_target, size_words
from reviewdesk.ui.printing.paper import lay_out, save
from reviewdesk.ui.printing.record import MOST, records
from reviewdesk.ui.settings.controls import Switch
from reviewdesk.ui.widgets import PlainLabel, PushButton

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["PrintWindow", "ask_printer"]

translate = QCoreApplication.translate
AskPrinter = Callable[["PrintWindow"], QPagedPaintDevice | None]


def ask_printer(parent: PrintWindow) -> QPagedPaintDevice | None:
    """The system's own print window; None when the person thought better of it."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # loaded when somebody prints

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(parent.windowTitle())
    return printer if QPrintDialog(printer, parent).exec() else None


class PrintWindow(Panel):
    """Prints reviews as they are stored at the moment of printing. Private fields only by the switch, off at first."""

    def __init__(
        self,
        window: MainWindow,
        ids: Sequence[int],
        *,
        ask: AskTarget = ask_target,
        printer: AskPrinter = ask_printer,
    ) -> None:
        super().__init__(translate("printing", "Print or save as PDF"), QSize(560, 300), window)
        self._window, self._ids = window, list(ids[:MOST])
        self._ask, self._printer = ask, printer
        self._family = QApplication.font().family()
        self.column.addSpacing(12)
        what = translate(
            "printing",
            "%n reviews with their public replies and facts, each from a new page on",
            "",
            len(ids),
        )
        if len(ids) == 1:
            what = translate(
                "printing", "The review with its public replies, its facts and when it was captured"
            )
        elif len(ids) > MOST:
            what = translate("printing", "The first {most} of the selected reviews").format(most=MOST)
        self.what = PlainLabel(what, self, role="text-2", wrap=True)
        self.column.addWidget(self.what)
        self.column.addSpacing(10)
        title = translate("printing", "With private fields")
        line = translate(
            "printing", "E-mail, order, private messages and notes. Keep such a page to yourself."
        )
        self.private = Switch(title, False, self)
        self.private.setAccessibleDescription(line)
        self.column.addWidget(Row(title, line, self, self.private))
        self.column.addSpacing(12)
        self.said = PlainLabel("", self, role="text-2", wrap=True)
        self.column.addWidget(self.said)
        self.column.addStretch(1)
        self.shut = PushButton(translate("printing", "Close"), self.foot)
        self.paper = PushButton(translate("printing", "Print…"), self.foot)
        self.pdf = PushButton(translate("printing", "Save as PDF…"), self.foot, kind="primary")
        self.buttons.addStretch(1)
        for button, pressed in (
            (self.shut, self.close),
            (self.paper, self._on_print),
            (self.pdf, self._on_pdf),
        ):
            self.buttons.addWidget(button)
            button.clicked.connect(pressed)
        self.pdf.setFocus()

    # --- acts ------------------------------------------------------------------------------------

    def _on_pdf(self) -> None:
        name = f"review-{self._ids[0]}.pdf" if len(self._ids) == 1 else "reviews.pdf"
        target = self._ask(self, translate("printing", "Save as PDF"), name, "PDF (*.pdf)")
        if target is not None:
            self.begin(target if target.suffix.lower() == ".pdf" else target.with_name(f"{target.name}.pdf"))

    def begin(self, target: Path) -> None:
        """Write the PDF, off this thread; the result is said here."""
        core, ids, private, family = self._window.core, self._ids, self.private.isChecked(), self._family

        def work() -> int:
            return save(target, list(records(core, ids, private=private)), family, target.stem)

        self._run(work, partial(self._on_saved, target))

    def _on_saved(self, target: Path, size: int) -> None:
        self._end(
            translate("printing", "{file} is written ({size}).").format(
                file=target.name, size=size_words(size)
            )
        )

    def _on_print(self) -> None:
        device = self._printer(self)
        if device is None:
            return
        core, ids, private, family = self._window.core, self._ids, self.private.isChecked(), self._family

        def work() -> None:
            lay_out(device, list(records(core, ids, private=private)), family)

        self._run(work, self._on_printed)

    def _on_printed(self, _none: None) -> None:
        self._end(translate("printing", "Handed to the printer."))

    def _run(self, work: Callable[[], object], done: Callable[..., object]) -> None:
        self._busy(True)
        self.said.set_role("text-2")
        self.said.setText(translate("printing", "Laying out the pages"))
        self._window.bridge.run(work, done=done, failed=self._on_failed, owner=self)

    def _busy(self, busy: bool) -> None:
        for control in (self.private, self.paper, self.pdf):
            control.setEnabled(not busy)

    def _end(self, words: str) -> None:
        self._busy(False)
        self.said.setText(words)
        self.shut.setFocus()

    def _on_failed(self, error: BaseException) -> None:
        self._busy(False)
        self.said.set_role("fail")
        words = error.message if isinstance(error, ReviewdeskError) else ""
        self.said.setText(
            words or translate("printing", "Something went wrong inside; the log has the details.")
        )
