"""The foot and the safety line over all widths and at 200 %: nothing a person needs is cut."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from reviewdesk.domain.models import Target
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.composer import Composer
from reviewdesk.ui.theme import install, metrics
from reviewdesk.ui.widgets import PlainLabel, PushButton
from tests.support.fake_core import FakeCore
from tests.support.screens import settle, wait_until

EXPIRY = "Link valid to 28 November 2026"


@pytest.fixture(params=[1.0, 2.0], ids=["100", "200"])
def composer(request: pytest.FixtureRequest, core: FakeCore, themed: QApplication) -> Iterator[Composer]:
    install(themed, scheme="light", scale=request.param)
    bridge = Bridge(core)  # type: ignore[arg-type]
    window = QWidget()
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addStretch(1)
    window.show()
    made = Composer(core, bridge, window)  # type: ignore[arg-type]
    column.addWidget(made)
    yield made
    bridge.close()
    window.close()
    window.deleteLater()
    settle()


def whole(part: QWidget, within: QWidget) -> bool:
    """Seen, with all of its words, inside ``within``."""
    place = QRect(part.mapTo(within, QPoint(0, 0)), part.size())
    return part.isVisible() and within.rect().contains(place) and part.width() >= part.sizeHint().width()


def all_whole(parts: tuple[QWidget, ...], within: QWidget) -> bool:
    return all(whole(part, within) for part in parts)


def told(label: PlainLabel | PushButton, within: QWidget) -> bool:
    """Seen whole, or its words are in a tooltip."""
    return whole(label, within) or bool(label.toolTip() or within.toolTip())


@pytest.mark.parametrize("target", [Target.PUBLIC, Target.PRIVATE])
def test_nothing_is_cut_at_any_width(composer: Composer, core: FakeCore, target: Target) -> None:
    composer.open(core.review_of("Claudia Bremer"), target)
    composer.set_text("Guten Tag {{customer.first_name}}, " + "wort " * 300)
    foot, safety, window = composer.foot, composer.safety, composer.window()
    if target is Target.PRIVATE:
        foot.set_expiry(EXPIRY)
    foot.set_count("1,534 of 2,000", over=False)
    foot.set_saved("Saved 20 s ago", failed=False)
    lines = []
    for wide in (1000, 792, 712, 640, 560, 500, 460, *((420, 380) if metrics.list_line() < 30 else ())):
        window.resize(wide, 1000)
        settle()
        assert window.width() == wide
        # A layout in a layout takes some turns to settle.
        parts = (foot.count, foot.gaps, foot.split.main, foot.split.more, foot.discard, foot.language)
        wait_until(partial(all_whole, parts, foot), 15, f"all of the foot at {wide}")
        assert whole(foot.saved_button, foot) or foot.saved_button.toolTip()
        assert foot.language.accessibleName() == "Spelling: German"
        assert foot.saved.isVisible() or foot._saved_icon.toolTip().startswith("Saved")
        if target is Target.PRIVATE:
            assert foot.expiry.isVisible() and told(foot.expiry, foot), wide
            assert whole(foot.link, foot)
        for words in (safety._words, safety._audience):
            place = QRect(words.mapTo(safety, QPoint(0, 0)), words.size())
            assert words.isVisible() and safety.rect().contains(place), (wide, words.text())
            assert words.height() >= words.heightForWidth(words.width()), (wide, words.text())
        assert foot.height() == foot.sizeHint().height() and safety.height() == safety.sizeHint().height()
        lines.append(foot.lines())
    assert lines == sorted(lines)
    assert lines[-1] > 1


def test_one_line_where_there_is_room(composer: Composer, core: FakeCore) -> None:
    composer.open(core.review_of("Pierre L."))
    composer.set_text("Bonjour Pierre")
    composer.window().resize(2000, 1000)
    settle()
    assert composer.foot.lines() == 1
    assert composer.foot.height() == composer.foot.split.height() + 16
