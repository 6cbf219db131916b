"""``dataclass`` of the standard library, whose methods are written at their first use.

The standard one composes and compiles up to seven methods for every class when its module is loaded: 1.8 ms each, 0.14 s
of a start for the classes that are loaded before the first painting, of which most are only named there. Here a class
costs what a class costs; its ``__init__`` is compiled for the first object, its ``__eq__`` at the first comparison. The
methods are the standard library's own, made by it from the same fields, so ``fields``, ``replace``, ``asdict``, patterns,
signatures and subclasses work as they do elsewhere.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, slots: bool, frozen: bool = False, kw_only: bool = False):
        """As ``dataclasses.dataclass`` for classes with slots. At first use it raises what that would raise."""

        def made(given: type) -> type:
            return _with_slots(given, frozen, kw_only)

        return made


_lock = threading.RLock()
_ALWAYS = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")
# Which option makes which of them.
_OPTIONS = {"init": ("__init__",), "repr": ("__repr__",), "eq": ("__eq__", "__hash__")}
_LEFT_OUT = frozenset({"__dict__", "__weakref__", "__slots__"})


class _Recipe:
    """What a class was declared with."""

    __slots__ = ("cls", "frozen", "given", "kw_only")

    def __init__(self, given: dict[str, Any], frozen: bool, kw_only: bool) -> None:
        self.cls: Any = object
        self.given, self.frozen, self.kw_only = given, frozen, kw_only

    def make(self, name: str) -> Any:
        """The attribute ``name`` as the standard library makes it; the class keeps it from now on. Any thread."""
        with _lock:
            own = self.cls.__dict__[name]
            if not isinstance(own, _Later):
                return own  # another thread was faster
            shadow = self._shadow(name)
            value = getattr(shadow, name) if name in _ALWAYS else shadow.__dict__[name]
            if name not in _ALWAYS:
                value.__qualname__ = f"{self.cls.__qualname__}.{name}"
            setattr(self.cls, name, value)
            return value

    def _shadow(self, name: str) -> type:
        """A class of the same fields that nobody else sees. The real one has slots in the places of its defaults."""
        import dataclasses

        cls = self.cls
        # With a text of its own: without one, the standard library writes the signature of the class there.
        given = {**self.given, "__doc__": cls.__doc__ or cls.__name__, "__qualname__": cls.__qualname__}
        whole = name == "__dataclass_params__"
        options = {option: whole or name in names for option, names in _OPTIONS.items()}
        shadow = type(cls)(cls.__name__, cls.__bases__, given)
        return dataclasses.dataclass(frozen=self.frozen, kw_only=self.kw_only, **options)(shadow)


class _Later:
    """Stands for one attribute of a class until somebody looks at it."""

    __slots__ = ("name", "recipe")

    def __init__(self, recipe: _Recipe, name: str) -> None:
        self.recipe, self.name = recipe, name

    def __get__(self, instance: object, owner: type) -> Any:
        value = self.recipe.make(self.name)
        get = getattr(type(value), "__get__", None)
        return value if get is None else get(value, instance, owner)


def _with_slots(given: type, frozen: bool, kw_only: bool) -> type:
    attributes = {name: value for name, value in given.__dict__.items() if name not in _LEFT_OUT}
    names = tuple(attributes.get("__annotations__", ()))
    recipe = _Recipe(dict(attributes), frozen, kw_only)
    for name in names:
        attributes.pop(name, None)
    inherited = {name for base in given.__mro__[1:] for name in _slots_of(base)}
    attributes["__slots__"] = tuple(name for name in names if name not in inherited)
    # As the standard library decides: an own method stays; ``__eq__`` alone leaves a None that is no decision.
    explicit = attributes.get("__hash__") is not None or (
        "__hash__" in attributes and "__eq__" not in given.__dict__
    )
    for name in ("__init__", "__repr__", "__eq__"):
        attributes.setdefault(name, _Later(recipe, name))
    if not explicit:
        attributes["__hash__"] = _Later(recipe, "__hash__") if frozen else None
    for name in _ALWAYS:
        attributes.setdefault(name, _Later(recipe, name))
    if frozen:
        _freeze(attributes, names, recipe)
    recipe.cls = cls = type(given)(given.__name__, given.__bases__, attributes)
    cls.__qualname__ = given.__qualname__
    return cls


def _slots_of(base: type) -> tuple[str, ...]:
    slots = base.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _freeze(attributes: dict[str, Any], names: tuple[str, ...], recipe: _Recipe) -> None:
    """What the standard library writes for frozen classes, and for keeping objects of theirs that have slots."""

    def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: N807 - the name that it gets
        if type(self) is recipe.cls or name in names:
            from dataclasses import FrozenInstanceError

            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(recipe.cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807
        if type(self) is recipe.cls or name in names:
            from dataclasses import FrozenInstanceError

            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(recipe.cls, self).__delattr__(name)

    def __getstate__(self: Any) -> list[Any]:  # noqa: N807
        return [getattr(self, name) for name in type(self).__dataclass_fields__]

    def __setstate__(self: Any, state: list[Any]) -> None:  # noqa: N807
        for name, value in zip(type(self).__dataclass_fields__, state, strict=True):
            object.__setattr__(self, name, value)

    for method in (__setattr__, __delattr__, __getstate__, __setstate__):
        attributes.setdefault(method.__name__, method)
