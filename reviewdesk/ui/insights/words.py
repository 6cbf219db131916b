"""What the insights room says: counts, means, durations, days, ages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from reviewdesk.services.insights import AGES, Cut, Insights, Period
from reviewdesk.ui.reading.words import language_name

__all__ = [
    "age_titles",
    "change_words",
    "count",
    "cut_title",
    "days_words",
    "duration",
    "hours_words",
    "mean",
    "month",
    "percent",
    "period_short",
    "period_title",
    "period_words",
    "slice_name",
]

translate = QCoreApplication.translate
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def count(n: int) -> str:
    """``3,400``."""
    return QLocale().toString(n)


def mean(value: float | None, digits: int = 2) -> str:
    """``4.12``, or a dash."""
    return "–" if value is None else QLocale().toString(value, "f", digits)


def change_words(value: float) -> str:
    """``+1.70``, ``−0.30``."""
    sign = "+" if value >= 0 else "−"
    return f"{sign}{mean(abs(value))}"


def percent(part: int, whole: int) -> str:
    """``87 %``, or a dash."""
    return f"{round(100 * part / whole)} %" if whole else "–"


def duration(seconds: float | None) -> str:
    """``5 h 40 min``; days from two of them on, none of it finer than it need be."""
    if seconds is None:
        return "–"
    minutes = round(seconds / _MINUTE)
    if minutes < 60:
        return translate("insights", "{minutes} min").format(minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        words = translate("insights", "{hours} h").format(hours=hours)
        return (
            f"{words} {translate('insights', '{minutes} min').format(minutes=minutes)}" if minutes else words
        )
    days, hours = divmod(hours, 24)
    words = translate("insights", "{days} d").format(days=count(days))
    return f"{words} {translate('insights', '{hours} h').format(hours=hours)}" if hours else words


def month(first: date | None, following: date | None = None) -> str:
    """``Sep 2026``; ``before Sep 2021`` for what lies before the months."""
    if first is None:
        return translate("insights", "before {month}").format(month=month(following)) if following else ""
    return QLocale().toString(QDate(first.year, first.month, 1), "MMM yyyy")


def days_words(first: int | None, last: int | None) -> str:
    """``23 Aug 2026 to 21 Nov 2026``: when the oldest and the newest were written (UTC seconds)."""
    if first is None or last is None:
        return ""
    locale = QLocale()
    pattern = "d MMM yyyy"
    begin, end = (locale.toString(QDateTime.fromSecsSinceEpoch(s).date(), pattern) for s in (first, last))
    return begin if begin == end else translate("insights", "{first} to {last}").format(first=begin, last=end)


def period_title(period: Period) -> str:
    return {
        Period.MONTH: translate("insights", "30 days"),
        Period.QUARTER: translate("insights", "90 days"),
        Period.YEAR: translate("insights", "1 year"),
        Period.ALL: translate("insights", "All time"),
    }[period]


def period_short(period: Period) -> str:
    """Where there is little room."""
    return {
        Period.MONTH: translate("insights", "30 d"),
        Period.QUARTER: translate("insights", "90 d"),
        Period.YEAR: translate("insights", "1 y"),
        Period.ALL: translate("insights", "All"),
    }[period]


def period_words(period: Period) -> str:
    """The same within a sentence."""
    return translate("insights", "all time") if period is Period.ALL else period_title(period)


def cut_title(cut: Cut) -> str:
    return {
        Cut.ACCOUNT: translate("insights", "account"),
        Cut.SOURCE: translate("insights", "source"),
        Cut.LANGUAGE: translate("insights", "language"),
    }[cut]


def slice_name(cut: Cut, key: str, name: str, titles: Mapping[str, str]) -> str:
    """What one of the things laid side by side is called; ``titles``: the sources by their ids."""
    if cut is Cut.SOURCE:
        return titles.get(key, name)
    if cut is Cut.LANGUAGE:
        return language_name(key) if key else translate("insights", "not told")
    return name


def age_titles() -> tuple[str, ...]:
    """Of each part of the backlog, the youngest first."""
    titles = (
        translate("insights", "under 4 h"),
        translate("insights", "4 to 24 h"),
        translate("insights", "1 to 2 days"),
        translate("insights", "2 to 7 days"),
        translate("insights", "over 7 days"),
    )
    return titles[: len(AGES) + 1]


def hours_words(figures: Insights) -> str:
    """``Target 24 h, Mon to Fri 9 to 18``; empty where there is none."""
    if not figures.target_h:
        return ""
    target = translate("insights", "Target {hours} h").format(hours=figures.target_h)
    hours = figures.hours
    if hours.always:
        return translate("insights", "{target}, around the clock").format(target=target)
    days = sorted(hours.days)
    names = [QLocale().dayName(day, QLocale.FormatType.ShortFormat) for day in (days[0], days[-1])]
    return translate("insights", "{target}, {first} to {last}, {start} to {end}").format(
        target=target, first=names[0], last=names[1], start=hours.start, end=hours.end
    )
