"""What the page shows: four cells and five cards, and the words and numbers that go into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from reviewdesk.domain.models import Account
from reviewdesk.services.insights import Cut, Door, Insights
from reviewdesk.ui.insights import words
from reviewdesk.ui.insights.before_after import BeforeAfter
from reviewdesk.ui.insights.card import Card
from reviewdesk.ui.insights.cells import FigureCell, Said
from reviewdesk.ui.insights.charts import Bar, BarChart, Stack, StackChart, TrendChart
from reviewdesk.ui.insights.table import Cell, counted
from reviewdesk.ui.widgets import PlainLabel

__all__ = ["Found", "Panels"]

MOST_STACKS = 10
"""Lines of a chart; the table has them all."""


@dataclass(frozen=True, slots=True)
class Found:
    """The figures, and what their names are made of: accounts by their numbers, codes and titles of the sources."""

    figures: Insights
    accounts: Mapping[str, Account]
    codes: Mapping[str, str]
    titles: Mapping[str, str]
    took_ms: int


class Panels(QObject):
    """``opened`` carries the search behind a figure."""

    opened = Signal(str)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._found: Found | None = None
        self.needs = FigureCell(self.tr("Needs reply"), page)
        self.speed = FigureCell(self.tr("Median first reply"), page)
        self.rate = FigureCell(self.tr("Reply rate"), page)
        self.score = FigureCell(self.tr("Mean score"), page)
        self.cells = (self.needs, self.speed, self.rate, self.score)
        self._ages, self._spread, self._outcomes = BarChart(page), BarChart(page), BarChart(page)
        self._line, self._stacks = TrendChart(page), StackChart(page)
        self.backlog = Card(self.tr("Waiting for an answer"), self._ages, page)
        self.trend = Card(self.tr("Score by month"), self._line, page)
        self.stars = Card(self.tr("Scores"), self._spread, page)
        self.sources = Card(self.tr("Scores by account"), self._stacks, page)
        self.effect = Card(self.tr("Effect of replies"), self._outcomes, page)
        self.cards = (self.backlog, self.trend, self.stars, self.sources, self.effect)
        self._means = BeforeAfter(self.effect)
        self._change = PlainLabel(parent=self.effect, role="text-2")
        self.effect.above.addWidget(self._means)
        self.effect.above.addWidget(self._change)
        for part in (*self.cells, *self.cards):
            part.opened.connect(self.opened)

    def in_order(self, first: QWidget) -> None:
        """Let Tab go through everything as it is read, from ``first`` on."""
        for widget in (*self.cells, *(w for card in self.cards for w in card.in_order())):
            QWidget.setTabOrder(first, widget)
            first = widget

    def set_dim(self, dim: bool) -> None:
        """Whether the figures are being computed anew."""
        for part in (*self.cells, *self.cards, self._means):
            part.set_dim(dim)
        self._change.set_role("text-off" if dim else "text-2")

    def show_figures(self, found: Found, cut: Cut) -> None:
        """Bring everything up to these."""
        self._found = found
        self._tell_cells(found.figures)
        self._tell_backlog(found.figures)
        self._tell_trend(found.figures)
        self._tell_stars(found.figures)
        self._tell_effect(found.figures)
        self.show_cut(cut)

    def _n(self, door: Door, period: str = "") -> str:
        """``n = 1,284, 90 days``."""
        if not period and self._found is not None:
            period = words.period_words(self._found.figures.period)
        return self.tr("n = {count}, {period}").format(count=words.count(door.n), period=period)

    def _tell_cells(self, figures: Insights) -> None:
        period, now = words.period_words(figures.period), self.tr("now")
        new = self.tr("{count} new").format(count=words.count(figures.new.n))
        lines = [[Said(new, figures.new)]]
        if figures.overdue is not None:
            late = self.tr("{count} overdue").format(count=words.count(figures.overdue.n))
            lines.append([Said(late, figures.overdue, "warn" if figures.overdue.n else "")])
        self.needs.show_figure(words.count(figures.needs_reply.n), "", now, figures.needs_reply, lines)
        times = figures.reply_time
        known = Said(self.tr("n = {count}").format(count=words.count(times.known.n)))
        whole = self.tr("{time} around the clock").format(time=words.duration(times.median))
        if times.working is not None:
            value, unit, more = words.duration(times.working), self.tr("of working hours"), [Said(whole)]
        else:
            value, unit, more = words.duration(times.median), "", []
        self.speed.show_figure(value, unit, period, times.known, [[known], more])
        of = self.tr("{count} that can be answered").format(count=words.count(figures.answerable.n))
        answered = self.tr("{count} answered").format(count=words.count(figures.replied.n))
        rate = words.percent(figures.replied.n, figures.answerable.n)
        self.rate.show_figure(
            rate,
            "",
            period,
            figures.replied,
            [[Said(answered, figures.replied), Said(self.tr("of"))], [Said(of, figures.answerable)]],
        )
        without = self.tr("{count} without a score").format(count=words.count(figures.unscored.n))
        scored = Said(self.tr("n = {count}").format(count=words.count(figures.scored.n)))
        self.score.show_figure(
            words.mean(figures.mean),
            self.tr("of 5"),
            period,
            figures.scored,
            [[scored], [Said(without, figures.unscored)]],
        )

    def _tell_backlog(self, figures: Insights) -> None:
        bars = [Bar(title, door) for title, door in zip(words.age_titles(), figures.ages, strict=True)]
        if figures.overdue is not None:
            bars.append(Bar(self.tr("of them overdue"), figures.overdue, role="warn", ink="warn"))
        self._ages.set_bars(bars)
        self.backlog.set_title(self.tr("Waiting for an answer"), self._n(figures.due, self.tr("now")))
        self.backlog.set_note(words.hours_words(figures))
        self.backlog.set_table(
            (self.tr("Age"), self.tr("Reviews")), [(Cell(bar.title), counted(bar.door)) for bar in bars]
        )

    def _tell_trend(self, figures: Insights) -> None:
        days = [month.first for month in figures.months]
        names = [
            words.month(day, days[place + 1] if place + 1 < len(days) else None)
            for place, day in enumerate(days)
        ]
        self._line.set_months(
            [(name, month.mean, month.scored) for name, month in zip(names, figures.months, strict=True)]
        )
        self.trend.set_title(self.tr("Score by month"), self._n(figures.scored))
        self.trend.set_table(
            (self.tr("Month"), self.tr("Mean of 5"), self.tr("Reviews")),
            [
                (Cell(name), Cell(words.mean(month.mean)), counted(month.scored))
                for name, month in reversed(list(zip(names, figures.months, strict=True)))
            ],
        )

    def _tell_stars(self, figures: Insights) -> None:
        bars = []
        for stars in range(5, 0, -1):
            door = figures.stars[stars - 1]
            title = self.tr("{stars} stars").format(stars=stars) if stars > 1 else self.tr("1 star")
            bars.append(Bar(title, door, words.percent(door.n, figures.scored.n), f"seg{stars}"))
        self._spread.set_bars(bars)
        self.stars.set_title(self.tr("Scores"), self._n(figures.scored))
        self.stars.set_table(
            (self.tr("Score"), self.tr("Share"), self.tr("Reviews")),
            [(Cell(bar.title), Cell(bar.more), counted(bar.door)) for bar in bars],
        )

    def show_cut(self, cut: Cut) -> None:
        """Lay scores side by side by account, source or language."""
        found = self._found
        if found is None:
            return
        slices = found.figures.cuts[cut]
        names = [words.slice_name(cut, each.key, each.name, found.titles) for each in slices]
        stacks = []
        for each, name in zip(slices, names, strict=True):
            account = found.accounts.get(each.key) if cut is Cut.ACCOUNT else None
            stacks.append(
                Stack(
                    name,
                    each.scored,
                    each.parts,
                    each.mean,
                    account.colour if account is not None else 0,
                    found.codes.get(account.provider, "") if account is not None else "",
                )
            )
        self._stacks.set_stacks(stacks[:MOST_STACKS])
        more = len(stacks) - MOST_STACKS
        self.sources.set_note(self.tr("{count} more in the table").format(count=more) if more > 0 else "")
        title = self.tr("Scores by {what}").format(what=words.cut_title(cut))
        # Its last word is the button that chooses another.
        self.sources.set_title(title, self._n(found.figures.scored), self.tr("Scores by"))
        head = (words.cut_title(cut), *(words.count(n) for n in range(1, 6)), "n", self.tr("Mean"))
        rows = [
            (Cell(s.name), *map(counted, s.parts), counted(s.whole), Cell(words.mean(s.mean))) for s in stacks
        ]
        self.sources.set_table(head, rows)

    def _tell_effect(self, figures: Insights) -> None:
        effect = figures.effect
        self._means.set_means(effect.before, effect.after)
        change = ""
        if effect.before is not None and effect.after is not None:
            change = self.tr("mean change {change}, edited after our first reply").format(
                change=words.change_words(effect.after - effect.before)
            )
        self._change.setText(change or self.tr("No review was edited after a reply of ours"))
        bars = [
            Bar(self.tr("raised"), effect.up),
            Bar(self.tr("unchanged"), effect.same),
            Bar(self.tr("lowered"), effect.down),
        ]
        self._outcomes.set_bars(bars)
        self.effect.set_title(self.tr("Effect of replies"), self._n(effect.edited))
        self.effect.set_table(
            (self.tr("Score after our reply"), self.tr("Reviews")),
            [
                *((Cell(bar.title), counted(bar.door)) for bar in bars),
                (Cell(self.tr("edited after our reply")), counted(effect.edited)),
            ],
        )
