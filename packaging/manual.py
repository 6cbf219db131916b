"""The man page and the shell completions, made from the command line itself."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import click
import names

from reviewdesk.cli import cli

__all__ = ["completions", "man_page", "write"]

PROGRAM = "reviewdesk"
_VARIABLE = "_REVIEWDESK_COMPLETE"

_FILES = (
    ("~/.local/share/reviewdesk", "the database, backups and drafts"),
    ("~/.config/reviewdesk", "which profile this is"),
    ("~/.cache/reviewdesk", "pictures"),
    ("~/.local/state/reviewdesk/log", "the log"),
)
_VARIABLES = (
    ("REVIEWDESK_PROFILE", "a folder that holds everything instead, as --profile does"),
    ("REVIEWDESK_SECRET_KEY", "the value of --secret KEY of 'account add', in place of a question"),
)
_CODES = (
    ("0", "all of it was done"),
    ("1", "it ran, and some account, item or row failed"),
    ("2", "wrong usage, or a value that cannot be right"),
    ("3", "the profile can't be used"),
    ("4", "a secret is needed and the keychain is missing or locked"),
)


def completions() -> dict[str, str]:
    """What bash, zsh and fish read, by the shell's name. The program itself is asked for what fits."""
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    return {
        shell.name: shell(cli, {}, PROGRAM, _VARIABLE).source()
        for shell in (BashComplete, ZshComplete, FishComplete)
    }


def man_page() -> str:
    """``reviewdesk(1)`` in troff."""
    day = time.strftime("%Y-%m-%d", time.gmtime(names.released_at()))
    lines = [
        f'.TH REVIEWDESK 1 "{day}" "{names.TITLE} {names.version()}" "User Commands"',
        ".SH NAME",
        f"{PROGRAM} \\- {_plain(names.SUMMARY[0].lower() + names.SUMMARY[1:])}",
        ".SH SYNOPSIS",
        f".B {PROGRAM}",
        "[\\fIOPTIONS\\fR] [\\fICOMMAND\\fR ...]",
        ".SH DESCRIPTION",
    ]
    for paragraph in names.DESCRIPTION:
        lines += [_plain(paragraph), ".PP"]
    lines += ["Without a command the window opens.", ".SH OPTIONS", *_options(cli), ".SH COMMANDS"]
    for words, command in _commands(cli, ()):
        lines += _command(words, command)
    for title, rows in (
        ("EXIT STATUS", _CODES),
        ("ENVIRONMENT", _VARIABLES),
        ("FILES", _FILES),
    ):
        lines.append(f".SH {title}")
        for name, said in rows:
            lines += [".TP", f".B {_plain(name)}", _plain(said)]
    return "\n".join(lines) + "\n"


def _commands(group: click.Group, before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group, info_name=PROGRAM)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*before, name))


def _command(words: tuple[str, ...], command: click.Command) -> list[str]:
    context = click.Context(command, info_name=" ".join((PROGRAM, *words)))
    usage = " ".join(command.collect_usage_pieces(context))
    help_text = re.sub(r"\x08\n?", "", command.help or "").strip()
    lines = [f".SS {_plain(' '.join(words))}", f".B {_plain(' '.join((PROGRAM, *words)))}", _plain(usage)]
    for paragraph in re.split(r"\n\s*\n", help_text):
        lines += [".PP", *(_plain(line.strip()) for line in paragraph.splitlines())]
    return lines + _options(command)


def _options(command: click.Command) -> list[str]:
    context = click.Context(command, info_name=PROGRAM)
    lines = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            lines += [".TP", f".B {_plain(record[0])}", _plain(record[1] or "\N{EN DASH}")]
    return lines


def _plain(text: str) -> str:
    """Text that troff takes as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def write(folder: Path) -> None:
    """``reviewdesk.1``, ``reviewdesk.bash``, ``reviewdesk.zsh`` and ``reviewdesk.fish`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{PROGRAM}.1").write_text(man_page(), encoding="utf-8")
    for shell, text in completions().items():
        (folder / f"{PROGRAM}.{shell}").write_text(text, encoding="utf-8")
