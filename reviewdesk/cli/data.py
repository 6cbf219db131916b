"""``person``, ``backup`` and ``restore``: data care (docs/command-line.md)."""

from __future__ import annotations

from pathlib import Path

import click

from reviewdesk.cli.output import Progress, print_json, print_table, warning
from reviewdesk.cli.session import DONE, FAILED, Session, json_option, pass_session
from reviewdesk.domain.errors import InvalidInput

__all__ = ["backup", "person", "restore"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_at_provider = click.option(
    "--at-provider", is_flag=True, help="Ask every account whose provider offers it, too."
)


@click.group("person")
def person() -> None:
    """Find, write out or erase what is held about one person."""


@person.command("find")
@click.argument("email")
@json_option
@pass_session
def find(session: Session, email: str, as_json: bool) -> int:
    """List everything that holds the person with this address."""
    with session.core(synced=True) as core:
        progress = Progress(core.clock)
        try:
            places = core.care.privacy.find(email, lambda text: progress.say("person", text))
        finally:
            progress.end()
    if as_json:
        print_json([{"where": p.where, "id": p.id, "what": p.what} for p in places])
    elif places:
        print_table(("where", "id", "what"), [(p.where, p.id, p.what) for p in places], stretch=2)
    else:
        click.echo("Nothing found.")
    return DONE


@person.command("export")
@click.argument("email")
@click.option(
    "--out",
    "target",
    type=_FILE,
    metavar="FILE",
    help="Where to: JSON when it ends in .json, else a text to be read. Without it: to standard output.",
)
@_at_provider
@json_option
@pass_session
def export_person(session: Session, email: str, target: Path | None, at_provider: bool, as_json: bool) -> int:
    """Write everything that is held about the person with this address to a file."""
    from reviewdesk.services.privacy import readable

    with session.core(synced=True) as core:
        progress = Progress(core.clock)
        service = core.care.privacy

        def say(text: str) -> None:
            progress.say("person", text)

        try:
            if target is None:
                made = service.document(email, at_provider=at_provider, progress=say)
            else:
                made = service.export(email, target, at_provider=at_provider, progress=say)
        finally:
            progress.end()
    if target is None and not as_json:
        click.echo(readable(made))
    elif as_json:
        print_json(made)
    else:
        click.echo(f"{sum(map(len, made['here'].values()))} entries written to {target}.")
    failed = [told for told in made.get("providers", ()) if told["message"]]
    for told in failed:
        warning(f"{told['account']}: {told['message']}")
    return FAILED if failed else DONE


@person.command("erase")
@click.argument("email")
@_at_provider
@click.option("--out", "target", type=_FILE, metavar="FILE", help="Write the report to this file as well.")
@json_option
@pass_session
def erase(session: Session, email: str, at_provider: bool, target: Path | None, as_json: bool) -> int:
    """Erase the person with this address from this profile, its backups and its logs."""
    import json

    from reviewdesk.services.handouts import write_text
    from reviewdesk.services.privacy import counted

    if target is not None and not target.absolute().parent.is_dir():
        raise InvalidInput(f"{target} can't be written: there is no such folder.")
    with session.core(synced=True) as core:
        progress = Progress(core.clock)
        try:
            report = core.care.privacy.erase(
                email, at_provider=at_provider, progress=lambda text: progress.say("person", text)
            )
        finally:
            progress.end()
    made = {
        "erased": counted(report.erased),
        "provider": [{"account": a.account, "ok": a.ok, "message": a.message} for a in report.provider],
        "left": [{"where": left.where, "reason": left.reason} for left in report.left],
    }
    if target is not None:
        write_text(target.absolute(), json.dumps(made, ensure_ascii=False, indent=2) + "\n")
    if as_json:
        print_json(made)
    else:
        if report.erased:
            print_table(("erased", "count"), sorted(report.erased.items()))
        else:
            click.echo("Nothing was found to erase.")
        for asked in report.provider:
            click.echo(f"{asked.account}: {asked.message}")
        for left in report.left:
            warning(f"Left: {left.where}: {left.reason}")
    return DONE if report.ok else FAILED


@click.command("backup")
@click.option("--out", "target", type=_FILE, required=True, metavar="FILE", help="Where to.")
@pass_session
def backup(session: Session, target: Path) -> int:
    """Write a copy of the whole database to a file. It holds personal data, but no secret."""
    with session.core(synced=True) as core:
        size = core.backups.write_to(target)
    click.echo(f"{size / 1e6:.1f} MB written to {target}.")
    return DONE


@click.command("restore")
@click.argument("file", type=_FILE, metavar="FILE")
@pass_session
def restore(session: Session, file: Path) -> int:
    """Put a copy of the database in the place of the present one, which is kept aside. Nothing is sent."""
    from reviewdesk.domain.clock import SystemClock
    from reviewdesk.services import backups, restoring
    from reviewdesk.services.profile import Profile

    if not file.is_file():
        raise InvalidInput(f"There is no file {file}.")
    if not backups.is_whole(file):
        raise InvalidInput(f"{file} is no whole copy of a Reviewdesk database that this version can read.")
    profile = Profile.open(session.folder, practice=session.demo)
    former = backups.restore(profile, file.absolute(), SystemClock())
    click.echo(f"Restored from {file}.")
    if former is not None:
        click.echo(f"The former database is in {former}.")
    with session.reading() as core:
        held = restoring.held(core.store)
    if held:
        warning(
            f"{held} outbox items are held: they may have gone out since. Look at each before it goes out."
        )
    return DONE
