"""Whatever goes out on a person's behalf: each through the outbox, each answered with its state."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reviewdesk.cli.sending import finish
from reviewdesk.cli.session import Session, json_option, pass_session, review_id
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import ActionKind, Role, Target

if TYPE_CHECKING:
    from reviewdesk.services.core import Core

__all__ = ["conversation", "edit_reply", "flag", "message", "publish", "reply"]

_F = TypeVar("_F", bound=Callable[..., Any])
LARGEST_FILE = 1_000_000


def _text_options(function: _F) -> _F:
    file = click.option(
        "--file",
        "file",
        type=click.Path(path_type=Path),
        help="Read the text from FILE (- is standard input).",
    )
    return click.option("--text", help="The text.")(file(function))


def _send_options(function: _F) -> _F:
    function = json_option(function)
    function = click.option(
        "--override", is_flag=True, help="Send despite a newer comment or a finding of the check."
    )(function)
    return click.option("--queue", is_flag=True, help="Leave it in the outbox, do not wait for the answer.")(
        function
    )


def _text(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise InvalidInput("Give the text with --text or with --file.")
    if text is not None:
        return text
    try:
        raw = sys.stdin.buffer.read(LARGEST_FILE + 1) if str(file) == "-" else _read(Path(str(file)))
    except OSError as failure:
        raise InvalidInput(f"{file} can't be read: {failure.strerror}.") from None
    if len(raw) > LARGEST_FILE:
        raise InvalidInput(f"{file} is too large for a text.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is not a text in UTF-8.") from None


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LARGEST_FILE + 1)


def _act(
    session: Session,
    review: str,
    kind: ActionKind,
    *,
    text: str = "",
    payload: Mapping[str, Any] | Callable[[Core, int], Mapping[str, Any]] | None = None,
    target: Target = Target.PUBLIC,
    queue: bool,
    override: bool,
    as_json: bool,
    ask_approval: bool = False,
) -> int:
    wanted = review_id(review)
    with session.core(synced=True) as core:
        if core.inbox.detail(wanted) is None:
            raise InvalidInput(f"There is no review {wanted}.")
        details = payload(core, wanted) if callable(payload) else payload
        item = core.replies.publish(
            wanted,
            target,
            text,
            kind=kind,
            payload=details,
            delay_s=0,
            override=override,
            ask_approval=ask_approval,
        ).result()
        return finish(core, item, queue=queue, as_json=as_json)


@click.command("reply")
@click.argument("review")
@_text_options
@click.option("--ask-approval", is_flag=True, help="Hold it until somebody has approved it.")
@_send_options
@pass_session
def reply(
    session: Session,
    review: str,
    text: str | None,
    file: Path | None,
    ask_approval: bool,
    queue: bool,
    override: bool,
    as_json: bool,
) -> int:
    """Answer a review publicly."""
    content = _text(text, file)
    return _act(
        session,
        review,
        ActionKind.REPLY,
        text=content,
        queue=queue,
        override=override,
        as_json=as_json,
        ask_approval=ask_approval,
    )


@click.command("edit-reply")
@click.argument("review")
@click.argument("comment")
@_text_options
@_send_options
@pass_session
def edit_reply(
    session: Session,
    review: str,
    comment: str,
    text: str | None,
    file: Path | None,
    queue: bool,
    override: bool,
    as_json: bool,
) -> int:
    """Change a published reply. COMMENT is its id, or `reply` where the review has a single one."""
    content = _text(text, file)

    def payload(core: Core, wanted: int) -> Mapping[str, Any]:
        return {"comment_id": _comment(core, wanted, comment)}

    return _act(
        session,
        review,
        ActionKind.EDIT_REPLY,
        text=content,
        payload=payload,
        queue=queue,
        override=override,
        as_json=as_json,
    )


def _comment(core: Core, review: int, comment: str) -> str:
    detail = core.inbox.detail(review)
    ours = [c for c in detail.comments if c.role is Role.BUSINESS] if detail is not None else []
    if comment != "reply":
        return comment
    if len(ours) != 1 or ours[0].id is None:
        raise InvalidInput(
            f"This review has {len(ours)} replies: name the one by its id (see: reviewdesk show)."
        )
    return ours[0].id


@click.command("conversation")
@click.argument("review")
@click.argument("state", type=click.Choice(["public", "private"]))
@_send_options
@pass_session
def conversation(
    session: Session, review: str, state: str, queue: bool, override: bool, as_json: bool
) -> int:
    """Make the conversation of a review public or private."""
    return _act(
        session,
        review,
        ActionKind.CONVERSATION_STATE,
        payload={"state": state},
        queue=queue,
        override=override,
        as_json=as_json,
    )


@click.command("message")
@click.argument("review")
@_text_options
@click.option("--resolution", is_flag=True, help="As a resolution offer to this review.")
@click.option("--subject", help="The subject of the message.")
@_send_options
@pass_session
def message(
    session: Session,
    review: str,
    text: str | None,
    file: Path | None,
    resolution: bool,
    subject: str | None,
    queue: bool,
    override: bool,
    as_json: bool,
) -> int:
    """Write to the customer privately."""
    if resolution and subject is not None:
        raise InvalidInput("A resolution has no subject: give --resolution or --subject.")
    return _act(
        session,
        review,
        ActionKind.RESOLUTION if resolution else ActionKind.MESSAGE,
        text=_text(text, file),
        payload={"subject": subject} if subject is not None else {},
        target=Target.PRIVATE,
        queue=queue,
        override=override,
        as_json=as_json,
    )


@click.command("flag")
@click.argument("review")
@click.option("--reason", required=True, help="The provider's word for the reason.")
@click.option("--message", "words", required=True, help="What to tell the provider.")
@_send_options
@pass_session
def flag(
    session: Session, review: str, reason: str, words: str, queue: bool, override: bool, as_json: bool
) -> int:
    """Report a review to its provider."""
    return _act(
        session,
        review,
        ActionKind.FLAG,
        payload={"reason": reason, "message": words},
        target=Target.PRIVATE,
        queue=queue,
        override=override,
        as_json=as_json,
    )


@click.command("publish")
@click.argument("review")
@_send_options
@pass_session
def publish(session: Session, review: str, queue: bool, override: bool, as_json: bool) -> int:
    """Publish a review that waits for it at the provider."""
    return _act(session, review, ActionKind.PUBLISH, queue=queue, override=override, as_json=as_json)
