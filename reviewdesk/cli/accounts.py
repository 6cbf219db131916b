"""``providers`` and ``account ...``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from reviewdesk.cli import shapes
from reviewdesk.cli.output import error, print_json, print_table
from reviewdesk.cli.session import DONE, FAILED, Session, json_option, pass_session
from reviewdesk.domain.capabilities import Capability, Field, ProviderSpec
from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.services.accounts import CheckFailed, fields_of, known_specs

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.services.doors import CheckStage
    from reviewdesk.services.secretbox import UnsavedSecrets

__all__ = ["account", "providers"]

_LONGEST_ADDRESS = 20_000


@click.command("providers")
@json_option
@pass_session
def providers(session: Session, as_json: bool) -> int:
    """List the providers with their settings and secrets."""
    specs = known_specs()
    if as_json:
        print_json([_spec_json(spec) for spec in specs])
        return DONE
    for spec in specs:
        click.echo(f"{spec.id}: {spec.title}. {spec.summary}")
        for word, fields in (("--set", tuple(fields_of(spec).values())), ("--secret", spec.secrets)):
            for field in fields:
                needed = " (needed)" if field.required else ""
                default = f" [{field.default}]" if field.default else ""
                choices = f" = {' | '.join(field.choices)}" if field.choices else ""
                click.echo(f"    {word} {field.key}{choices}{default}{needed}: {field.help or field.label}")
    return DONE


def _spec_json(spec: ProviderSpec) -> dict[str, Any]:
    return {
        "id": spec.id,
        "title": spec.title,
        "summary": spec.summary,
        "settings": [_field_json(f) for f in fields_of(spec).values()],
        "secrets": [_field_json(f) for f in spec.secrets],
        "levels": [
            {
                "id": level.id,
                "title": level.title,
                "capabilities": {
                    c.value: {"available": a.available, "reason": a.reason}
                    for c, a in level.capabilities().items()
                },
            }
            for level in spec.levels
        ],
        "score_min": shapes.number(spec.score_min),
        "score_max": shapes.number(spec.score_max),
        "reply_max_chars": spec.reply_limits.max_chars,
    }


def _field_json(field: Field) -> dict[str, Any]:
    return {
        "key": field.key,
        "label": field.label,
        "help": field.help,
        "required": field.required,
        "default": field.default,
        "choices": list(field.choices),
    }


@click.group("account")
def account() -> None:
    """Add, list, test, pause, resume and remove accounts."""


def _settings(pairs: tuple[str, ...]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise InvalidInput(f"--set takes KEY=VALUE, not '{pair}'.")
        if key in settings:
            raise InvalidInput(f"--set {key} is given twice.")
        settings[key] = value
    return settings


def _secrets(keys: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for key in keys:
        if "=" in key:
            raise InvalidInput(
                "--secret takes only the name of a secret: its value would be seen in the list of processes.",
                remedy=f"Put the value into {_variable(key.partition('=')[0])}.",
            )
        values[key] = _secret(key)
    return values


def _variable(key: str) -> str:
    return "REVIEWDESK_SECRET_" + key.upper().replace("-", "_")


def _secret(key: str) -> str:
    value = os.environ.get(_variable(key), "")
    if value:
        return value
    if _at_terminal():
        return str(click.prompt(key, hide_input=True, err=True))
    raise InvalidInput(f"There is no value for the secret {key}.", remedy=f"Put it into {_variable(key)}.")


@account.command("add")
@click.argument("provider")
@click.option("--name", required=True, help="What to call it; shown everywhere.")
@click.option(
    "--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting; see: reviewdesk providers"
)
@click.option(
    "--secret",
    "keys",
    multiple=True,
    metavar="KEY",
    help="A secret: from REVIEWDESK_SECRET_KEY or typed at the prompt; kept in the keychain only.",
)
@click.option("--no-test", is_flag=True, help="Store it without trying the connection.")
@pass_session
def add(
    session: Session, provider: str, name: str, pairs: tuple[str, ...], keys: tuple[str, ...], no_test: bool
) -> int:
    """Add an account of PROVIDER, after a test of the connection."""
    settings = _settings(pairs)
    with session.core() as core:
        spec = core.accounts.spec(provider)
        for key in keys:
            if key.partition("=")[0] not in {f.key for f in spec.secrets}:
                known = ", ".join(f.key for f in spec.secrets)
                raise InvalidInput(f"{spec.title} has no secret '{key.partition('=')[0]}'. It has: {known}.")
        # Whatever can be refused without them is refused before secrets are asked for.
        core.accounts.validate(provider, name, settings, dict.fromkeys(keys, ""))
        box = core.accounts.unsaved(_secrets(keys))
        if not no_test and core.accounts.wants_browser(provider, settings):
            _sign_in_by_browser(core, provider, settings, box)
        while True:
            try:
                made = core.accounts.add(
                    provider, name, settings, box, test=not no_test, on_stage=_print_stage
                )
                break
            except CheckFailed as failure:
                shown = failure.unknown_key(settings)
                if shown is None or not _at_terminal() or not _accepts(failure.message):
                    error(f"{failure.stages[-1].stage}: {failure.message}", failure.remedy)
                    return FAILED
                settings = {**settings, "host_key": shown}
    click.echo(f"Added {made.name} (account {made.id}).")
    return DONE


def _print_stage(stage: CheckStage) -> None:
    click.echo(f"{'ok  ' if stage.ok else 'FAIL'} {stage.stage}: {stage.message}", err=True)


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _accepts(message: str) -> bool:
    """Whether the person at the terminal knows the server's key. No password has been sent so far."""
    click.echo(message, err=True)
    question = "Is this the fingerprint that the server's administrator gives? Accept it"
    return bool(click.confirm(question, default=False, err=True))


