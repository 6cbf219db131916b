"""Whole sets of keys, for hands that come from another program: what differs from the usual set, which is Gmail's."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["KEY_SETS", "Keys", "matching_set", "wanted_keys"]

Keys = tuple[tuple[str, ...], tuple[str, ...]]
"""(shortcuts, single keys)."""

KEY_SETS: Mapping[str, Mapping[str, Keys]] = {
    "usual": {},
    # Thunderbird: F and B go through messages, A archives, M is read or unread, S the star, # or digits tag.
    "thunderbird": {
        "next": (("Ctrl+PgDown",), ("f",)),
        "previous": (("Ctrl+PgUp",), ("b",)),
        "done": (("Ctrl+E",), ("a",)),
        "snooze": (("Ctrl+Shift+H",), ("h",)),
        "owner": (("Ctrl+Shift+A",), ("o",)),
    },
    # Outlook: no letters of its own; Backspace archives, Insert flags, Ctrl+E searches.
    "outlook": {
        "done": ((), ("Backspace", "e")),
        "star": (("Ctrl+D", "Ctrl+Shift+G"), ("Ins", "s")),
        "search": (("Ctrl+E", "Ctrl+Shift+F"), ("/",)),
        "mark-unread": (("Ctrl+U", "Ctrl+Shift+U"), ("U",)),
    },
}
"""Action to its keys; every action that is not named keeps its usual ones, as far as nobody else has them here."""


def wanted_keys(name: str, usual: Mapping[str, Keys]) -> dict[str, list[list[str]]]:
    """A set as ``Actions.restore_keys`` takes it: what differs from the usual. Raises KeyError for an unknown set."""
    changed = {
        action: keys for action, keys in KEY_SETS[name].items() if action in usual and keys != usual[action]
    }
    taken = {key for shortcuts, keys in changed.values() for key in (*shortcuts, *keys)}
    for action, (shortcuts, keys) in usual.items():
        if action not in changed and taken.intersection((*shortcuts, *keys)):
            changed[action] = (
                tuple(s for s in shortcuts if s not in taken),
                tuple(k for k in keys if k not in taken),
            )
    return {action: [list(shortcuts), list(keys)] for action, (shortcuts, keys) in changed.items()}


def matching_set(changed: Mapping[str, list[list[str]]], usual: Mapping[str, Keys]) -> str:
    """Which set the keys are now; empty when somebody chose keys of their own."""
    return next((name for name in KEY_SETS if wanted_keys(name, usual) == dict(changed)), "")
