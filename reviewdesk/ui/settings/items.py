"""One setting as a row: its words, its control, and the way back to its usual value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from reviewdesk.services.settings import Preference
from reviewdesk.ui.settings.controls import Segments, Stepper, Switch

if TYPE_CHECKING:
    from reviewdesk.services.settings import SettingsService as Settings

__all__ = ["Item", "Make", "minutes", "percent", "seconds"]

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


def percent(value: float) -> str:
    return translate("settings", "{n} %").format(n=round(value * 100))


def seconds(value: float) -> str:
    return translate("settings", "{n} s").format(n=round(value))


def minutes(value: float) -> str:
    return translate("settings", "{n} min").format(n=round(value))


class Make:
    """Makes the rows of preferences: a switch, a few words to choose from, a number by steps.

    Each takes the section, the head it stands under, title and line, and the preference it writes at once.
    ``then`` is called with the new value.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def _keep(self, preference: Preference[Any], then: Apply | None) -> Apply:
        def change(value: Any) -> None:
            self._settings.set(preference, value)
            if then is not None:
                then(value)

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
        change = self._keep(preference, then)

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
    ) -> Item:
        """One of a few (value, words)."""
        change = self._keep(preference, then)

        def make(parent: QWidget) -> QWidget:
            made = Segments(title, words, self._settings.get(preference), parent)
            made.chosen.connect(change)
            return made

        return Item(preference.key, section, head, title, line, make, partial(change, preference.default))

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
        apply = self._keep(preference, then)

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
