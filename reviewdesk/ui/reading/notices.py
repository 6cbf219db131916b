"""Short lines about a review: what our reply did to the score, what waits elsewhere, where its case stands."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from reviewdesk.domain.cases import Case, CaseState, effect_of
from reviewdesk.domain.models import ReviewDetail
from reviewdesk.ui.reading.words import AccountLabel, score_words
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.when import moment_words
from reviewdesk.ui.widgets import PlainLabel
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["Notice", "Notices", "case_line", "case_words", "notices_of"]

_tr = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Notice:
    icon: str
    text: str
    role: str = "text-2"


def case_words(state: CaseState) -> str:
    """The state of a case as it is shown and chosen."""
    return {
        CaseState.CONTACTED: _tr("Reading", "Contacted"),
        CaseState.WAITING: _tr("Reading", "Waiting for the customer"),
        CaseState.SOLVED: _tr("Reading", "Solved"),
        CaseState.NOT_SOLVED: _tr("Reading", "Not solved"),
    }[state]


def notices_of(detail: ReviewDetail, label: AccountLabel, now: float) -> list[Notice]:
    """What there is to say now; mostly nothing."""
    found = []
    effect = effect_of(detail.row.score, detail.versions, detail.comments, detail.row.updated_at)
    if effect is not None:
        most = detail.row.score_max
        words = _tr("Reading", "{before} before our reply, {after} now").format(
            before=score_words(effect.before, most), after=score_words(effect.after, most)
        )
        found.append(Notice("trend-up" if effect.after > effect.before else "trend-down", words))
    if detail.elsewhere is not None:
        words = _tr("Reading", "Answered at {provider}, waiting for the next sync to bring it").format(
            provider=label.provider or _tr("Reading", "the provider")
        )
        found.append(Notice("arrow-square-out", words))
    return found


def case_line(case: Case | None, now: float) -> str:
    """Where a case stands and when it comes back; empty without one."""
    if case is None:
        return ""
    words = _tr("Reading", "Case: {state}").format(state=case_words(case.state))
    if case.follow_up is not None:
        when = moment_words(case.follow_up, now)
        words += ", " + _tr("Reading", "back in the inbox {when}").format(when=when)
    return words


class Notices(QWidget):
    """One line for each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: list[Notice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def set_notices(self, notices: list[Notice]) -> None:
        """Show these; equal ones are not built anew."""
        if notices == self._shown:
            return
        self._shown = list(notices)
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for notice in notices:
            line = QWidget(self)
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(7)
            row.addWidget(Pictogram(notice.icon, 15, notice.role, parent=line))
            label = PlainLabel(notice.text, line, role=notice.role, font=fonts.list_font)
            label.setAccessibleName(notice.text)
            row.addWidget(label, 1)
            self._column.addWidget(line)
            line.show()

    def words(self) -> list[str]:
        return [notice.text for notice in self._shown]

    def is_empty(self) -> bool:
        return not self._shown
