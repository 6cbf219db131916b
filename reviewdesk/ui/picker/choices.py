"""What a picker offers, and which of it fits what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from reviewdesk.domain.text import fold

__all__ = ["Choice", "Line", "lines_of", "match", "ranked"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry. ``run`` is called when it is chosen.

    ``also``: other words it is found by, the first that fits is shown. ``caps``: its keys. ``reason``: why it can't
    be done now (it is listed all the same). ``more``: a second line. ``section``: the head it stands under.
    ``value``: what Tab writes into the line, so that a value can follow (``Snooze mon 9``).
    ``swatch``: 1 to 6, the colour of a tag. ``checked``: None for entries that have no such state.
    """

    key: str
    title: str
    run: Callable[[], object]
    section: str = ""
    icon: str = ""
    icon_role: str = "text-2"
    also: tuple[str, ...] = ()
    hint: str = ""
    caps: tuple[str, ...] = ()
    reason: str = ""
    more: str = ""
    swatch: int = 0
    checked: bool | None = None
    value: str = ""
    _folded: tuple[str, tuple[str, ...], str] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    @property
    def second(self) -> str:
        return self.reason or self.more

    def folded(self) -> tuple[str, tuple[str, ...], str]:
        """Title, other words, and everything together, as they are compared; folded once however often asked."""
        known = self._folded
        if known is None:
            title, also = fold(self.title), tuple(map(fold, self.also))
            whole = " ".join((title, *also, *map(fold, (self.hint, self.second, self.section))))
            known = (title, also, whole)
            object.__setattr__(self, "_folded", known)
        return known


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list: a head (``choice`` None) or an entry with the places that fit what was typed."""

    head: str = ""
    choice: Choice | None = None
    found: tuple[tuple[int, int], ...] = ()
    also: str = ""
    also_found: tuple[tuple[int, int], ...] = ()

    @property
    def sentence(self) -> str:
        """What a screen reader says."""
        choice = self.choice
        if choice is None:
            return self.head
        parts = [choice.title, self.also or choice.hint, " ".join(choice.caps), choice.second]
        return ", ".join(part for part in parts if part)


_Places = tuple[tuple[int, int], ...]


def match(text: str, words: Sequence[str]) -> tuple[int, _Places] | None:
    """How well ``text`` fits all ``words`` (folded): smaller is better, with the places; None when it does not."""
    return _match(fold(text), len(text), words)


def _match(folded: str, length: int, words: Sequence[str]) -> tuple[int, _Places] | None:
    spots: list[tuple[int, int]] = []
    cost = 0
    for word in words:
        first = at = folded.find(word)
        if at < 0:
            return None
        while at > 0 and folded[at - 1].isalnum():
            at = folded.find(word, at + 1)
        if at < 0:
            at = first
            cost += 20
        elif at > 0:
            cost += 5
        spots.append((at, at + len(word)))
    # Where folding changed the length, the places would be wrong: nothing is marked then.
    return cost, tuple(sorted(spots)) if len(folded) == length else ()


def ranked(choices: Iterable[Choice], typed: str) -> list[Line]:
    """The entries that fit, the best first within their section, sections in the order of their best entry."""
    words = fold(typed).split()
    found: list[tuple[int, int, Line]] = []
    for number, choice in enumerate(choices):
        if not words:
            found.append((0, number, Line(choice=choice)))
            continue
        title, also, whole = choice.folded()
        if any(word not in whole for word in words):
            continue
        # What is off is listed with its reason, but not offered before what can be done.
        off = 10 if choice.reason else 0
        hit = _match(title, len(choice.title), words)
        if hit is not None:
            found.append((off + hit[0], number, Line(choice=choice, found=hit[1])))
            continue
        for other, folded in zip(choice.also, also, strict=True):
            hit = _match(folded, len(other), words)
            if hit is not None:
                found.append((off + hit[0] + 8, number, Line(choice=choice, also=other, also_found=hit[1])))
                break
        else:
            hit = _match(whole, len(whole), words)
            if hit is not None:
                found.append((off + hit[0] + 40, number, Line(choice=choice)))
    if not words:
        return [line for *_, line in found]
    best: dict[str, int] = {}
    for cost, _, line in found:
        section = line.choice.section if line.choice is not None else ""
        best[section] = min(best.get(section, cost), cost)
    rank = {name: at for at, name in enumerate(sorted(best, key=lambda name: best[name]))}
    found.sort(key=lambda entry: (rank[entry[2].choice.section], entry[0], entry[1]))  # type: ignore[union-attr]
    return [line for *_, line in found]


def lines_of(entries: Iterable[Line]) -> list[Line]:
    """The entries with the heads of their sections between them."""
    shown: list[Line] = []
    section = ""
    for line in entries:
        mine = line.choice.section if line.choice is not None else ""
        if mine != section and mine:
            shown.append(Line(head=mine))
        section = mine
        shown.append(line)
    return shown
