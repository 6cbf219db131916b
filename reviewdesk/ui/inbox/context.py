"""What rows show that is not in the row: names and colours of accounts and tags, the time, the words searched for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.models import ReviewRow
from reviewdesk.domain.plain import dataclass

if TYPE_CHECKING:
    from reviewdesk.domain.cases import Effect

__all__ = ["AccountMark", "RowContext"]

_COLOURS = 6


@dataclass(frozen=True, slots=True)
class AccountMark:
    """How an account appears in a row: two letters of its source and a dot. ``colour`` 1 to 6."""

    code: str
    colour: int
    name: str


def _colour_of(name: str) -> int:
    """A colour for a tag that was given none: always the same one for the same name."""
    return sum(name[:100].encode("utf-8", "replace")) % _COLOURS + 1


class RowContext:
    """Shared by model and delegate; ``version`` grows with every change, as a key for what was painted before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.version = 0
        self.accounts: Mapping[int, AccountMark] = {}
        self.tag_colours: Mapping[str, int] = {}
        self.product_names: Mapping[int, str] = {}
        self.needles: tuple[tuple[str, bool], ...] = ()
        self.effects: Mapping[int, Effect] = {}
        self.due_at: Callable[[ReviewRow], float | None] | None = None

    def now(self) -> float:
        return self._clock.now()

    def set_accounts(self, accounts: Mapping[int, AccountMark]) -> None:
        self.accounts = dict(accounts)
        self.version += 1

    def set_tag_colours(self, colours: Mapping[str, int]) -> None:
        """Tag name to colour 1 to 6."""
        self.tag_colours = dict(colours)
        self.version += 1

    def set_product_names(self, names: Mapping[int, str]) -> None:
        """What the headings of a list cut by product say."""
        if names != self.product_names:
            self.product_names = dict(names)
            self.version += 1

    def set_needles(self, needles: tuple[tuple[str, bool], ...]) -> None:
        """What ``domain.text.hits`` marks."""
        if needles != self.needles:
            self.needles = needles
            self.version += 1

    def set_effects(self, ids: Iterable[int], found: Mapping[int, Effect]) -> bool:
        """What became of the scores of ``ids`` after our replies; whether that is news."""
        now = {i: effect for i, effect in self.effects.items() if i not in set(ids)} | dict(found)
        news = now != self.effects
        if news:
            self.effects = now
            self.version += 1
        return news

    def set_due(self, due_at: Callable[[ReviewRow], float | None] | None) -> None:
        """How to find out until when a review wants its answer (UTC seconds); None: nobody set a target."""
        self.due_at = due_at
        self.version += 1

    def account(self, account_id: int) -> AccountMark:
        return self.accounts.get(account_id) or AccountMark("", 5, "")

    def tag_role(self, name: str) -> str:
        colour = self.tag_colours.get(name) or _colour_of(name)
        return f"a-{colour if 1 <= colour <= _COLOURS else 5}"

    def due_left(self, row: ReviewRow) -> float | None:
        """Seconds until the answer is due, negative when overdue; None where the row shows no due mark."""
        due = self.due_at(row) if self.due_at is not None else None
        if due is None:
            return None
        left = due - self.now()
        return left if left < 4 * 3600 else None