def _sign_in_by_browser(core: Core, provider: str, settings: dict[str, str], box: UnsavedSecrets) -> None:
    """cli.md: the address to open on standard error, the address of the page it ended on from standard input.

    Raises ``InvalidInput`` when nothing or the wrong thing comes, ``ProviderError`` when it is refused.
    """
    address = core.accounts.sign_in_address(provider, settings, box)
    click.echo("Open this address in a browser and sign in:", err=True)
    click.echo(address, err=True)
    click.echo("Then give the address of the page on which it ended:", err=True)
    pasted = sys.stdin.readline(_LONGEST_ADDRESS).strip()
    if not pasted:
        raise InvalidInput(
            "The address of the page on which the sign-in ended is missing.",
            remedy="It is read from standard input.",
        )
    core.accounts.finish_sign_in(provider, settings, box, pasted)


@account.command("list")
@json_option
@pass_session
def list_accounts(session: Session, as_json: bool) -> int:
    """List the accounts with their state and what they can do."""
    with session.core() as core:
        accounts = [(a, core.accounts.capabilities(a)) for a in core.accounts.list()]
    if as_json:
        print_json([shapes.account_row(a, can) for a, can in accounts])
        return DONE
    if not accounts:
        click.echo("There are no accounts yet. Add one with: reviewdesk account add")
        return DONE
    print_table(
        ("id", "name", "provider", "state", "last success", "can", "last error"),
        [
            (
                a.id,
                a.name,
                a.provider,
                a.state.value,
                iso_utc(a.last_success) or "never",
                ", ".join(c.value for c in Capability if can[c].available),
                a.last_error.message if a.last_error else "",
            )
            for a, can in accounts
        ],
        stretch=5,
    )
    return DONE


@account.command("test")
@click.argument("name")
@json_option
@pass_session
def test(session: Session, name: str, as_json: bool) -> int:
    """Try the connection stage by stage; nothing is changed."""
    with session.core() as core:
        stages = list(core.accounts.check_account(core.accounts.by_name(name)))
    if as_json:
        print_json([{"stage": s.stage, "ok": s.ok, "message": s.message} for s in stages])
    else:
        print_table(
            ("stage", "result", "message"), [(s.stage, "ok" if s.ok else "FAIL", s.message) for s in stages]
        )
    failed = [s for s in stages if not s.ok]
    for stage in failed:
        error(f"{stage.stage}: {stage.message}", stage.remedy)
    return FAILED if failed or not stages else DONE


@account.command("pause")
@click.argument("name")
@pass_session
def pause(session: Session, name: str) -> int:
    """Make no request for this account until it is resumed."""
    with session.core() as core:
        core.accounts.pause(core.accounts.by_name(name)).result()
    return DONE


@account.command("resume")
@click.argument("name")
@pass_session
def resume(session: Session, name: str) -> int:
    """Let a paused account work again."""
    with session.core() as core:
        core.accounts.resume(core.accounts.by_name(name)).result()
    return DONE


@account.command("remove")
@click.argument("name")
@click.option("--erase", is_flag=True, help="With every review it brought; drafts are kept.")
@pass_session
def remove(session: Session, name: str, erase: bool) -> int:
    """Remove an account and its entries in the keychain; its reviews stay unless --erase."""
    with session.core() as core:
        found = core.accounts.by_name(name)
        core.accounts.remove(found, erase=erase)
    click.echo(f"Removed {found.name}.")
    return DONE
