"""The command line: the same core without a window (docs/command-line.md is its contract). Imports no Qt."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from reviewdesk import __version__
from reviewdesk.cli.output import error
from reviewdesk.cli.session import DONE, FAILED, NO_KEYCHAIN, NO_PROFILE, WRONG_USE, Session
from reviewdesk.domain.errors import InvalidInput, ReviewdeskError, SecretError, StoreError
from reviewdesk.domain.links import is_link

__all__ = ["main"]

# Where each command lives: a module is imported when its command is used, so that `list` starts fast.
_COMMANDS = {
    "gui": "window:gui",
    "providers": "accounts:providers",
    "account": "accounts:account",
    "sync": "syncing:sync",
    "list": "reading:list_reviews",
    "show": "reading:show",
    "count": "reading:count",
    "reply": "acting:reply",
    "edit-reply": "acting:edit_reply",
    "conversation": "acting:conversation",
    "message": "acting:message",
    "flag": "acting:flag",
    "publish": "acting:publish",
    "invite": "inviting:invite",
    "invite-bulk": "inviting:invite_bulk",
    "invite-withdraw": "inviting:invite_withdraw",
    "invite-record": "inviting:invite_record",
    "outbox": "sending:outbox",
    "export": "exporting:export",
    "person": "data:person",
    "backup": "data:backup",
    "restore": "data:restore",
    "doctor": "health:doctor",
    "open": "window:open_link",
}


class _Commands(click.Group):
    """Imports a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # What a desktop starts for an address: the address stands alone.
        if args and is_link(args[0]):
            return super().resolve_command(ctx, ["open", "--", *args])
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(f"reviewdesk.cli.{module}"), name)
        return command if isinstance(command, click.Command) else None


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    import platform

    click.echo(f"reviewdesk {__version__}")
    click.echo(f"Python {platform.python_version()}")
    click.echo(f"Qt {_installed('PySide6-Essentials', 'PySide6')}")
    click.echo(f"SQLite {'.'.join(_installed('apsw').split('.')[:3])}")
    context.exit()


def _installed(*names: str) -> str:
    from importlib import metadata

    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return "not installed"


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--profile",
    "folder",
    type=click.Path(path_type=Path, file_okay=True),
    metavar="DIR",
    help="Keep everything under DIR instead of the platform's own folders. Environment: REVIEWDESK_PROFILE.",
)
@click.option(
    "--demo", is_flag=True, help="Use a practice profile: simulated providers, sample reviews, no network."
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Print the versions of the program, Python, Qt and SQLite.",
)
@click.option(
    "--self-test",
    "self_test",
    is_flag=True,
    help="Try what this build needs on this machine, without network, and print a table.",
)
@click.option("--json", "as_json", is_flag=True, help="With --self-test: print one JSON document.")
@click.pass_context
def cli(context: click.Context, folder: Path | None, demo: bool, self_test: bool, as_json: bool) -> None:
    """One inbox for customer reviews. Without a command the window opens.

    \b
    Exit codes:
      0  all of it was done
      1  it ran, and some account, item or row failed
      2  wrong usage, or a value that cannot be right
      3  the profile can't be used
      4  a secret is needed and the keychain is missing or locked
    """
    context.obj = Session(folder, demo)
    if self_test:
        if context.invoked_subcommand is not None or demo or folder is not None:
            raise click.UsageError("--self-test stands alone: it opens no profile.")
        from reviewdesk.cli.health import run_self_test

        context.exit(run_self_test(as_json))
    if as_json:
        raise click.UsageError("--json belongs behind a command, or with --self-test.")
    if context.invoked_subcommand is None:
        from reviewdesk.cli.window import open_window

        context.exit(open_window(context.obj))


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line and answer its exit code. Never shows a traceback."""
    from reviewdesk.app import prepare_streams

    prepare_streams()
    try:
        code: Any = cli.main(
            args=list(args) if args is not None else None, prog_name="reviewdesk", standalone_mode=False
        )
        sys.stdout.flush()
    except BaseException as failure:  # noqa: BLE001 - each becomes a sentence and a code, or is raised again
        return exit_code(failure)
    return code if isinstance(code, int) else DONE


def exit_code(failure: BaseException) -> int:
    """Say what went wrong, without a traceback, and answer the exit code. Raises what means to end the process."""
    if isinstance(failure, BrokenPipeError | SystemExit):
        # Whoever read our output has enough of it (`list | head`). Click makes its own exit of it, and no command of
        # ours ends the process by one.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return DONE
    if isinstance(failure, (KeyboardInterrupt, click.Abort)):
        error("Stopped.")
        return FAILED
    if isinstance(failure, click.ClickException):
        error(failure.format_message())
        return WRONG_USE
    if isinstance(failure, ReviewdeskError):
        error(failure.message, failure.remedy)
        return next((code for kind, code in _CODES if isinstance(failure, kind)), FAILED)
    if not isinstance(failure, Exception):
        raise failure
    # A person gets a sentence, the log has the rest.
    error(f"Something went wrong inside ({type(failure).__name__}).", "The log has the details.")
    return FAILED


_CODES = ((InvalidInput, WRONG_USE), (SecretError, NO_KEYCHAIN), (StoreError, NO_PROFILE))
