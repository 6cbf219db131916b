"""The right side of the window: what came of it. The link with its QR code, copy, files, and a draft of an e-mail."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFont, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from reviewdesk.domain.errors import InvalidInput, ReviewdeskError
from reviewdesk.domain.invitations.model import Invitation, InviteState
from reviewdesk.services.invitation_codes import qr_code, save_qr
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.invitations.options import Options
from reviewdesk.ui.invitations.sheet import QrView, paint_sheet, save_pdf
from reviewdesk.ui.invitations.words import day_words, done_words
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel, PushButton, ToolButton, announce
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["Result"]


class Result(QWidget):
    """``said`` carries a sentence for the foot, ``take_back`` that the e-mail should not go out after all."""

    said = Signal(str)
    take_back = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sunken")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bridge = bridge
        self._made: Invitation | None = None
        self._source = ""
        self._icon = Pictogram("link", 18, "text-3", parent=self)
        self._head = PlainLabel(parent=self, font=_medium, wrap=True)
        self._facts = PlainLabel(parent=self, role="text-2", wrap=True)
        self.qr = QrView(self)
        self.which = Options([("", "")], "", self)
        self.which.setAccessibleName(self.tr("Link of which product"))
        self.which.changed.connect(self._on_which)
        self.link = QLineEdit(self)
        self.link.setObjectName("link")
        self.link.setReadOnly(True)
        self.link.setAccessibleName(self.tr("Link"))
        self.copy_button = ToolButton("copy", self.tr("Copy link"), self)
        self.copy_button.clicked.connect(self.copy)
        self.png = PushButton(self.tr("PNG"), self, icon="download-simple", small=True)
        self.svg = PushButton(self.tr("SVG"), self, icon="download-simple", small=True)
        self.sheet = PushButton(self.tr("A4 sheet"), self, icon="file-text", small=True)
        self.print = PushButton(self.tr("Print the sheet"), self, icon="printer", small=True)
        self.draft = PushButton(self.tr("Draft an e-mail"), self, icon="envelope-simple", small=True)
        self.back = PushButton(self.tr("Take it back"), self, icon="arrow-u-up-left")
        self.png.clicked.connect(self._on_png)
        self.svg.clicked.connect(self._on_svg)
        self.sheet.clicked.connect(self._on_sheet)
        self.print.clicked.connect(self._on_print)
        self.draft.clicked.connect(self.open_draft)
        self.back.clicked.connect(self.take_back)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._head, 1)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.link, 1)
        row.addWidget(self.copy_button)
        files = QHBoxLayout()
        files.setSpacing(6)
        for button in (self.png, self.svg, self.sheet):
            files.addWidget(button)
        files.addStretch(1)
        fair = QHBoxLayout()
        fair.setSpacing(8)
        fair.addWidget(Pictogram("scales", 16, "text-3", parent=self), 0, Qt.AlignmentFlag.AlignTop)
        words = self.tr("One link per customer. General profile links are not a supported way to invite.")
        fair.addWidget(PlainLabel(words, self, role="text-2", wrap=True), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self._facts)
        column.addSpacing(8)
        column.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        column.addWidget(self.which)
        column.addLayout(row)
        column.addLayout(files)
        more = QHBoxLayout()
        more.setSpacing(6)
        more.addWidget(self.draft)
        more.addWidget(self.print)
        more.addStretch(1)
        column.addLayout(more)
        column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        column.addLayout(fair)
        self._with_link = (
            self.qr,
            self.link,
            self.copy_button,
            self.png,
            self.svg,
            self.sheet,
            self.print,
            self.draft,
        )
        self.clear()

    def invitation(self) -> Invitation | None:
        return self._made

    def address(self) -> str:
        """The link that is shown; empty where there is none."""
        return self.link.text()

    def clear(self) -> None:
        """Nothing was made yet."""
        self._made = None
        self._icon.set("link", "text-3")
        self._head.setText(self.tr("The link will appear here"))
        self._facts.setText(self.tr("With a QR code, to copy, to print, or in a draft of an e-mail."))
        self._facts.show()
        self.link.clear()
        self._show_link(False)
        self.which.hide()
        self.back.hide()

    def show_invitation(self, made: Invitation, source: str, *, earlier: bool = False) -> None:
        """Where an invitation stands, and its link as soon as there is one."""
        first = self._made is None or self._made.id != made.id or self._made.state is not made.state
        self._made, self._source = made, source
        icon, role, words = done_words(made, source)
        if earlier:
            words = self.tr("Invited on {day}").format(day=day_words(made.created_at))
        self._icon.set(icon, role)
        self._head.setText(words)
        facts = []
        if made.order_id:
            facts.append(self.tr("Order {order}").format(order=made.order_id))
        if made.expires_at:
            facts.append(self.tr("valid to {day}").format(day=day_words(made.expires_at)))
        self._facts.setText(", ".join(facts))
        self._facts.setVisible(bool(facts))
        links = {sku: link for sku, link in made.links.items() if link}
        self.which.setVisible(len(set(links.values())) > 1)
        if links:
            self.which.set_options([(sku, sku) for sku in links])
        self._show_address(links.get(self.which.value(), "") if links else made.link or "")
        if not self.link.text() and made.link:
            self._show_address(made.link)
        self.back.setVisible(made.state is InviteState.WAITING and made.way.sends and not earlier)
        if first:
            announce(self, words)

    def _on_which(self, sku: str) -> None:
        if self._made is not None:
            self._show_address(self._made.links.get(sku, ""))

    def _show_address(self, address: str) -> None:
        self.link.setText(address)
        self.link.setCursorPosition(0)
        try:
            self.qr.set_code(qr_code(address) if address else None)
        except InvalidInput as error:
            self.qr.set_code(None)
            self.said.emit(error.message)
        self._show_link(bool(address))

    def _show_link(self, there: bool) -> None:
        for part in self._with_link:
            part.setVisible(there)
        if there:
            self.qr.setVisible(self.qr.code() is not None)
            self.draft.setVisible(bool(self._made is not None and self._made.email))

    # --- what can be done with a link --------------------------------------------------------------------------

    def copy(self) -> None:
        """The link to the clipboard."""
        if self.address():
            QGuiApplication.clipboard().setText(self.address())
            self.said.emit(self.tr("The link is copied"))

    def open_draft(self) -> None:
        """A neutral draft in the person's own e-mail program; nothing is sent by this."""
        if self._made is None:
            return
        draft = self._bridge.core.invitations.mail_draft(self._made)
        if QDesktopServices.openUrl(QUrl(draft.mailto, QUrl.ParsingMode.StrictMode)):
            self.said.emit(self.tr("The draft is in your e-mail program, nothing was sent"))
        else:
            QGuiApplication.clipboard().setText(f"{draft.subject}\n\n{draft.body}")
            self.said.emit(self.tr("No e-mail program could be opened: the draft is copied instead"))

    def save(self, path: Path) -> None:
        """The code as .png, .svg, or .pdf (a page to print). Says what came of it."""
        try:
            if path.suffix.lower() == ".pdf":
                save_pdf(path, qr_code(self.address()), self._sheet_title(), self._sheet_line())
            else:
                save_qr(self.address(), path)
        except ReviewdeskError as error:
            self.said.emit(error.message)
        else:
            self.said.emit(self.tr("{file} is written").format(file=path.name))

    def _sheet_title(self) -> str:
        return self.tr("Your review")

    def _sheet_line(self) -> str:
        return self.tr("Point the camera of your phone at the code.")

    def _ask_file(self, ending: str, what: str) -> None:
        order = "".join(
            c for c in (self._made.order_id if self._made is not None else "") if c.isalnum() or c in "-_"
        )
        name = f"review-{order or 'link'}.{ending}"
        chosen, _ = QFileDialog.getSaveFileName(self, what, name, f"*.{ending}")
        if chosen:
            path = Path(chosen)
            self.save(
                path if path.suffix.lower() == f".{ending}" else path.with_name(f"{path.name}.{ending}")
            )

    def _on_png(self) -> None:
        self._ask_file("png", self.tr("Save the QR code"))

    def _on_svg(self) -> None:
        self._ask_file("svg", self.tr("Save the QR code"))

    def _on_sheet(self) -> None:
        self._ask_file("pdf", self.tr("Save the sheet"))

    def _on_print(self) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # loaded when somebody prints

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        if dialog.exec():
            try:
                paint_sheet(printer, qr_code(self.address()), self._sheet_title(), self._sheet_line())
            except InvalidInput as error:
                self.said.emit(error.message)

    def sizeHint(self):  # type: ignore[no-untyped-def]
        hint = super().sizeHint()
        hint.setWidth(metrics.icon_size(349))
        return hint


def _medium() -> QFont:
    return fonts.list_font(500)
