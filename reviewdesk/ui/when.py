"""A moment as people type it: ``mon 9``, ``tomorrow``, ``in 3 days``, ``14:30``, ``24 dec``, ``2026-12-24 9:00``."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTime

from reviewdesk.domain.text import fold

__all__ = ["moment_sentence", "moment_words", "parse_when"]

_MORNING = QTime(9, 0)
_CLOCK = re.compile(r"^(\d{1,2})(?:[:.h](\d{2}))?(am|pm)?$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_UNITS = {
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86_400,
    "day": 86_400,
    "w": 604_800,
    "week": 604_800,
}
_DAY_S = 86_400


def parse_when(text: str, now: float) -> int | None:
    """UTC seconds of a future moment, or None where the words mean nothing yet.

    Names of days and months are understood in English and in the language of the system.
    """
    words = fold(text).replace(",", " ").split()
    here = QDateTime.fromSecsSinceEpoch(int(now))
    if not words:
        return None
    if words[0] == "in":
        words = words[1:]
    ahead = _span(words)
    if ahead is not None:
        # Days are those of the calendar: where clocks are changed meanwhile, the hour of the day stays.
        days, rest = divmod(ahead, _DAY_S)
        return int(here.addDays(days).toSecsSinceEpoch()) + rest
    date: QDate | None = None
    time: QTime | None = None
    number: int | None = None
    today = here.date()
    for word in words:
        found = _day(word, today)
        month = _month(word)
        iso = _ISO.match(word)
        if found is not None and date is None:
            date = found
        elif iso is not None and date is None:
            date = QDate(int(iso[1]), int(iso[2]), int(iso[3]))
        elif month and number is not None and date is None:
            date, number = _in_year(number, month, today), None
        elif word in ("at", "um", "a") and time is None:
            continue
        elif (clock := _clock(word)) is not None and time is None:
            if word.isdigit() and number is None and date is None:
                number = int(word)
            else:
                time = clock
        elif word.rstrip(".").isdigit() and number is None and date is None:
            number = int(word.rstrip("."))
        else:
            return None
    if number is not None and time is None:
        time = QTime(number, 0) if 0 <= number < 24 else None
        if time is None:
            return None
    if date is None and time is None:
        return None
    if date is None:
        when = QDateTime(today, time or _MORNING)
        if when <= here:
            when = when.addDays(1)
    else:
        when = QDateTime(date, time or _MORNING)
    return int(when.toSecsSinceEpoch()) if when.isValid() and when > here else None


def moment_words(until_s: float, now: float) -> str:
    """``today 17:00``, ``Mon 9:00``, ``24 Dec 9:00`` in the system's own form."""
    when, here = QDateTime.fromSecsSinceEpoch(int(until_s)), QDateTime.fromSecsSinceEpoch(int(now))
    locale = QLocale()
    time = locale.toString(when.time(), QLocale.FormatType.ShortFormat)
    days = here.date().daysTo(when.date())
    if days == 0:
        return QCoreApplication.translate("snooze", "today {time}").format(time=time)
    if days < 7:
        return f"{locale.standaloneDayName(when.date().dayOfWeek(), QLocale.FormatType.ShortFormat)} {time}"
    return f"{locale.toString(when.date(), QLocale.FormatType.ShortFormat)} {time}"


def moment_sentence(at: float, now: float) -> str:
    """A moment to come in the local time of that day, with a word where clocks are changed before it."""
    when, here = QDateTime.fromSecsSinceEpoch(int(at)), QDateTime.fromSecsSinceEpoch(int(now))
    locale = QLocale()
    day = locale.toString(when.date(), QLocale.FormatType.LongFormat)
    time = locale.toString(when.time(), QLocale.FormatType.ShortFormat)
    said = QCoreApplication.translate("outbox", "{day} at {time} ({zone})")
    said = said.format(day=day, time=time, zone=when.timeZoneAbbreviation())
    if when.isDaylightTime() != here.isDaylightTime() and when.offsetFromUtc() != here.offsetFromUtc():
        said += ". " + QCoreApplication.translate("outbox", "The clocks are changed before it.")
    return said


def _span(words: list[str]) -> int | None:
    """``3 days``, ``2h``: seconds."""
    joined = "".join(words)
    found = re.match(r"^(\d{1,4})([a-z]+)$", joined)
    if found is None:
        return None
    unit = found[2] if found[2] in _UNITS else found[2].rstrip("s")
    seconds = int(found[1]) * _UNITS.get(unit, 0)
    return seconds if 0 < seconds <= 5 * 366 * 86_400 else None


def _day(word: str, today: QDate) -> QDate | None:
    if word in ("today", fold(QCoreApplication.translate("snooze", "today"))):
        return today
    if word in ("tomorrow", "tom", fold(QCoreApplication.translate("snooze", "tomorrow"))):
        return today.addDays(1)
    if len(word) < 2 or word.isdigit():
        return None
    for locale in (QLocale(QLocale.Language.English), QLocale()):
        for day in range(1, 8):
            if fold(locale.standaloneDayName(day)).startswith(word.rstrip(".")):
                ahead = (day - today.dayOfWeek()) % 7
                return today.addDays(ahead or 7)
    return None


def _month(word: str) -> int:
    if len(word) < 3 or word.isdigit():
        return 0
    for locale in (QLocale(QLocale.Language.English), QLocale()):
        for month in range(1, 13):
            if fold(locale.standaloneMonthName(month)).startswith(word.rstrip(".")):
                return month
    return 0


def _in_year(day: int, month: int, today: QDate) -> QDate | None:
    for year in (today.year(), today.year() + 1):
        date = QDate(year, month, day)
        if date.isValid() and date > today:
            return date
    return None


def _clock(word: str) -> QTime | None:
    found = _CLOCK.match(word)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] == "pm" and hour < 12:
        hour += 12
    if found[3] == "am" and hour == 12:
        hour = 0
    time = QTime(hour, minute)
    return time if time.isValid() else None
