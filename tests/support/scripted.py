"""A provider that plays a script: what the outbox and sync must survive, one scene at a time, without a network.

The ``World`` is the provider's own side: it alone says what was published. Each call first takes the next scene of
its script; without one it behaves.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from reviewdesk.domain.capabilities import (
    Capability,
    CredentialLevel,
    Field,
    FieldKind,
    ProviderSpec,
    RateLimit,
    ReplyLimits,
)
from reviewdesk.domain.errors import Cancelled, NetworkError, NotFound, ProviderError
from reviewdesk.domain.models import (
    ActionKind,
    Author,
    Comment,
    Deletion,
    ProviderState,
    Rejected,
    ReviewKind,
    ReviewRecord,
    ReviewRef,
    Role,
    Thread,
)
from reviewdesk.providers.base import (
    COMMON_FIELDS,
    Action,
    CheckStage,
    Context,
    Cursor,
    Page,
    Progress,
    SendResult,
)

__all__ = ["Died", "ScriptedProvider", "World", "scripted"]

Scene = Callable[[], None] | BaseException


class Died(BaseException):
    """The process ends here: nothing of ours may run after it but what the operating system does."""


@dataclass
class World:
    """The provider's truth, and what is to happen at its next calls."""

    reviews: dict[str, ReviewRecord] = field(default_factory=dict)
    threads: dict[str, list[Comment]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    conversations: dict[str, str] = field(default_factory=dict)
    deletions: list[Deletion] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    page_size: int = 2
    signed_in: bool = True
    token_expires: int | None = None
    before_page: deque[Scene] = field(default_factory=deque)
    before_thread: deque[Scene] = field(default_factory=deque)
    before_send: deque[Scene] = field(default_factory=deque)
    """Played before the action is carried out."""
    after_send: deque[Scene] = field(default_factory=deque)
    """Played after the action was carried out, before its answer."""
    between_steps: deque[Scene] = field(default_factory=deque)
    """Played between the creation of the conversation and the comment."""
    check_fails_at: str | None = None
    calls: list[str] = field(default_factory=list)
    sent: list[Action] = field(default_factory=list)
    two_steps: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.RLock = field(default_factory=threading.RLock)

    def add_review(self, number: int, *, body: str = "Fine.", score: float | None = 4.0) -> ReviewRecord:
        record = ReviewRecord(
            kind=ReviewKind.PRODUCT,
            native_id=f"r{number}",
            score=score,
            score_min=1.0,
            score_max=5.0,
            title="",
            body=body,
            author=Author(name=f"Customer {number}"),
            created_at=1_779_000_000 + number,
            raw="{}",
        )
        self.reviews[record.native_id] = record
        return record

    def comment(self, native_id: str, text: str, role: Role = Role.BUSINESS) -> Comment:
        """Somebody writes at the provider itself."""
        made = Comment(
            id=f"c{next(self.numbers)}",
            author="Shop" if role is Role.BUSINESS else "Customer",
            role=role,
            text=text,
            created_at=1_780_000_000,
        )
        self.threads.setdefault(native_id, []).append(made)
        return made

    def texts(self, native_id: str) -> list[str]:
        """The business replies the world can see."""
        return [c.text for c in self.threads.get(native_id, []) if c.role is Role.BUSINESS]

    def play(self, script: deque[Scene]) -> None:
        if script:
            scene = script.popleft()
            if isinstance(scene, BaseException):
                raise scene
            scene()


_DENIED = {
    c: f"The scripted provider has no {c.value}."
    for c in Capability
    if c
    not in (
        Capability.READ,
        Capability.REPLY,
        Capability.EDIT_REPLY,
        Capability.CONVERSATION_STATE,
        Capability.FLAG,
        Capability.PRIVATE_MESSAGE,
        Capability.RESOLUTION,
        Capability.INVITE_EMAIL,
    )
}
_LEVELS = (
    CredentialLevel(
        id="full", title="Signed in", granted=frozenset(set(Capability) - set(_DENIED)), denied=_DENIED
    ),
    CredentialLevel(
        id="public",
        title="Reading only",
        granted=frozenset({Capability.READ}),
        denied={c: "Reading only." for c in Capability if c is not Capability.READ},
    ),
)


def _spec(*, reads_back: bool) -> ProviderSpec:
    return ProviderSpec(
        id="scripted",
        title="Scripted",
        code="SC",
        summary="Plays a script.",
        settings=(
            Field(
                key="base_url", label="Address", kind=FieldKind.URL, default="https://api.scripted.example"
            ),
            Field(key="shop", label="Shop", required=True),
            Field(key="zone", label="Zone", kind=FieldKind.TIMEZONE),
            Field(key="mode", label="Mode", kind=FieldKind.CHOICE, choices=("a", "b"), default="a"),
            *COMMON_FIELDS,
        ),
        secrets=(
            Field(key="token", label="Token", secret=True),
            Field(key="extra", label="Extra", secret=True, required=True, only_when=("mode", ("b",))),
        ),
        levels=_LEVELS,
        level_of=lambda _settings, secrets: "full" if "token" in secrets else "public",
        rate_limits=(RateLimit(100, 10),),
        page_size=2,
        reply_limits=ReplyLimits(max_chars=200),
        reads_back=reads_back,
        kept_secrets=("session",),
    )


class ScriptedProvider:
    """One door to the ``World`` that its subclass made by ``scripted`` belongs to."""

    spec: ClassVar[ProviderSpec] = _spec(reads_back=True)
    world: ClassVar[World]

    def __init__(self, context: Context) -> None:
        self._context = context
        self._calls = 0

    @property
    def calls(self) -> int:
        return self._calls

    @property
    def token_expires(self) -> int | None:
        return self.world.token_expires

    def _call(self, name: str) -> None:
        self._calls += 1
        self.world.calls.append(name)
        self._context.secrets.get("token")
        if self._context.cancel.is_set():
            raise Cancelled("Stopped.")

    def check(self) -> Iterator[CheckStage]:
        for stage in ("address", "connect", "sign-in", "read"):
            self.world.calls.append(f"check {stage}")
            if stage == "sign-in" and self._context.secrets.get("token") == "wrong":
                yield CheckStage(stage, False, "The token is not accepted.", "Look at the token.")
                return
            if stage == "sign-in":
                self._context.secrets.put("session", "kept-session-value")
            ok = stage != self.world.check_fails_at
            yield CheckStage(stage, ok, "ok" if ok else "It does not work.", "" if ok else "Try another.")
            if not ok:
                return

    def fetch(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        """Newest first, ``page_size`` at a time; the cursor names the next record."""
        world = self.world
        ordered = sorted(world.reviews.values(), key=lambda r: -(r.created_at or 0))
        start = 0 if full else int(cursor.get("next", 0))
        while True:
            self._call(f"page {start}")
            world.play(world.before_page)
            with world.lock:
                part = tuple(
                    replace(r, thread=self._thread(r.native_id))
                    for r in ordered[start : start + world.page_size]
                )
            start += world.page_size
            last = start >= len(ordered)
            yield Page(
                reviews=part,
                deletions=tuple(world.deletions) if last else (),
                rejected=tuple(world.rejected) if last else (),
                cursor={"next": 0 if last else start},
                total=len(ordered),
                pass_name="published",
            )
            if last:
                return

    def _thread(self, native_id: str) -> Thread:
        world = self.world
        return Thread(
            id=world.conversations.get(native_id),
            state=world.states.get(native_id),
            comments=tuple(world.threads.get(native_id, ())),
        )

    def thread(self, review: ReviewRef) -> Thread:
        self._call(f"thread {review.native_id}")
        self.world.play(self.world.before_thread)
        with self.world.lock:
            record = self.world.reviews.get(review.native_id)
            if record is None:
                raise NotFound("This review is not there.")
            return replace(self._thread(review.native_id), review=record)

    def send(self, action: Action, progress: Progress) -> SendResult:
        world, review = self.world, action.review
        self._call(f"send {action.kind.value}")
        world.play(world.before_send)
        if review is not None and review.native_id not in world.reviews:
            raise NotFound("This review is not there.")
        remote = None
        with world.lock:
            world.sent.append(action)
            if action.kind is ActionKind.REPLY and review is not None:
                if world.two_steps and review.thread_id is None and "conversation_id" not in action.progress:
                    made = f"t{next(world.numbers)}"
                    world.conversations[review.native_id] = made
                    world.calls.append("create conversation")
                    progress({"conversation_id": made})
                    world.play(world.between_steps)
                remote = world.comment(review.native_id, action.text).id
            elif action.kind is ActionKind.EDIT_REPLY and review is not None:
                self._edit(review.native_id, str(action.payload["comment_id"]), action.text)
            elif action.kind is ActionKind.CONVERSATION_STATE and review is not None:
                world.states[review.native_id] = str(action.payload["state"])
        world.play(world.after_send)
        return SendResult(remote_id=remote)

    def _edit(self, native_id: str, comment_id: str, text: str) -> None:
        thread = self.world.threads[native_id]
        for place, comment in enumerate(thread):
            if comment.id == comment_id:
                thread[place] = replace(comment, text=text)

    def close(self) -> None:
        self.world.calls.append("close")


def scripted(world: World, *, reads_back: bool = True) -> Mapping[str, type[Any]]:
    """A provider table with the scripted provider of ``world``."""
    made = type("Scripted", (ScriptedProvider,), {"world": world, "spec": _spec(reads_back=reads_back)})
    return {"scripted": made}


def gone(message: str = "The host does not answer.") -> ProviderError:
    """No network."""
    return NetworkError(message)


def remove(world: World, native_id: str) -> None:
    """The provider says that a review is gone."""
    world.reviews.pop(native_id)
    world.deletions.append(Deletion(native_id=native_id, kind=ReviewKind.PRODUCT))


def mark_removed(world: World, native_id: str) -> None:
    """The review is still given, as removed."""
    world.reviews[native_id] = replace(world.reviews[native_id], provider_state=ProviderState.REMOVED)
