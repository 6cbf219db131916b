"""Classes of ``domain.plain`` are dataclasses in every respect, only later."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import threading
from collections.abc import Callable
from dataclasses import field
from typing import Any, Generic, TypeVar

import pytest

from reviewdesk.domain import plain

_T = TypeVar("_T")


def _classes(decorate: Callable[..., Any]) -> dict[str, Any]:
    """The same declarations with one or the other decorator."""

    @decorate(frozen=True, slots=True)
    class Point:
        """Where."""

        x: int
        y: int = 2

        @property
        def total(self) -> int:
            return self.x + self.y

    @decorate(frozen=True, slots=True)
    class Deep(Point):
        z: tuple[int, ...] = ()

    @decorate(frozen=True, slots=True, kw_only=True)
    class Named:
        name: str
        tags: list[str] = field(default_factory=list)
        hidden: int = field(default=3, repr=False, compare=False)

        def __bool__(self) -> bool:
            return bool(self.name)

    @decorate(slots=True)
    class Counter:
        count: int = 0
        seen: set[int] = field(default_factory=set)

    @decorate(frozen=True, slots=True)
    class Held(Generic[_T]):
        value: _T

    @decorate(frozen=True, slots=True)
    class Spoken:
        word: str

        def __repr__(self) -> str:
            return f"<{self.word}>"

        def __hash__(self) -> int:
            return 7

    return {made.__name__: made for made in (Point, Deep, Named, Counter, Held, Spoken)}


_STANDARD, _PLAIN = _classes(dataclasses.dataclass), _classes(plain.dataclass)
_MADE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "Point": lambda of: of["Point"](1),
    "Deep": lambda of: of["Deep"](1, z=(4, 5)),
    "Named": lambda of: of["Named"](name="a", tags=["b"]),
    "Counter": lambda of: of["Counter"](3),
    "Held": lambda of: of["Held"](value="v"),
    "Spoken": lambda of: of["Spoken"]("w"),
}


@pytest.mark.parametrize("name", sorted(_MADE))
@pytest.mark.parametrize("first", ["made", "fields", "signature"])
def test_a_plain_class_is_what_the_standard_one_is(name: str, first: str) -> None:
    theirs, made = _STANDARD, _MADE[name]
    ours = _classes(plain.dataclass)
    if first == "fields":
        assert [f.name for f in dataclasses.fields(ours[name])]
    elif first == "signature":
        assert inspect.signature(ours[name]) == inspect.signature(theirs[name])

    one, other, standard = made(ours), made(ours), made(theirs)

    assert repr(one) == repr(standard)
    assert one == other
    assert one != standard
    assert (type(one).__hash__ is None) == (type(standard).__hash__ is None)
    if type(one).__hash__ is not None and name != "Named":
        assert hash(one) == hash(other) == hash(standard)
    assert dataclasses.asdict(one) == dataclasses.asdict(standard)
    assert inspect.signature(ours[name]) == inspect.signature(theirs[name])
    assert ours[name].__match_args__ == theirs[name].__match_args__
    assert ours[name].__slots__ == theirs[name].__slots__
    assert repr(ours[name].__dataclass_params__) == repr(theirs[name].__dataclass_params__)
    told = [(f.name, f.default, f.repr, f.compare, f.kw_only) for f in dataclasses.fields(one)]
    assert told == [(f.name, f.default, f.repr, f.compare, f.kw_only) for f in dataclasses.fields(standard)]
    assert copy.deepcopy(one) == one
    assert dataclasses.replace(one) == one
    assert dataclasses.is_dataclass(one)


def test_frozen_is_frozen_and_nothing_else_is() -> None:
    point, counter = _PLAIN["Point"](1), _PLAIN["Counter"]()

    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del point.x
    with pytest.raises(AttributeError):
        counter.unknown = 1
    counter.count = 5
    assert (point.x, counter.count, point.total) == (1, 5, 3)
    assert _PLAIN["Counter"]().seen is not counter.seen


def test_what_is_missing_or_too_much_is_refused_as_usual() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        _PLAIN["Point"]()
    with pytest.raises(TypeError, match="positional"):
        _PLAIN["Named"]("a")
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        _PLAIN["Point"](1, z=1)


def test_patterns_take_them_apart() -> None:
    point = _classes(plain.dataclass)["Point"]

    match point(4, 5):
        case point(x, y):
            assert (x, y) == (4, 5)
        case _:
            pytest.fail("no match")


def test_subclasses_of_both_kinds_go_on_from_them() -> None:
    point = _classes(plain.dataclass)["Point"]

    @dataclasses.dataclass(frozen=True, slots=True)
    class Standard(point):  # type: ignore[valid-type, misc]
        z: int = 9

    class Loose(point):  # type: ignore[valid-type, misc]
        pass

    assert repr(Standard(1)).endswith("Standard(x=1, y=2, z=9)")
    loose = Loose(1)
    loose.more = 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        loose.x = 2
    assert (loose.more, loose.x) == (5, 1)


def test_nothing_is_written_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = dataclasses.dataclass

    def noting(*args: Any, **options: Any) -> Any:
        made.append(",".join(sorted(name for name, on in options.items() if on)))
        return real(*args, **options)

    monkeypatch.setattr(dataclasses, "dataclass", noting)
    point = _classes(plain.dataclass)["Point"]
    assert made == []
    assert point(1).total == 3
    assert made == ["frozen,init"]
    assert point(1) == point(1)
    assert made == ["frozen,init", "eq,frozen"]
    assert point(2) != point(1)
    assert len(made) == 2


def test_threads_that_come_at_once_get_the_same_class() -> None:
    for _ in range(20):
        point = _classes(plain.dataclass)["Point"]
        gate = threading.Barrier(4)
        got: list[Any] = []

        def work(made: Any = point, gate: threading.Barrier = gate, got: list[Any] = got) -> None:
            gate.wait(10)
            got.append((made(1), hash(made(1)), repr(made(1))))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert len(got) == 4
        assert len(set(got)) == 1


@plain.dataclass(frozen=True, slots=True)
class Kept:
    """Has to be found by its name."""

    a: int
    b: str = "b"


def test_they_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(1))) == Kept(1)
