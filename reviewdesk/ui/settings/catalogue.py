"""Every setting there is: where it stands, its words, and what it is changed with. Only what has an effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from reviewdesk.services.settings import (
    BODY_SCALE,
    LAYOUT,
    LOAD_PICTURES,
    READ_AFTER_S,
    READ_POLICY,
    REDUCE_MOTION,
    SCALE,
    SEND_AND_DONE,
    SINGLE_KEYS,
    SYNC_MINUTES,
    THEME,
    UNDO_DELAY_S,
    Preference,
)
from reviewdesk.ui.settings.controls import Segments, Stepper, Switch
from reviewdesk.ui.theme import theme

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["SECTIONS", "Item", "catalogue", "section_titles"]

translate = QCoreApplication.translate
SECTIONS = ("general", "reading", "writing", "shortcuts", "appearance", "about")
Apply = Callable[[Any], object]


def section_titles() -> dict[str, tuple[str, str]]:
    """Section to (title, icon)."""
    return {
        "general": (translate("settings", "General"), "house"),
        "reading": (translate("settings", "Reading"), "book-open"),
        "writing": (translate("settings", "Writing"), "pencil-simple"),
        "shortcuts": (translate("settings", "Shortcuts"), "keyboard"),
        "appearance": (translate("settings", "Appearance"), "palette"),
        "about": (translate("settings", "About"), "info"),
    }


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


def catalogue(window: MainWindow) -> list[Item]:
    """All of them, in the order of the pages."""
    settings = window.core.settings

    def keep(preference: Preference[Any], then: Apply | None = None) -> Apply:
        def change(value: Any) -> None:
            settings.set(preference, value)
            if then is not None:
                then(value)

        return change

    def switch(
        section: str, head: str, title: str, line: str, preference: Preference[bool], then: Apply | None
    ) -> Item:
        change = keep(preference, then)

        def make(parent: QWidget) -> QWidget:
            made = Switch(title, bool(settings.get(preference)), parent)
            made.toggled.connect(change)
            return made

        return Item(preference.key, section, head, title, line, make, partial(change, preference.default))

    def choice(
        section: str,
        head: str,
        title: str,
        line: str,
        preference: Preference[str],
        words: tuple[tuple[str, str], ...],
        then: Apply | None = None,
        value: Callable[[], str] | None = None,
    ) -> Item:
        change = keep(preference, then)

        def make(parent: QWidget) -> QWidget:
            made = Segments(title, words, value() if value is not None else settings.get(preference), parent)
            made.chosen.connect(change)
            return made

        return Item(preference.key, section, head, title, line, make, partial(change, preference.default))

    def steps(
        section: str,
        head: str,
        title: str,
        line: str,
        preference: Preference[Any],
        step: float,
        words: Callable[[float], str],
        then: Apply | None = None,
    ) -> Item:
        whole = isinstance(preference.default, int)
        apply = keep(preference, then)

        def change(value: float) -> None:
            apply(round(value) if whole else value)

        def make(parent: QWidget) -> QWidget:
            made = Stepper(
                title,
                float(settings.get(preference)),
                low=float(preference.low or 0),
                high=float(preference.high or 0),
                step=step,
                words=words,
                parent=parent,
            )
            made.changed.connect(change)
            return made

        return Item(preference.key, section, head, title, line, make, partial(apply, preference.default))

    def percent(value: float) -> str:
        return translate("settings", "{n} %").format(n=round(value * 100))

    def seconds(value: float) -> str:
        return translate("settings", "{n} s").format(n=round(value))

    def minutes(value: float) -> str:
        return translate("settings", "{n} min").format(n=round(value))

    sync = translate("settings", "Syncing")
    opened = translate("settings", "Opened reviews")
    publishing = translate("settings", "Publishing")
    colours = translate("settings", "Colours")
    lists = translate("settings", "List")
    text = translate("settings", "Text")
    return [
        steps(
            "general", sync, translate("settings", "Look for new reviews every"),
            translate("settings", "Sources with limits are asked less often"), SYNC_MINUTES, 1, minutes,
        ),
        choice(
            "reading", opened, translate("settings", "Mark as read"),
            translate("settings", "By hand: only M and Shift+I change it"), READ_POLICY,
            (
                ("open", translate("settings", "At once")),
                ("delay", translate("settings", "After a while")),
                ("hand", translate("settings", "By hand")),
            ),
        ),
        steps(
            "reading", opened, translate("settings", "A while is"), "", READ_AFTER_S, 1, seconds,
        ),
        choice(
            "reading", opened, translate("settings", "Pictures"),
            translate("settings", "Never: no picture is asked for unless you press it"), LOAD_PICTURES,
            (
                ("never", translate("settings", "Never")),
                ("thumbnails", translate("settings", "Small")),
                ("always", translate("settings", "Always")),
            ),
        ),
        steps(
            "writing", publishing, translate("settings", "Time to undo before a reply goes out"),
            translate("settings", "0 publishes at once"), UNDO_DELAY_S, 5, seconds,
        ),
        switch(
            "writing", publishing, translate("settings", "A published reply makes its review done"),
            "", SEND_AND_DONE, None,
        ),
        switch(
            "shortcuts", translate("settings", "Single keys"), translate("settings", "Single keys"),
            translate("settings", "E, R, J and others act in the list and the reading pane, never in text"),
            SINGLE_KEYS, window.actions_.set_single_keys,
        ),
        choice(
            "appearance", colours, translate("settings", "Scheme"), "", THEME,
            (
                ("system", translate("settings", "Like the system")),
                ("light", translate("settings", "Light")),
                ("dark", translate("settings", "Dark")),
                ("contrast", translate("settings", "High contrast")),
            ),
            theme().set_scheme,
        ),
        _density(window, lists),
        choice(
            "appearance", lists, translate("settings", "Layout"), "", LAYOUT,
            (
                ("three-panes", translate("settings", "Three panes")),
                ("list-above", translate("settings", "List above")),
                ("list-only", translate("settings", "List only")),
            ),
            window.set_layout,
        ),
        steps(
            "appearance", text, translate("settings", "Size of the interface"),
            translate("settings", "Windows, lists and buttons"), SCALE, 0.1, percent, theme().set_scale,
        ),
        steps(
            "appearance", text, translate("settings", "Size of review text"),
            translate("settings", "Ctrl + and Ctrl - in the reading pane"), BODY_SCALE, 0.1, percent,
            theme().set_body_scale,
        ),
        switch(
            "appearance", text, translate("settings", "Reduce motion"),
            translate("settings", "Off: as the system says"), REDUCE_MOTION, theme().set_reduced_motion,
        ),
    ]  # fmt: skip


def _density(window: MainWindow, head: str) -> Item:
    """The list keeps its density itself."""
    title = translate("settings", "Density of the list")
    words = (
        ("comfortable", translate("settings", "Comfortable, 3 lines")),
        ("normal", translate("settings", "Normal, 2 lines")),
        ("compact", translate("settings", "Compact, 1 line")),
    )

    def make(parent: QWidget) -> QWidget:
        made = Segments(title, words, window.inbox.density(), parent)
        made.chosen.connect(window.inbox.set_density)
        return made

    return Item(
        "look.density", "appearance", head, title, "", make, partial(window.inbox.set_density, "comfortable")
    )
