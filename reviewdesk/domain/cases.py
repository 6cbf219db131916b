"""A case: the private side of a complaint, from the first message to its end (features.md G4, G5). Pure tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reviewdesk.domain.models import Comment, Role, Version

__all__ = ["FOLLOW_UP_S", "Case", "CaseEvent", "CaseState", "Effect", "effect_of", "next_case"]

FOLLOW_UP_S = 4 * 86_400
"""When a case is looked at again, unless somebody says otherwise: reviewers get three to five days to answer."""


class CaseState(StrEnum):
    CONTACTED = "contacted"
    """We wrote once, or the customer wrote last."""
    WAITING = "waiting-for-customer"
    SOLVED = "solved"
    NOT_SOLVED = "not-solved"


class CaseEvent(StrEnum):
    WE_WROTE = "we-wrote"
    CUSTOMER_WROTE = "customer-wrote"


_C, _W, _S, _N = CaseState.CONTACTED, CaseState.WAITING, CaseState.SOLVED, CaseState.NOT_SOLVED
# Columns: no case yet, then the present state.
_COLUMNS: tuple[CaseState | None, ...] = (None, _C, _W, _S, _N)
_TABLE: dict[CaseEvent, tuple[CaseState | None, ...]] = {
    CaseEvent.WE_WROTE: (_C, _W, _W, _S, _C),
    # A letter out of the blue opens no case; one that answers brings a case back to us.
    CaseEvent.CUSTOMER_WROTE: (None, _C, _C, _C, _C),
}


def next_case(state: CaseState | None, event: CaseEvent) -> CaseState | None:
    """The case after ``event``; None: there is none. A person may set any state besides."""
    return _TABLE[event][_COLUMNS.index(state)]


@dataclass(frozen=True, slots=True)
class Case:
    """``since`` and ``follow_up`` (None: no date) are UTC seconds."""

    state: CaseState
    since: int
    follow_up: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """The score before our first public reply and the score now."""

    before: float
    after: float


def effect_of(
    score: float | None, versions: Sequence[Version], comments: Sequence[Comment], changed_at: int | None
) -> Effect | None:
    """What became of the score after our first reply; None where nothing of it changed after, or can't be told.

    ``versions``: earlier contents, oldest first, each with the moment from which it stood; ``changed_at``: that of
    the present one.
    """
    replied = min((c.created_at for c in comments if c.role is Role.BUSINESS and c.created_at), default=None)
    if replied is None or score is None or not versions:
        return None
    stood = [*((v.at, v.score) for v in versions), (changed_at, score)]
    before = None
    for at, value in stood:
        if at is None or at <= replied:
            before = value
    last_change = stood[-1][0]
    if before is None or last_change is None or last_change <= replied or before == score:
        return None
    return Effect(before, score)
