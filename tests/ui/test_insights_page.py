"""The insights page over a real core: figures by the keyboard alone, and every one of them a way to its reviews."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from reviewdesk.domain.models import Comment, Role, Thread
from reviewdesk.services.insights import Cut, Door, Insights, Period
from reviewdesk.store import accounts, reviews
from reviewdesk.ui.insights.card import Card
from reviewdesk.ui.insights.charts import DIM, Chart
from reviewdesk.ui.insights.page import InsightsPage
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.theme import theme
from tests.support.core import Desk
from tests.support.stores import record

DAY = 86_400


@pytest.fixture
def shown(opened: tuple[MainWindow, Desk], qtbot) -> tuple[InsightsPage, MainWindow, Desk]:  # type: ignore[no-untyped-def]
    """Beside the desk's twelve: a second account with answered, edited and German ones, spread over months."""
    window, desk = opened
    store, now = desk.core.store, int(desk.core.clock.now())
    second = store.write_now(
        lambda tx: accounts.insert(tx, name="Second shop", provider="scripted", settings={})
    ).id
    theirs = []
    for n in range(12):
        said = Comment(
            id="c", author="us", role=Role.BUSINESS, text="Thank you.", created_at=now - n * 9 * DAY
        )
        answer = Thread(id=None, state=None, comments=(said,)) if n % 2 else None
        theirs.append(
            record(
                f"s{n}",
                score=float(n % 5 + 1) if n % 6 else None,
                created_at=now - n * 9 * DAY - 4_000,
                language="de-AT" if n % 3 else None,
                thread=answer,
            )
        )
    store.write_now(lambda tx: reviews.store_page(tx, second, reviews=theirs))
    changed = [
        record(f"s{n}", score=4.0, created_at=now - n * 9 * DAY - 4_000, updated_at=now - n * 9 * DAY + 9_000,
               thread=theirs[n].thread)
        for n in (1, 7)
    ]  # fmt: skip
    store.write_now(lambda tx: reviews.store_page(tx, second, reviews=changed))
    desk.core.inbox.finish_index()
    return go(window, qtbot), window, desk


def go(window: MainWindow, qtbot, keys: str = "gn") -> InsightsPage:  # type: ignore[no-untyped-def]
    window.focus_list()
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget(), key)
    page = window.page("insights")
    assert isinstance(page, InsightsPage)
    qtbot.waitUntil(lambda: page.isVisible() and page.figures() is not None and not page._running)
    return page


def press(qtbot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:  # type: ignore[no-untyped-def]
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, key, modifier)


def figures(page: InsightsPage) -> Insights:
    made = page.figures()
    assert made is not None
    return made


def doors(page: InsightsPage) -> Iterator[tuple[str, Door]]:
    """Everything on the page that leads somewhere, with what it says."""
    for cell in page.panels.cells:
        assert cell._door is not None
        yield cell.accessibleName(), cell._door
        for line in cell._lines:
            yield from ((said.text, said.door) for said in line if said.door is not None)
    for card in page.panels.cards:
        yield from ((part.words, part.door) for part in card.chart.parts())
        for row in card.table.table.rows:
            yield from ((cell.text, cell.door) for cell in row if cell.door is not None)


