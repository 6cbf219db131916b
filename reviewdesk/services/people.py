"""The person and the order behind a review: what else is known of them, and the product it is about. Reads block."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewdesk.domain.invitations.model import Invitation
from reviewdesk.store import invitations, people, undo
from reviewdesk.store.people import Match, ProductFigures

if TYPE_CHECKING:
    from reviewdesk.store.database import Store, Tx

__all__ = ["Context", "Match", "PeopleService", "ProductFigures"]


@dataclass(frozen=True, slots=True)
class Context:
    """Everything beside a review: other reviews and invitations, each with the reasons, and its product."""

    review_id: int
    reviews: Sequence[Match] = ()
    invitations: Sequence[tuple[Invitation, tuple[str, ...]]] = ()
    product: ProductFigures | None = None

    def __bool__(self) -> bool:
        return bool(self.reviews or self.invitations)


class PeopleService:
    """Works from the cache alone, offline too. Any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def context(self, review_id: int) -> Context:
        """All of it in one read."""
        with self._store.read() as reader:
            return Context(
                review_id,
                tuple(people.matches(reader, review_id)),
                tuple(invitations.beside(reader, review_id)),
                people.figures_of_product(reader, review_id),
            )

    def unlink(self, review_id: int, other_id: int) -> Future[None]:
        """These two are not of one person. Kept over every sync; a step that can be taken back."""

        def write(tx: Tx) -> None:
            people.unlink(tx, review_id, other_id)

        return self._store.write(lambda tx: undo.record(tx, "unlink", write))

    def unlink_invitation(self, review_id: int, invitation_id: int) -> Future[None]:
        """The invitation is none of this person or order. A step that can be taken back."""

        def write(tx: Tx) -> None:
            people.unlink_invitation(tx, review_id, invitation_id)

        return self._store.write(lambda tx: undo.record(tx, "unlink-invitation", write))

    def link(self, review_id: int, other_id: int) -> Future[None]:
        """Take an ``unlink`` back."""

        def write(tx: Tx) -> None:
            people.link(tx, review_id, other_id)

        return self._store.write(write)
