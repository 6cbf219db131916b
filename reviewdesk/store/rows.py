"""A row of the list straight from the database.

A page of the inbox is a hundred of them, and making a hundred values of twenty-eight fields took three times as long as
reading them. So a row read here keeps what SQLite gave and says each field when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from reviewdesk.domain.models import (
    ProviderState,
    ReplyMark,
    ReviewKind,
    ReviewRow,
    WorkState,
)

__all__ = ["ROW_COLUMNS", "row_of"]

_NAMES = (
    "id", "account_id", "kind", "native_id", "score", "score_min", "score_max", "score100", "author_name",
    "product_name", "order_id", "snippet", "language", "created_s", "updated_s", "provider_state", "work_state",
    "reply_mark", "unread", "starred", "edited", "photos", "has_draft", "owner", "tag_names", "source",
    "snooze_until_s", "twin_of",
)  # fmt: skip
ROW_COLUMNS = ", ".join(_NAMES)
"""What ``row_of`` takes, in this order."""


def _tags(names: str) -> tuple[str, ...]:
    return tuple(names.split("\n")) if names else ()


# The field of ``ReviewRow`` that a column of another name or another type is.
_COLUMN_OF = {
    "created_at": "created_s", "updated_at": "updated_s", "has_photo": "photos", "tags": "tag_names",
    "snooze_until": "snooze_until_s",
}  # fmt: skip
_MEANING: dict[str, Callable[[Any], Any]] = {
    "kind": {kind.value: kind for kind in ReviewKind}.__getitem__,
    "provider_state": {state.value: state for state in ProviderState}.__getitem__,
    "work_state": {state.value: state for state in WorkState}.__getitem__,
    "reply_mark": {mark.value: mark for mark in ReplyMark}.__getitem__,
    "unread": bool,
    "starred": bool,
    "edited": bool,
    "has_photo": bool,
    "has_draft": bool,
    "tags": _tags,
}
_FIELDS = tuple(field.name for field in fields(ReviewRow))


class _StoredRow(ReviewRow):
    """Equal to a ``ReviewRow`` with the same fields; ``dataclasses.replace`` gives one of those."""

    __slots__ = ("_values",)
    _values: tuple[Any, ...]

    def __new__(cls, **fields: Any) -> Any:
        return ReviewRow(**fields)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _StoredRow):
            return self._values == other._values
        if isinstance(other, ReviewRow):
            return all(getattr(self, name) == getattr(other, name) for name in _FIELDS)
        return NotImplemented

    def __hash__(self) -> int:
        # As the dataclass has it: equal values, equal hashes.
        return hash(tuple(getattr(self, name) for name in _FIELDS))

    def __reduce__(self) -> tuple[Any, ...]:
        return row_of, (self._values,)


def _field(at: int, meaning: Callable[[Any], Any] | None) -> property:
    if meaning is None:
        return property(lambda row: row._values[at])

    def get(row: _StoredRow) -> Any:
        return meaning(row._values[at])

    return property(get)


for _name in _FIELDS:
    setattr(_StoredRow, _name, _field(_NAMES.index(_COLUMN_OF.get(_name, _name)), _MEANING.get(_name)))

_new = object.__new__
_put = _StoredRow.__dict__["_values"].__set__


def row_of(values: tuple[Any, ...]) -> ReviewRow:
    """A row of ``ROW_COLUMNS`` as a value."""
    row = _new(_StoredRow)
    _put(row, values)
    return row
