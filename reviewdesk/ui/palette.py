"""The command palette and the cheat sheet: everything there is to do, by its name, with its keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from reviewdesk.domain.text import fold, isolate
from reviewdesk.ui.picker import Choice, Picker
from reviewdesk.ui.reading.words import language_name

if TYPE_CHECKING:
    from reviewdesk.services.saved_replies import SavedReply
    from reviewdesk.ui.actions import Action
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["Palette"]

_RECENT_KEY = "palette.recent"
_RECENT = 5
_SELF = ("palette",)


class Palette(QObject):
    """Actions, views, accounts and settings of one window in one list; those that are off say why."""

    def __init__(self, window: MainWindow, picker: Picker) -> None:
        super().__init__(window)
        self._window, self._picker = window, picker
        self._recent = self._load()
        self._sources: list[Callable[[str], Iterable[Choice]]] = []
        self._saved: list[tuple[str, str]] = []
        """Name and what stands beside it."""
        self._shelf: tuple[object, list[Choice]] = (None, [])

    def add_source(self, offer: Callable[[str], Iterable[Choice]]) -> None:
        """Choices that are no actions. ``offer`` gets what was typed so far and must answer at once."""
        self._sources.append(offer)

    # --- palette ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Ctrl+K."""
        bridge = self._window.bridge
        bridge.run(bridge.core.saved_replies.list, done=self._on_saved, owner=self, key="palette-saved")
        self._picker.ask(
            "palette",
            self._offer,
            title=self.tr("Commands"),
            placeholder=self.tr("What do you want to do"),
            context=self._about(),
            fallback=self._window.inbox,
        )

    def _on_saved(self, replies: list[SavedReply]) -> None:
        known = [(reply.name, self._beside(reply)) for reply in replies]
        if known != self._saved:
            self._saved = known
            if self._picker.isVisible() and self._picker.name == "palette":
                self._picker.refresh()

    def _beside(self, reply: SavedReply) -> str:
        """``French, German, used 38 times``, as far as there is something to say."""
        parts = [language_name(code) for code in sorted(reply.texts) if code]
        if reply.used:
            parts.append(self.tr("used %n times", "", reply.used))
        return ", ".join(parts)

    def _saved_choices(self) -> list[Choice]:
        window = self._window
        none = "" if window.inbox.current_id() else self.tr("Choose a review first")
        return [
            Choice(
                f"saved:{name}",
                name,
                partial(window.use_saved, name),
                section=self.tr("Saved replies"),
                icon="quotes",
                hint=beside,
                reason=none,
            )
            for name, beside in self._saved
        ]

    def _about(self) -> str:
        ids = self._window.ids()
        if len(ids) > 1:
            return self.tr("on %n reviews", "", len(ids))
        detail = self._window.reading.detail()
        if not ids or detail is None or detail.row.id != ids[0]:
            return ""
        name = isolate((detail.row.author_name or self.tr("Anonymous"))[:40])
        spec = self._window.reading.spec_of(detail)
        source = spec.title if spec is not None else ""
        words = self.tr("on {name}, {source}") if source else self.tr("on {name}")
        return words.format(name=name, source=source)

    def _offer(self, typed: str) -> list[Choice]:
        found = self._value(typed) + self._usual()
        for offer in self._sources:
            found += offer(typed)
        return found

    def _value(self, typed: str) -> list[Choice]:
        """A value behind the action's name: "snooze mon 9"."""
        window = self._window
        ids = window.ids()
        first, _, more = typed.strip().partition(" ")
        title = fold(window.actions_["snooze"].title)
        named = len(first) > 2 and any(name.startswith(fold(first)) for name in ("snooze", title))
        if not (ids and more and named):
            return []
        return [
            Choice(
                "snooze-value",
                self.tr("Snooze: {until}").format(until=choice.title),
                choice.run,
                section=self.tr("Actions"),
                icon="moon",
                also=(typed.strip(),),
            )
            for choice in window.choosing.offer_snooze(ids, more)[:1]
        ]

    def _usual(self) -> list[Choice]:
        """All that does not hang on what is typed: made once, and again when something of it changed.

        A key must be answered before the next one comes; the choices keep the form in which they are compared.
        """
        window = self._window
        single = window.actions_.single_keys
        actions = [a for a in window.actions_.all() if a.id not in _SELF]
        entries = [e for e in window.sidebar.entries() if e.kind in ("view", "account")]
        state = (
            single,
            tuple(self._recent),
            tuple((a.title, a.reason, a.shortcuts, a.keys) for a in actions),
            entries,
            tuple(self._saved),
            bool(window.inbox.current_id()),
        )
        if state == self._shelf[0]:
            return list(self._shelf[1])
        found: list[Choice] = []
        recent = [a for name in self._recent for a in actions if a.id == name]
        rest = [a for a in actions if a.id not in self._recent]
        found += [self._choice(a, self.tr("Recent"), single) for a in recent]
        found += [self._choice(a, self.tr("Actions"), single) for a in rest]
        for entry in entries:
            section = self.tr("Views") if entry.kind == "view" else self.tr("Accounts")
            found.append(
                Choice(
                    entry.key,
                    self.tr("Go to {view}").format(view=entry.label),
                    partial(window.show_view, entry.key),
                    section=section,
                    icon=entry.icon or "storefront",
                    hint=entry.shown_count,
                    also=(entry.query,) if entry.kind == "view" else (),
                )
            )
        found += self._saved_choices()
        found += window.setting_choices()
        self._shelf = (state, found)
        return list(found)

    def _choice(self, action: Action, section: str, single: bool) -> Choice:
        return Choice(
            action.id,
            action.title,
            partial(self._run, action.id),
            section=section,
            icon=action.icon,
            also=action.also,
            caps=action.caps(single=single),
            reason=action.reason or "",
            value=f"{action.title} " if action.id == "snooze" else "",
        )

    def _run(self, name: str) -> None:
        self._recent = [name, *(n for n in self._recent if n != name)][:_RECENT]
        self._window.core.settings.set_text(_RECENT_KEY, json.dumps(self._recent))
        self._window.actions_.trigger(name)

    def _load(self) -> list[str]:
        try:
            kept = json.loads(self._window.core.settings.text(_RECENT_KEY) or "[]")
        except ValueError:
            return []
        return [name for name in kept if isinstance(name, str)][:_RECENT] if isinstance(kept, list) else []

    # --- cheat sheet -----------------------------------------------------------------------------

    def open_cheat_sheet(self) -> None:
        """? and F1: exactly the keys that act now."""
        self._picker.ask(
            "keys",
            self._offer_keys,
            title=self.tr("Keys"),
            placeholder=self.tr("Search for a key or what it does"),
            fallback=self._window.inbox,
        )

    def _offer_keys(self, _typed: str) -> list[Choice]:
        single = self._window.actions_.single_keys
        groups: dict[str, list[Choice]] = {}
        for action in self._window.actions_.all():
            caps = action.caps(single=single)
            if caps:
                head = action.group or self.tr("Other")
                choice = self._choice(action, head, single)
                groups.setdefault(head, []).append(choice)
        found = [choice for group in groups.values() for choice in group]
        # Typing a key finds what it does.
        return [
            Choice(
                c.key,
                c.title,
                c.run,
                section=c.section,
                icon=c.icon,
                also=(*c.also, *c.caps),
                caps=c.caps,
                reason=c.reason,
            )
            for c in found
        ]
