"""Private messages as threads, the cases they belong to, and the link with which a reviewer edits a review."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING

from reviewdesk.domain.cases import Case, CaseState
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import Cancelled, InvalidInput, NotAvailable, ReviewdeskError
from reviewdesk.domain.messages import Message, MessageThread, threads_of
from reviewdesk.domain.models import ReplyMark
from reviewdesk.domain.text import clean
from reviewdesk.domain.work import WorkEvent
from reviewdesk.providers.base import EditLink, EditLinks
from reviewdesk.services.workers import Door, Job, Urgency, Workers
from reviewdesk.store import elsewhere, marks, messages, reviews, states

if TYPE_CHECKING:
    from reviewdesk.store.database import Store, Tx

__all__ = ["EditLink", "MessageService"]

LONGEST_NOTE = 20_000


class _LinkJob(Job):
    """One question to the provider, on the account's worker."""

    urgency = Urgency.ACTION

    def __init__(self, email: str) -> None:
        super().__init__()
        self._email = email
        self.answer: Future[EditLink] = Future()

    def steps(self, door: Door) -> Iterator[None]:
        try:
            provider = door.provider()
            if not isinstance(provider, EditLinks):
                raise NotAvailable(f"{provider.spec.title} has no links with which a review is edited.")
            self.answer.set_result(provider.edit_link(self._email))
        except ReviewdeskError as error:
            self.answer.set_exception(error)
        yield

    def dropped(self) -> None:
        self.answer.set_exception(Cancelled("The program ended before the answer came."))


class MessageService:
    """Reads block; acts return futures that resolve after the commit. Any thread."""

    def __init__(self, store: Store, clock: Clock, workers: Workers) -> None:
        self._store = store
        self._clock = clock
        self._workers = workers

    # --- threads -----------------------------------------------------------------------------------------

    def threads(self, *, limit: int = 2_000) -> list[MessageThread]:
        """Inbox and sent of all accounts, by person and order, the latest word first."""
        with self._store.read() as reader:
            return threads_of(messages.recent(reader, limit=limit))

    def of_review(self, review_id: int) -> tuple[Message, ...]:
        """The messages that a review's timeline shows, oldest first."""
        with self._store.read() as reader:
            return messages.of_review(reader, review_id)

    # --- cases -------------------------------------------------------------------------------------------

    def case(self, review_id: int) -> Case | None:
        with self._store.read() as reader:
            return messages.case_of(reader, review_id)

    def set_case(
        self, review_id: int, state: CaseState | None, follow_up: float | None = None
    ) -> Future[Case | None]:
        """Put a case into a state; ``follow_up`` (UTC seconds) brings the review back to the inbox then.

        None ends the case. Fails with InvalidInput for a moment that has passed or a review that is gone.
        """

        def write(tx: Tx) -> Case | None:
            if reviews.ref(tx, review_id) is None:
                raise InvalidInput("The review is no longer in this program.")
            if follow_up is not None and follow_up <= self._clock.now():
                raise InvalidInput("That moment has passed.")
            return messages.set_case(tx, review_id, state, None if follow_up is None else int(follow_up))

        return self._store.write(write)

    # --- the link of a reviewer --------------------------------------------------------------------------

    def edit_link(self, review_id: int) -> Future[EditLink]:
        """Ask the provider for the link with which the author edits this review. One request.

        Fails with NotAvailable where there is none, with InvalidInput where the author's address is not known.
        """
        with self._store.read() as reader:
            detail = reviews.detail(reader, review_id)
        failed: Future[EditLink] = Future()
        if detail is None:
            failed.set_exception(InvalidInput("The review is no longer in this program."))
            return failed
        if not detail.author.email:
            failed.set_exception(
                NotAvailable("The author's e-mail address is not known, and the link is asked for by it.")
            )
            return failed
        job = _LinkJob(detail.author.email)
        self._workers.of(detail.row.account_id).submit(job)
        return job.answer

    # --- answered in the back office -----------------------------------------------------------------------

    def answered_elsewhere(self, review_id: int, text: str = "") -> Future[bool]:
        """It was answered at the provider: done here, and settled by the reading that brings the reply.

        False when the review is gone or a reply of the business is there already.
        """
        kept = clean(text).strip()[:LONGEST_NOTE]

        def write(tx: Tx) -> bool:
            row = reviews.rows(tx, [review_id]).get(review_id)
            if row is None or row.reply_mark in (ReplyMark.OURS, ReplyMark.ELSEWHERE):
                return False
            elsewhere.note(tx, review_id, kept)
            marks.refresh(tx, review_id)
            states.apply_events(tx, review_id, (WorkEvent.REPLIED_ELSEWHERE,))
            return True

        return self._store.write(write)

    def not_answered_elsewhere(self, review_id: int) -> Future[bool]:
        """Take that back: the review needs a reply again."""

        def write(tx: Tx) -> bool:
            if elsewhere.forget(tx, review_id) is None:
                return False
            marks.refresh(tx, review_id)
            states.apply_events(tx, review_id, (WorkEvent.REOPEN,))
            return True

        return self._store.write(write)