def test_g_n_shows_the_figures_and_every_one_equals_the_list_behind_it(
    shown: tuple[InsightsPage, MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    page, window, desk = shown
    assert QApplication.focusWidget() is page.panels.needs, "the keyboard is in the first figure"
    inbox = desk.core.inbox
    for cut in Cut:
        page.set_cut(cut)
        told = list(doors(page))
        assert len(told) > 40
        for words, door in told:
            query = inbox.parse(door.query, as_typed=True)
            assert not query.problems and inbox.count(query) == door.n, (words, door)
            # What is said is what is counted: the chart's own words, and each cell of a table.
            assert f"{door.n}" in words or "%" in words or ":" in words, words
    made = figures(page)
    assert made.effect.edited.n == 2 and made.reply_time.known.n > 0 and made.unscored.n > 0
    # The first figure is a door: Enter, and the list has as many reviews.
    page.set_cut(Cut.ACCOUNT)
    page.panels.score.setFocus()
    press(qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not page.isVisible() and window.inbox.total() == made.scored.n)
    assert window.header.search.text() == made.scored.query
    # And back the other way.
    press(qtbot, Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(page.isVisible)
    page.panels.rate.links()[1].click()
    qtbot.waitUntil(lambda: not page.isVisible() and window.inbox.total() == made.answerable.n)


def test_a_chart_is_walked_and_read_as_a_table_without_a_mouse(
    shown: tuple[InsightsPage, MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    page, window, _ = shown
    card = page.panels.stars
    wanted = figures(page).stars[3]
    # From the figures F6 leads through the charts.
    for _step in range(3):
        press(qtbot, Qt.Key.Key_F6)
    assert QApplication.focusWidget() is card.chart
    name = card.chart.accessibleName()
    window.resize(1280, 560)
    assert name.startswith("Scores, n = ") and "90 days" in name and "5 stars" in name
    press(qtbot, Qt.Key.Key_Down)
    assert card.chart.accessibleDescription().startswith("4 stars")
    press(qtbot, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is card.switch and card.switch.accessibleName() == "Scores: as table"
    press(qtbot, Qt.Key.Key_Space)
    table = card.table
    assert QApplication.focusWidget() is table and card.is_table() and table.isVisible()
    qtbot.waitUntil(lambda: table.visibleRegion().boundingRect().height() == table.height())
    press(qtbot, Qt.Key.Key_Down)
    row = table.currentIndex().row()
    said = [
        table.table.data(table.table.index(row, column), Qt.ItemDataRole.AccessibleTextRole)
        for column in range(3)
    ]
    share = f"{round(100 * wanted.n / figures(page).scored.n)} %"
    assert said == ["4 stars, Score: 4 stars", f"4 stars, Share: {share}", f"4 stars, Reviews: {wanted.n}"]
    press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.isVisible() and window.inbox.total() == wanted.n)
    # The chart leads there too.
    go(window, qtbot)
    card.switch.click()
    assert QApplication.focusWidget() is card.chart
    press(qtbot, Qt.Key.Key_End)
    press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.isVisible() and window.inbox.total() == figures(page).stars[0].n)


def test_search_and_period_narrow_the_figures_and_are_there_after_a_look_at_a_list(
    shown: tuple[InsightsPage, MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    page, window, desk = shown
    everything = figures(page).reviews.n
    page._periods[Period.YEAR].click()
    qtbot.waitUntil(lambda: figures(page).period is Period.YEAR)
    assert figures(page).reviews.n > everything
    press(qtbot, Qt.Key.Key_Slash)
    assert window.header.search.isAncestorOf(QApplication.focusWidget())
    qtbot.keyClicks(QApplication.focusWidget(), 'account:"second shop"')
    qtbot.waitUntil(lambda: figures(page).reviews.n == 12)
    press(qtbot, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is page.panels.needs
    page.panels.rate.click()
    qtbot.waitUntil(lambda: not page.isVisible() and window.inbox.total() == figures(page).replied.n)
    go(window, qtbot)
    qtbot.waitUntil(lambda: window.header.search.text() == 'account:"second shop"')
    # Nothing there: said with what helps.
    window.header.search.set_text("lang:pl")
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page._empty)
    assert page._empty.sentence() == "No review has these words"
    assert page._empty.button("all") is not None
    button = page._empty.button("clear")
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page._scroll and figures(page).text == "")
    assert desk.core.settings.text("insights.period") == "1y"


def test_the_last_figures_stay_dimmed_while_new_ones_are_computed(
    shown: tuple[InsightsPage, MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page, _, desk = shown
    before, clear = page.panels.score.value(), ink(page.panels.stars.chart)
    real, go_on, asked = desk.core.insights.of, Event(), []

    def slow(text: str, period: Period) -> Insights:
        asked.append(period)
        go_on.wait(20)
        return real(text, period)

    monkeypatch.setattr(desk.core.insights, "of", slow)
    page.set_period(Period.MONTH)
    try:
        qtbot.waitUntil(lambda: page.panels.score._dim)
        assert page.panels.score.value() == before and page.stack.currentWidget() is page._scroll
        assert DIM < 1 and ink(page.panels.stars.chart) < clear
        # What is asked meanwhile is computed once, after it: never two at a time.
        page.set_period(Period.YEAR)
        page.set_period(Period.ALL)
        assert asked == [Period.MONTH]
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: not page._running and not page.panels.score._dim)
    assert asked == [Period.MONTH, Period.ALL] and figures(page).period is Period.ALL


def ink(widget: QWidget) -> int:
    """How dark a widget is painted."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    return sum(
        255 - image.pixelColor(x, y).value()
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    )


def test_what_arrives_changes_the_figures(
    shown: tuple[InsightsPage, MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    page, _, desk = shown
    before = figures(page).due.n
    came = [record("new", score=5.0, created_at=int(desk.core.clock.now()))]
    desk.core.store.write_now(lambda tx: reviews.store_page(tx, desk.account.id, reviews=came))
    qtbot.waitUntil(lambda: figures(page).due.n == before + 1)


@pytest.mark.parametrize("scheme", ["light", "dark", "contrast"])
def test_every_width_and_theme_shows_every_card_whole(
    shown: tuple[InsightsPage, MainWindow, Desk],
    qtbot,  # type: ignore[no-untyped-def]
    scheme: str,
) -> None:
    page, window, _ = shown
    theme().set_scheme(scheme)
    seen = set()
    for scale, width, direction in (
        (1.0, 1440, Qt.LayoutDirection.RightToLeft),
        (2.0, 1440, Qt.LayoutDirection.LeftToRight),
        (1.0, 420, Qt.LayoutDirection.LeftToRight),
    ):
        theme().set_scale(scale)
        window.setLayoutDirection(direction)
        window.resize(width, 800)
        QApplication.processEvents()
        inside = page._scroll.widget()
        assert inside.width() <= page._scroll.viewport().width()
        for card in page.panels.cards:
            check(card, inside)
        page.grab()
        seen.add(page._columns)
    assert seen == {3, 2, 1}


def check(card: Card, inside: QWidget) -> None:
    assert card.isVisible() and inside.rect().contains(card.geometry())
    chart = card.chart
    assert isinstance(chart, Chart) and chart.height() >= chart.sizeHint().height()
    for part in chart.parts():
        assert part.box.width() > 0 and part.words


def test_without_an_account_the_first_steps_stand_here(qtbot, opened: tuple[MainWindow, Desk]) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    desk.core.accounts.remove(desk.account)
    qtbot.waitUntil(lambda: not window.sidebar.accounts())
    window.show_view("page:insights")
    assert window.pages.currentWidget() is window.first_run
