"""One saved reply for several reviews: each text resolved, judged and shown before anything is queued.

Nothing is published by itself: ``prepare`` only reads, and ``publish`` queues exactly the lines it is given, each as an
outbox item of its own, which the account's worker paces as it paces every other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import OutboxItem, OutboxState, ReplyMark, ReviewDetail, Target
from reviewdesk.domain.signatures import signed
from reviewdesk.domain.templates import gaps
from reviewdesk.domain.text import cap, one_line, reveal

if TYPE_CHECKING:
    from reviewdesk.services.accounts import AccountService
    from reviewdesk.services.checks import CheckService
    from reviewdesk.services.inbox import InboxService
    from reviewdesk.services.outbox import OutboxService
    from reviewdesk.services.replies import ReplyService
    from reviewdesk.services.saved_replies import SavedReply, SavedReplyService
    from reviewdesk.services.signatures import SignatureService

__all__ = ["MOST", "BulkReplyService", "Line", "Outcome"]

MOST = 500
"""Reviews that are answered at once; nobody reads more texts than these."""
_SHOWN = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One review of the run as it would be answered.

    ``never``: why it can't be answered from here at all (empty: it can). ``problems``: what must be mended first, each a
    sentence; ``advice`` stops nothing.
    """

    review_id: int
    author: str
    account: str
    provider: str
    score: float | None
    score_max: float
    review: str
    """What the customer wrote, capped."""
    language: str
    """The language of the review (may be empty)."""
    variant: str
    """The code of the variant that was taken; empty for the one for any language."""
    text: str
    never: str = ""
    problems: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    skipped: bool = False
    """A person left it out."""

    @property
    def goes(self) -> bool:
        """Whether publishing takes it along."""
        return not (self.never or self.problems or self.skipped)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line: its outbox item, or why there is none."""

    review_id: int
    item: OutboxItem | None
    reason: str = ""


class BulkReplyService:
    """Any thread; everything but ``take_back`` blocks."""

    def __init__(
        self,
        accounts: AccountService,
        inbox: InboxService,
        saved: SavedReplyService,
        checks: CheckService,
        replies: ReplyService,
        outbox: OutboxService,
        signatures: SignatureService,
    ) -> None:
        self._accounts = accounts
        self._inbox = inbox
        self._saved = saved
        self._checks = checks
        self._replies = replies
        self._outbox = outbox
        self._signatures = signatures

    def prepare(
        self,
        ids: Sequence[int],
        reply: SavedReply,
        *,
        progress: Callable[[int, int], None] = lambda done, all_: None,
        cancel: threading.Event | None = None,
    ) -> list[Line]:
        """A line for each of the reviews that is there, in their order, with its text as it would be published."""
        titles = {spec.id: spec.title for spec in self._accounts.specs()}
        wanted = list(dict.fromkeys(ids))[:MOST]
        lines: list[Line] = []
        for done, review_id in enumerate(wanted):
            if cancel is not None and cancel.is_set():
                break
            progress(done, len(wanted))
            detail = self._inbox.detail(review_id)
            if detail is not None:
                lines.append(self._line(detail, reply, titles))
        return lines

    def _line(self, detail: ReviewDetail, reply: SavedReply, titles: Mapping[str, str]) -> Line:
        row = detail.row
        account = self._accounts.get(row.account_id)
        variant = self._saved.variant(reply, row.language)
        values = self._saved.values(row.id)
        text = self._saved.resolve(reply.texts[variant], values, Target.PUBLIC).text
        line = Line(
            review_id=row.id,
            author=one_line(reveal(row.author_name or ""), 80),
            account=account.name if account is not None else "",
            provider=titles.get(account.provider, account.provider) if account is not None else "",
            score=row.score,
            score_max=row.score_max,
            review=cap("\n".join(filter(None, (detail.title, detail.body))), _SHOWN),
            language=row.language or "",
            variant=variant,
            text=signed(text, self._signatures.of(row.account_id, row.language)),
            never=self._never(detail),
        )
        return self.judge(line)

    def _never(self, detail: ReviewDetail) -> str:
        """Why this review is no case for a reply to many."""
        available = self._replies.can(detail.row.id, Capability.REPLY)
        if not available.available:
            return available.reason or "This source takes no replies."
        if detail.row.reply_mark in (ReplyMark.OURS, ReplyMark.ELSEWHERE):
            return "It is answered already."
        if self._replies.draft(detail.row.id, Target.PUBLIC) is not None:
            return "A reply is begun for it: finish that one."
        return ""

    def judge(self, line: Line) -> Line:
        """The line with what its text, as it is now, still lacks."""
        if line.never:
            return line
        problems = [f"There is a gap to fill: {gap.words}." for gap in gaps(line.text)]
        if not problems:
            why = self._replies.why_not(line.review_id, Target.PUBLIC, line.text)
            problems = [why] if why else []
        found = self._checks.check(line.review_id, Target.PUBLIC, line.text) if line.text.strip() else ()
        problems += dict.fromkeys(f.sentence + "." for f in found if f.must)
        advice = tuple(dict.fromkeys(f.sentence + "." for f in found if not f.must))
        return replace(line, problems=tuple(problems), advice=advice)

    def publish(
        self,
        lines: Sequence[Line],
        *,
        delay_s: float,
        used: int = 0,
        progress: Callable[[Outcome], None] = lambda outcome: None,
        cancel: threading.Event | None = None,
    ) -> list[Outcome]:
        """Queue each line that goes, one outbox item for each; what does not go is told with its reason.

        ``used``: the saved reply whose use is counted, once for each that was queued. A line that another process or
        person has made impossible meanwhile ends as a reason and stops no other.
        """
        outcomes: list[Outcome] = []
        for line in lines:
            if cancel is not None and cancel.is_set():
                outcome = Outcome(line.review_id, None, "Stopped before its turn.")
            elif not line.goes:
                outcome = Outcome(line.review_id, None, self._why(line))
            else:
                try:
                    item = self._replies.publish(
                        line.review_id, Target.PUBLIC, line.text, delay_s=delay_s
                    ).result()
                    outcome = Outcome(line.review_id, item)
                    if used:
                        self._saved.used(used)
                except ReviewdeskError as error:
                    outcome = Outcome(line.review_id, None, error.message)
            outcomes.append(outcome)
            progress(outcome)
        return outcomes

    @staticmethod
    def _why(line: Line) -> str:
        if line.skipped and not line.never:
            return "Left out by you."
        return line.never or line.problems[0]

    def take_back(self, item_ids: Sequence[int]) -> int:
        """What of these has not gone out becomes drafts again; how many. Blocking."""
        backs = [self._replies.undo(item_id) for item_id in item_ids]
        return sum(1 for back in backs if back.result() is not None)

    def states(self, item_ids: Sequence[int]) -> dict[int, OutboxItem]:
        """The items as they stand now. Blocking."""
        found = (self._outbox.item(item_id) for item_id in item_ids)
        return {item.id: item for item in found if item is not None}

    @staticmethod
    def moving(items: Mapping[int, OutboxItem]) -> bool:
        """Whether any of them can still change by itself."""
        return any(
            i.state in (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING)
            for i in items.values()
        )
