"""One setting as a row: its words, its control, and the way back to its usual value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QLocale, QTime
from PySide6.QtWidgets import QWidget

from reviewdesk.services.settings import Preference
from reviewdesk.ui.settings.cards import Cards, Draw
from reviewdesk.ui.settings.controls import Segments, Stepper, Switch

if TYPE_CHECKING:
    from reviewdesk.services.settings import SettingsService as Settings

__all__ = ["History", "Item", "Make", "Step", "clock", "hours", "minutes", "percent", "seconds"]

translate = QCoreApplication.translate
Apply = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Item:
    """One setting. ``make`` builds its control for the present value, ``reset`` puts the usual one back."""

    key: str
    section: str
    head: str
    title: str
    line: str
    make: Callable[[QWidget], QWidget]
    reset: Callable[[], object]
    wide: bool = False
    """Whether the control stands below the words, over the whole width."""


def percent(value: float) -> str:
    return translate("settings", "{n} %").format(n=round(value * 100))


def seconds(value: float) -> str:
    return translate("settings", "{n} s").format(n=round(value))


def hours(value: float) -> str:
    return translate("settings", "{n} h").format(n=round(value))


def clock(value: float) -> str:
    """An hour of the day as the locale writes it."""
    hour = round(value) % 24
    return QLocale().toString(QTime(hour, 0), QLocale.FormatType.ShortFormat)


def minutes(value: float) -> str:
    return translate("settings", "{n} min").format(n=round(value))


@dataclass(frozen=True, slots=True)
class Step:
    """A change that can be taken back."""

    key: str
    title: str
    back: Callable[[], object]


class History:
    """What was changed in the settings since the window was opened first, newest last. ``changed`` is told of it."""

    def __init__(self) -> None:
        self._steps: list[list[Step]] = []
        self._open: list[Step] | None = None
        self._quiet = False
        self.changed: Callable[[], object] = lambda: None

    def note(self, step: Step) -> None:
        """A change just happened."""
        if self._quiet:
            return
        if self._open is not None:
            self._open.append(step)
        else:
            self._steps.append([step])
        self.changed()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What happens inside is one step."""
        self._open = []
        try:
            yield
        finally:
            steps, self._open = self._open, None
            if steps:
                self._steps.append(steps)
            self.changed()

    def last(self) -> str:
        """The title of what ``undo`` would take back; empty when there is nothing."""
        return self._steps[-1][0].title if self._steps else ""

    def undo(self) -> tuple[str, ...]:
        """Take the newest step back; the keys of the settings it was about."""
        if not self._steps:
            return ()
        steps = self._steps.pop()
        self._quiet = True
        try:
            for step in reversed(steps):
                step.back()
        finally:
            self._quiet = False
        self.changed()
        return tuple(step.key for step in steps)


class Make:
    """Makes the rows of preferences: a switch, a few words to choose from, a number by steps.

    Each takes the section, the head it stands under, title and line, and the preference it writes at once.
    ``then`` is called with the new value.
    """

    def __init__(self, settings: Settings, history: History) -> None:
        self._settings = settings
        self.history = history

    def _keep(self, preference: Preference[Any], then: Apply | None, title: str) -> Apply:
        def change(value: Any) -> None:
            before = self._settings.get(preference)
            self._settings.set(preference, value)
            if then is not None:
                then(value)
            if value != before:
                self.history.note(Step(preference.key, title, partial(change, before)))

        return change

    def switch(
        self,
        section: str,
        head: str,
        title: str,
        line: str,
        preference: Preference[bool],
        then: Apply | None = None,
    ) -> Item:
        """On or off."""
        change = self._keep(preference, then, title)

        def make(parent: QWidget) -> QWidget:
            made = Switch(title, bool(self._settings.get(preference)), parent)
            made.toggled.connect(change)
            return made

        return Item(preference.key, section, head, title, line, make, partial(change, preference.default))

    def choice(
        self,
        section: str,
        head: str,
        title: str,
        line: str,
        preference: Preference[str],
        words: tuple[tuple[str, str], ...],
        then: Apply | None = None,
        draw: Draw | None = None,
    ) -> Item:
        """One of a few (value, words); with ``draw`` each has its picture."""
        change = self._keep(preference, then, title)

        def make(parent: QWidget) -> QWidget:
            now = self._settings.get(preference)
            if draw is not None:
                cards = Cards(title, words, now, draw, parent=parent)
                cards.chosen.connect(change)
                return cards
            made = Segments(title, words, now, parent)
            made.chosen.connect(change)
            return made

        reset = partial(change, preference.default)
        return Item(preference.key, section, head, title, line, make, reset, wide=draw is not None)

    def steps(
        self,
        section: str,
        head: str,
        title: str,
        line: str,
        preference: Preference[Any],
        step: float,
        words: Callable[[float], str],
        then: Apply | None = None,
    ) -> Item:
        """A number between the preference's low and high; ``words`` says it with its unit."""
        whole = isinstance(preference.default, int)
        apply = self._keep(preference, then, title)

        def change(value: float) -> None:
            apply(round(value) if whole else value)

        def make(parent: QWidget) -> QWidget:
            made = Stepper(
                title,
                float(self._settings.get(preference)),
                low=float(preference.low or 0),
                high=float(preference.high or 0),
                step=step,
                words=words,
                parent=parent,
            )
            made.changed.connect(change)
            return made

        return Item(preference.key, section, head, title, line, make, partial(apply, preference.default))
