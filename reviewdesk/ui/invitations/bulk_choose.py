"""The first step of a list: which source asks, about what, in which way; and where the list comes from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from reviewdesk.domain.invitations.model import InviteForm
from reviewdesk.domain.models import ReviewKind
from reviewdesk.services.invitations import Source
from reviewdesk.ui.invitations.cards import WayCards
from reviewdesk.ui.invitations.options import Options
from reviewdesk.ui.invitations.words import kind_words
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets import PlainLabel, PushButton
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["ChoosePanel", "Steps"]


class Steps(QWidget):
    """Source, list, result: where we are, in words for screen readers too."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._icons: list[Pictogram] = []
        self._labels: list[PlainLabel] = []
        for place, words in enumerate((self.tr("Source"), self.tr("List"), self.tr("Result"))):
            icon = Pictogram(f"number-circle-{('one', 'two', 'three')[place]}", 18, "text-3", parent=self)
            label = PlainLabel(words, self, role="text-2")
            row.addWidget(icon)
            row.addWidget(label)
            if place < 2:
                row.addSpacing(14)
            self._icons.append(icon)
            self._labels.append(label)

    def set_step(self, step: int) -> None:
        for place, (icon, label) in enumerate(zip(self._icons, self._labels, strict=True)):
            number = ("one", "two", "three")[place]
            done, here = place < step, place == step
            name = (
                "check-circle-fill"
                if done
                else f"number-circle-{number}-fill"
                if here
                else f"number-circle-{number}"
            )
            icon.set(name, "accent" if here else "text-2")
            label.set_role("text" if here else "text-2")
        self.setAccessibleName(
            self.tr("Step {at} of 3: {name}").format(at=step + 1, name=self._labels[step].text())
        )


class ChoosePanel(QScrollArea):
    """``changed``: another source or way; ``file_wanted`` and ``paste_wanted``: where the list should come from."""

    changed = Signal()
    file_wanted = Signal()
    paste_wanted = Signal()
    said = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sources: Sequence[Source] = ()
        page = QWidget(self)
        page.setObjectName("surface")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.source = Options([("", "")], "", page)
        self.source.setAccessibleName(self.tr("Source"))
        self.source.changed.connect(self._on_source)
        self.kind = Options([("", "")], "", page)
        self.kind.setAccessibleName(self.tr("Review of"))
        self.kind.changed.connect(self._on_kind)
        self.cards = WayCards(page)
        self.cards.chosen.connect(self._on_way)
        self.cards.refused.connect(self.said)
        self.open_button = PushButton(self.tr("Choose a file"), page, icon="file-text")
        self.paste_button = PushButton(self.tr("Paste from the clipboard"), page, icon="clipboard-text")
        self.open_button.clicked.connect(self.file_wanted)
        self.paste_button.clicked.connect(self.paste_wanted)
        drop = QFrame(page)
        drop.setObjectName("waiting")
        inner = QVBoxLayout(drop)
        inner.setContentsMargins(20, 20, 20, 20)
        inner.setSpacing(8)
        head = PlainLabel(self.tr("Drop a list here"), drop, font=_medium)
        line = PlainLabel(
            self.tr("CSV in any encoding and with any separator, or XLSX. Nothing is sent by opening it."),
            drop,
            role="text-2",
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.paste_button)
        buttons.addStretch(1)
        inner.addWidget(head)
        inner.addWidget(line)
        inner.addSpacing(6)
        inner.addLayout(buttons)
        top = QHBoxLayout()
        top.setSpacing(16)
        for words, choice in ((self.tr("Source"), self.source), (self.tr("Review of"), self.kind)):
            part = QVBoxLayout()
            part.setSpacing(4)
            part.addWidget(PlainLabel(words, page, font=_medium))
            part.addWidget(choice)
            top.addLayout(part, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 4, 24, 20)
        column.setSpacing(14)
        column.addLayout(top)
        column.addWidget(PlainLabel(self.tr("What happens"), page, font=_medium))
        column.addWidget(self.cards)
        column.addSpacing(8)
        column.addWidget(drop)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)

    def set_sources(self, sources: Sequence[Source]) -> None:
        able = [s for s in sources if any(o.form.bulk and o.available.available for o in s.offers)]
        self._sources = able
        self.source.set_options([(str(s.account.id), f"{s.title}, {s.account.name}") for s in able])
        self._on_source()

    def chosen_source(self) -> Source | None:
        return next((s for s in self._sources if str(s.account.id) == self.source.value()), None)

    def form(self) -> InviteForm | None:
        return self.cards.form()

    def choose(self, account: str, form_id: str) -> bool:
        """Choose a source by its account's name and a way by its form; false when that can't be done."""
        source = next((s for s in self._sources if s.account.name == account), None)
        if source is None:
            return False
        self.source.set_value(str(source.account.id))
        self._on_source()
        self.kind.set_value(form_id.partition(":")[2])
        self._on_kind()
        self.cards.choose(form_id)
        form = self.form()
        return form is not None and form.id == form_id

    def _on_source(self, *_value: object) -> None:
        source = self.chosen_source()
        offers = [o for o in source.offers if o.form.bulk] if source is not None else []
        kinds = [k for k in ReviewKind if any(o.form.kind is k for o in offers)]
        kinds.sort(key=lambda k: k is not ReviewKind.BUSINESS)
        self.kind.set_options([(k.value, kind_words(k)) for k in kinds] or [("", "")])
        self._on_kind()

    def _on_kind(self, *_value: object) -> None:
        source = self.chosen_source()
        offers = (
            [o for o in source.offers if o.form.bulk and o.form.kind.value == self.kind.value()]
            if source
            else []
        )
        self.cards.set_offers(offers)
        self.cards.tell(source.title if source is not None else "", "", listed=True)
        self._on_way()

    def _on_way(self, *_form: object) -> None:
        self.changed.emit()


def _medium() -> QFont:
    return fonts.list_font(500)
