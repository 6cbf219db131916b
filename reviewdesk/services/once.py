"""An attribute that is made at its first use, by one thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

__all__ = ["once"]

_T = TypeVar("_T")

# Of all instances: making is rare and short, and one may need another. ``functools.cached_property`` has had no lock
# since Python 3.12, and two outboxes of one profile could send twice.
_guard = threading.RLock()


class once(Generic[_T]):  # noqa: N801 - reads as the decorator it is
    """Like ``functools.cached_property``, but two threads get the same object."""

    def __init__(self, make: Callable[[Any], _T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> once[_T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> _T: ...

    def __get__(self, instance: object | None, owner: type) -> once[_T] | _T:
        if instance is None:
            return self
        with _guard:
            made: dict[str, Any] = vars(instance)
            if self._name not in made:
                made[self._name] = self._make(instance)
            found: _T = made[self._name]
            return found
