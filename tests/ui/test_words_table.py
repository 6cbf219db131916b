"""The tables of the invitations page: their columns grow with the text."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget

from reviewdesk.ui.invitations.tables import WordsTable
from reviewdesk.ui.theme import theme


def test_columns_grow_with_the_text_and_keep_the_widths_somebody_gave_them(
    themed: QApplication, qtbot: object
) -> None:
    """A change to 200 % left the dates and order numbers at half of the room that they need."""
    around = QWidget()
    table = WordsTable(("When", "Who", "Order", "Link"), "Invitations", around, (100, 200, 80))
    table.resize(1400, 300)
    head = table.horizontalHeader()
    assert [head.sectionSize(column) for column in range(3)] == [100, 200, 80]
    theme().set_scale(2.0)
    assert [head.sectionSize(column) for column in range(3)] == [200, 400, 160]
    head.resizeSection(1, 300)
    theme().set_scale(1.0)
    assert [head.sectionSize(column) for column in range(3)] == [100, 150, 80]
    later = WordsTable(("When", "Link"), "Later", around, (100,))
    theme().set_scale(1.5)
    assert WordsTable(("When", "Link"), "At 150 %", around, (100,)).horizontalHeader().sectionSize(0) == 150
    assert later.horizontalHeader().sectionSize(0) == 150
    around.deleteLater()
