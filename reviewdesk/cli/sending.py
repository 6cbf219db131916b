"""``outbox ...``, and how every outgoing command waits for its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from reviewdesk.cli import shapes
from reviewdesk.cli.output import Progress, error, print_json, print_table
from reviewdesk.cli.session import (
    DONE,
    FAILED,
    NO_KEYCHAIN,
    Session,
    account_names,
    json_option,
    pass_session,
)
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import OutboxItem, OutboxState
from reviewdesk.domain.outbox import awaits_approval

if TYPE_CHECKING:
    from reviewdesk.services.core import Core

__all__ = ["finish", "outbox"]


def finish(core: Core, item: OutboxItem, *, queue: bool, as_json: bool) -> int:
    """Wait for the item's final state unless it is only queued; print the answer; the exit code."""
    if not queue:
        item = _drain(core, [item.id])[0]
    if as_json:
        print_json(shapes.outbox_answer(item))
    else:
        click.echo(f"{item.state.value} (outbox {item.id})")
    if queue:
        return DONE
    return _judge([item])


def _drain(core: Core, ids: Sequence[int] | None) -> list[OutboxItem]:
    progress = Progress(core.clock)

    def say(items: Sequence[OutboxItem]) -> None:
        for item in items:
            why = f" ({item.error.message})" if item.error else ""
            progress.say(item.id, f"outbox {item.id}: {item.state.value}{why}")

    try:
        return core.outbox.run(ids, progress=say)
    finally:
        progress.end()


def _judge(items: Sequence[OutboxItem]) -> int:
    for item in items:
        if item.state is not OutboxState.SENT:
            why = item.error.message if item.error else "It is not through yet."
            error(f"outbox {item.id} is {item.state.value}: {why}", _what_next(item))
    if any(i.error is not None and i.error.kind == "keychain" for i in items):
        return NO_KEYCHAIN
    return DONE if all(i.state is OutboxState.SENT for i in items) else FAILED


def _what_next(item: OutboxItem) -> str:
    if item.state in (OutboxState.WAITING, OutboxState.VERIFYING, OutboxState.SENDING):
        return "It stays in the outbox: reviewdesk outbox run"
    if awaits_approval(item):
        return f"Somebody who has read it lets it out: reviewdesk outbox approve {item.id}"
    if item.state is OutboxState.HELD and item.error is not None and item.error.kind == "conflict":
        return f"Send it all the same: reviewdesk outbox retry {item.id} --override"
    return f"Try again: reviewdesk outbox retry {item.id}; or drop it: reviewdesk outbox discard {item.id}"


def _print(core: Core, items: Sequence[OutboxItem], as_json: bool) -> None:
    accounts = account_names(core)
    rows = [shapes.outbox_row(item, accounts.get(item.account_id)) for item in items]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("Nothing to do.")
    else:
        print_table(
            ("outbox", "kind", "account", "review", "state", "tries", "not before", "error", "text"),
            [
                (
                    row["outbox_id"],
                    row["kind"],
                    row["account"],
                    row["review"],
                    row["state"],
                    row["attempts"],
                    row["not_before"],
                    row["error"]["message"] if row["error"] else "",
                    row["text"],
                )
                for row in rows
            ],
            stretch=8,
        )


@click.group("outbox", invoke_without_command=True)
@json_option
@click.pass_context
def outbox(context: click.Context, as_json: bool) -> None:
    """What waits, is on its way or needs a person. Without a word: list."""
    if context.invoked_subcommand is None:
        context.invoke(list_items, as_json=as_json)


@outbox.command("list")
@json_option
@pass_session
def list_items(session: Session, as_json: bool) -> int:
    """List the outbox, newest first."""
    with session.core() as core:
        _print(core, core.outbox.items(), as_json)
    return DONE


@outbox.command("run")
@json_option
@pass_session
def run(session: Session, as_json: bool) -> int:
    """Work on everything that is due, and on what a killed process left behind, to its end."""
    with session.core() as core:
        items = _drain(core, None)
        _print(core, items, as_json)
        return _judge(items)


@outbox.command("retry")
@click.argument("item", type=int)
@click.option("--queue", is_flag=True, help="Do not wait for the answer.")
@click.option("--override", is_flag=True, help="Send despite a newer comment or a finding of the check.")
@json_option
@pass_session
def retry(session: Session, item: int, queue: bool, override: bool, as_json: bool) -> int:
    """Try one item again now, without waiting for its back-off."""
    with session.core() as core:
        _known(core, item)
        again = core.outbox.retry(item, override=override).result()
        return finish(core, again, queue=queue, as_json=as_json)


@outbox.command("approve")
@click.argument("item", type=int)
@click.option("--by", help="Who has read it (default: the name of the settings, else of the system's user).")
@click.option("--queue", is_flag=True, help="Do not wait for the answer.")
@json_option
@pass_session
def approve(session: Session, item: int, by: str | None, queue: bool, as_json: bool) -> int:
    """Let out an item that waits for a second pair of eyes. Who and when is kept in the journal."""
    from reviewdesk.services.approval import my_name

    with session.core() as core:
        _known(core, item)
        let_out = core.outbox.approve(item, my_name(core.settings) if by is None else by).result()
        return finish(core, let_out, queue=queue, as_json=as_json)


@outbox.command("discard")
@click.argument("item", type=int)
@json_option
@pass_session
def discard(session: Session, item: int, as_json: bool) -> int:
    """Take one item out of the outbox; nothing is sent."""
    with session.core() as core:
        _known(core, item)
        gone = core.outbox.discard(item).result()
    if as_json:
        print_json(shapes.outbox_answer(gone))
    else:
        click.echo(f"Discarded (outbox {gone.id}).")
    return DONE


def _known(core: Core, item: int) -> None:
    if core.outbox.item(item) is None:
        raise InvalidInput(f"There is no outbox item {item}.")
