"""What a picker offers, and which of it fits what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reviewdesk.domain.text import fold

__all__ = ["Choice", "Line", "lines_of", "match", "ranked"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry. ``run`` is called when it is chosen.

    ``also``: other words it is found by, the first that fits is shown. ``caps``: its keys. ``reason``: why it can't
    be done now (it is listed all the same). ``more``: a second line. ``section``: the head it stands under.
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

    @property
    def second(self) -> str:
        return self.reason or self.more


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


def match(text: str, words: Sequence[str]) -> tuple[int, tuple[tuple[int, int], ...]] | None:
    """How well ``text`` fits all ``words`` (folded): smaller is better, with the places; None when it does not."""
    folded = fold(text)
    spots: list[tuple[int, int]] = []
    cost = 0
    for word in words:
        at = folded.find(word)
        if at < 0:
            return None
        start = next((i for i in _beginnings(folded) if folded.startswith(word, i)), -1)
        if start < 0:
            cost += 20
        else:
            at = start
            cost += 0 if start == 0 else 5
        # Where folding changed the length, the places would be wrong: nothing is marked then.
        if len(folded) == len(text):
            spots.append((at, at + len(word)))
    return cost, tuple(sorted(spots))


def _beginnings(text: str) -> Iterable[int]:
    return (i for i in range(len(text)) if i == 0 or not text[i - 1].isalnum())


def ranked(choices: Iterable[Choice], typed: str) -> list[Line]:
    """The entries that fit, the best first within their section, sections in the order of their best entry."""
    words = fold(typed).split()
    found: list[tuple[int, int, Line]] = []
    for number, choice in enumerate(choices):
        if not words:
            found.append((0, number, Line(choice=choice)))
            continue
        hit = match(choice.title, words)
        if hit is not None:
            found.append((hit[0], number, Line(choice=choice, found=hit[1])))
            continue
        for other in choice.also:
            hit = match(other, words)
            if hit is not None:
                found.append((hit[0] + 8, number, Line(choice=choice, also=other, also_found=hit[1])))
                break
        else:
            whole = " ".join((choice.title, *choice.also, choice.hint, choice.second, choice.section))
            hit = match(whole, words)
            if hit is not None:
                found.append((hit[0] + 40, number, Line(choice=choice)))
    if not words:
        return [line for *_, line in found]
    best: dict[str, int] = {}
    for cost, _, line in found:
        section = line.choice.section if line.choice is not None else ""
        best[section] = min(best.get(section, cost), cost)
    order = sorted(best, key=lambda name: best[name])
    found.sort(key=lambda entry: (order.index(entry[2].choice.section), entry[0], entry[1]))  # type: ignore[union-attr]
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
