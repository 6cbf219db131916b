"""The wizard at 200 % text and from right to left: everything stays inside, mirrored where it has a side.

With ``REVIEWDESK_PICTURES`` set to a folder, a picture of every page is written there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from reviewdesk.domain.clock import SystemClock
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.ui.accounts.trial import Tried
from reviewdesk.ui.accounts.wizard import CARDS, COLUMNS, FINISH, FORM, TEST, Wizard
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.theme import install, theme
from tests.support.core import make_profile
from tests.support.screens import grab, settle

PICTURES = os.environ.get("REVIEWDESK_PICTURES", "")
ROWS = (
    (
        "NEW",
        "8f14e45f-ceea-467f-a0e6-1f2b3c4d5e6f",
        "2026-03-04 10:00:00",
        "4",
        "Très bien, merci beaucoup.",
        "Zoé",
    ),
    (
        "NEW",
        "9f14e45f-ceea-467f-a0e6-1f2b3c4d5e6f",
        "2026-03-05 10:00:00",
        "2",
        "Le colis est arrivé tard.",
        "Ana",
    ),
)
FIELDS = ("action", "review_id", "review_date", "rate", "review", "firstname")


@pytest.fixture(params=["200", "rtl", "rtl-200", "dark"])
def look(request: pytest.FixtureRequest, themed: QApplication) -> Iterator[str]:
    name: str = request.param
    if name.startswith("rtl"):
        themed.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    install(themed, scheme="dark" if name == "dark" else "light", scale=2.0 if name.endswith("200") else 1.0)
    yield name
    themed.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def inside(wizard: Wizard) -> list[str]:
    """Buttons and labels that stand out of the window at a side, or whose words have no room."""
    wrong = []
    room = QRect(0, 0, wizard.width(), wizard.height())
    parts: list[QWidget] = [*wizard.findChildren(QAbstractButton), *wizard.findChildren(QLabel)]
    for part in parts:
        if not part.isVisible() or not part.width():
            continue
        place = QRect(part.mapTo(wizard, part.rect().topLeft()), part.size())
        if place.left() < room.left() or place.right() > room.right():
            wrong.append(
                f"{type(part).__name__} {part.accessibleName() or part.property('text')!r} at {place}"
            )
    return wrong


def test_every_page_fits(look: str, tmp_path: Path) -> None:
    core = Core.open(make_profile(tmp_path), clock=SystemClock(), secrets=MemorySecrets())
    bridge, parent = Bridge(core), QWidget()
    wizard = Wizard(bridge, parent)
    wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    wizard.resize(900, 640)
    try:
        wizard.show()
        seen = {}
        for page in (CARDS, FORM, TEST, COLUMNS, FINISH):
            if page == FORM:
                wizard.cards.choose("sitejabber")
                wizard.go_on()
            elif page == TEST:
                wizard._box = core.accounts.unsaved({})
                wizard.stages.begin(with_key=False)
                wizard.stages.add(Tried("address", True, "The address is well formed.", "", 3))
                wizard.stages.add(
                    Tried(
                        "connect",
                        False,
                        "Sitejabber does not answer. It says: nothing at all.",
                        "Try again.",
                        9,
                    )
                )
                wizard._show(TEST)
            elif page == COLUMNS:
                wizard.columns.show_columns(ROWS, FIELDS, FIELDS)
                wizard._show(COLUMNS)
            elif page == FINISH:
                wizard._box = core.accounts.unsaved({})
                wizard._open_finish()
            settle()
            assert wizard.page() == page
            assert inside(wizard) == [], f"page {page}"
            if page == COLUMNS:
                area = wizard.columns.area
                place = area.mapTo(wizard, area.rect().bottomLeft())
                colour = wizard.grab().toImage().pixelColor(place.x() + 40, place.y() - 4)
                assert colour.name() == theme().colour("surface").name()
            assert wizard.next.isVisible() and wizard.next.geometry().bottom() <= wizard.foot.height()
            seen[page] = wizard.next.mapTo(wizard, wizard.next.rect().center()).x()
            if PICTURES:
                grab(wizard, Path(PICTURES) / f"wizard-look-{look}-{page}.png")
        middle = wizard.width() / 2
        assert all((x < middle) is look.startswith("rtl") for x in seen.values()), (
            "Next is where reading ends"
        )
    finally:
        wizard.close()
        wizard.deleteLater()
        bridge.close()
        parent.deleteLater()
        core.stop()
