"""``invite``, ``invite-bulk``, ``invite-withdraw`` and ``invite-record``: asking customers for reviews."""

from __future__ import annotations

import csv
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from reviewdesk.cli.output import Progress, error, print_json, print_table, warning
from reviewdesk.cli.session import DONE, FAILED, NO_KEYCHAIN, Session, json_option, pass_session
from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.errors import InvalidInput, NotAvailable
from reviewdesk.domain.invitations.model import Invitation, InviteForm, InviteState, InviteWay
from reviewdesk.domain.models import Account, ActionKind, OutboxItem, OutboxState, ReviewKind

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.services.invitation_files import Table
    from reviewdesk.services.invitations_bulk import Plan, Row

__all__ = ["invite", "invite_bulk", "invite_record", "invite_withdraw"]

_KIND = click.Choice([k.value for k in ReviewKind])
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


# --- one customer ------------------------------------------------------------------------------------


@click.command("invite")
@click.argument("account")
@click.option("--email", help="The customer's address.")
@click.option("--name", help="The customer's whole name.")
@click.option("--first-name")
@click.option("--last-name")
@click.option("--phone", help="In place of an address, where the provider takes one.")
@click.option("--order-id", help="The order's number; the review comes back with it.")
@click.option("--order-date", metavar="DATE", help="The day of the order, as 2026-01-31.")
@click.option("--sku", "skus", multiple=True, metavar="SKU", help="A product to ask about; several are fine.")
@click.option("--locale", help="The customer's language, as fr or fr-FR.")
@click.option(
    "--kind", type=_KIND, help="Ask about products or about the shop; with --sku about products if it can."
)
@click.option("--offline", is_flag=True, help="Make Sitejabber's encrypted link here, without a request.")
@click.option(
    "--qr", type=click.Path(path_type=Path), help="Write the link as a QR code: .png, .svg or .sheet.svg."
)
@click.option(
    "--send", is_flag=True, help="Let the provider e-mail the customer. Without it nobody is e-mailed."
)
@json_option
@pass_session
def invite(
    session: Session,
    account: str,
    kind: str | None,
    offline: bool,
    qr: Path | None,
    send: bool,
    as_json: bool,
    skus: tuple[str, ...],
    **given: str | None,
) -> int:
    """Ask one customer for a review: make a link, or with --send let the provider e-mail them."""
    values: dict[str, Any] = {key: value for key, value in given.items() if value and value.strip()}
    if skus:
        values["skus"] = list(skus)
    if qr is not None:
        from reviewdesk.services.invitation_codes import qr_kind

        qr_kind(qr)
        if not qr.absolute().parent.is_dir():
            raise InvalidInput(f"There is no folder {qr.absolute().parent}.")
    with session.core() as core:
        chosen = core.accounts.by_name(account)
        form = _form(core, chosen, kind, offline=offline, send=send, by_sku=bool(skus))
        if qr is not None and form.way.sends:
            raise InvalidInput(
                "An e-mail by the provider gives no link, so there is nothing to make a QR code of."
            )
        for key in values:
            if form.field(key) is None:
                warning(
                    f"--{key.replace('_', '-').removesuffix('s')} is left out: this source does not know it."
                )
        made = core.invitations.invite(chosen.id, form.way, form.kind, values).result()
        return _finish(core, made, qr, as_json)


def _form(
    core: Core, account: Account, kind: str | None, *, offline: bool, send: bool, by_sku: bool
) -> InviteForm:
    """The form that the options mean. Raises ``InvalidInput`` or ``NotAvailable``."""
    if offline and send:
        raise InvalidInput("A link made offline is e-mailed by nobody: leave out --offline or --send.")
    offers = core.invitations.offers(account)
    if send:
        wanted: tuple[InviteWay, ...] = (InviteWay.EMAIL, InviteWay.ORDER)
    else:
        wanted = (InviteWay.OFFLINE,) if offline else (InviteWay.LINK,)
    way = next((o.form.way for o in offers if o.form.way in wanted), wanted[0])
    kinds = [o.form.kind for o in offers if o.form.way is way]
    mails = any(o.form.way.sends for o in offers)
    if not kinds and mails and not offline:
        title = core.accounts.spec(account.provider).title
        raise NotAvailable(
            f"{title} gives no links; it e-mails the customer itself.", remedy="Say --send if it shall."
        )
    if kind is not None:
        chosen = ReviewKind(kind)
    elif by_sku and ReviewKind.PRODUCT in kinds:
        chosen = ReviewKind.PRODUCT
    else:
        chosen = ReviewKind.BUSINESS if ReviewKind.BUSINESS in kinds or not kinds else kinds[0]
    return core.invitations.form(account, way, chosen)


def _finish(core: Core, made: Invitation, qr: Path | None, as_json: bool) -> int:
    progress = Progress(core.clock)

    def say(items: Sequence[OutboxItem]) -> None:
        for item in items:
            progress.say(item.id, f"outbox {item.id}: {item.state.value}")

    try:
        items = core.outbox.run([made.outbox_id or 0], progress=say)
    finally:
        progress.end()
    done = core.invitations.get(made.id) or made
    link = done.link or next(iter(done.links.values()), None)
    written: str | None = None
    if qr is not None and link is not None:
        from reviewdesk.services.invitation_codes import save_qr

        save_qr(link, qr)
        written = str(qr)
    if as_json:
        print_json(
            {
                "link": link,
                "links": dict(done.links),
                "expires": iso_utc(done.expires_at),
                "sent": None if done.state is InviteState.UNKNOWN and done.way.sends else done.sent,
                "qr": written,
            }
        )
    elif done.state is InviteState.INVITED:
        click.echo(link or f"{done.email} will be e-mailed by the provider.")
        for sku, address in done.links.items():
            if len(done.links) > 1:
                click.echo(f"{sku}: {address}")
    return _judge(items)


def _judge(items: list[OutboxItem]) -> int:
    for item in items:
        if item.state is OutboxState.SENT:
            continue
        why = item.error.message if item.error is not None else "It is not through yet."
        unclear = item.error is not None and item.error.kind == "unclear"
        error(
            f"outbox {item.id} is {item.state.value}: {why}",
            ""
            if unclear
            else f"It stays in the outbox: reviewdesk outbox retry {item.id}, or discard {item.id}",
        )
    if any(i.error is not None and i.error.kind == "keychain" for i in items):
        return NO_KEYCHAIN
    return DONE if items and all(i.state is OutboxState.SENT for i in items) else FAILED


# --- a list ------------------------------------------------------------------------------------------


@click.command("invite-bulk")
@click.argument("account")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="FIELD is email, name, first_name, last_name, phone, order_id, order_date, sku or locale; COLUMN a"
    " heading or a number counted from 1. Known headings map themselves; what was mapped is remembered.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="RESULT.csv",
    help="Write row, email, order_id, state, link and reason of each row.",
)
@click.option("--dry-run", is_flag=True, help="Look at every row, say how long it would take, ask nobody.")
@click.option(
    "--send", is_flag=True, help="Let the provider e-mail the customers. Without it nobody is e-mailed."
)
@click.option("--offline", is_flag=True, help="Make Sitejabber's encrypted links here, without a request.")
@click.option("--kind", type=_KIND, help="Ask about products or the shop; products where each row names one.")
@click.option("--every", type=click.IntRange(min=1), metavar="N", help="Ask every N. customer of the list.")
@click.option(
    "--random", "count", type=click.IntRange(min=1), metavar="N", help="Ask N customers, by --seed."
)
@click.option("--seed", help="Any text; the same seed chooses the same customers.")
@json_option
@pass_session
def invite_bulk(
    session: Session,
    account: str,
    file: Path,
    pairs: tuple[str, ...],
    out: Path | None,
    dry_run: bool,
    send: bool,
    offline: bool,
    kind: str | None,
    every: int | None,
    count: int | None,
    seed: str | None,
    as_json: bool,
) -> int:
    """Ask everybody on a list (CSV or XLSX; - is standard input).

    Run again with the same FILE it goes on where it ended; nobody is asked twice.
    """
    from reviewdesk.services.invitation_files import Table, read_mapping

    if out is not None:
        _check_out(out, file)
    table = Table.open_text(_standard_input()) if str(file) == "-" else Table.open_file(file)
    with session.core() as core:
        chosen = core.accounts.by_name(account)
        lists = core.invitation_lists
        mapping, _ = lists.mapping_for(table)
        given = read_mapping(table, pairs)
        if given:
            taken = set(given.values())
            mapping = {f: c for f, c in mapping.items() if c not in taken} | given
            lists.remember_mapping(table, mapping)
        by_sku = kind is None and "sku" in mapping and _always(table, mapping["sku"])
        form = _form(core, chosen, kind, offline=offline, send=send, by_sku=by_sku)
        _check_columns(form, mapping, table)
        plan = lists.plan(chosen.id, form.way, form.kind, table, mapping, sample=_sample(every, count, seed))
        if dry_run:
            return _dry(core, plan, out, as_json)
        return _run(core, plan, out, as_json)


def _check_out(out: Path, file: Path) -> None:
    if out.absolute() == file.absolute():
        raise InvalidInput("The result would be written over the list.")
    if not out.absolute().parent.is_dir():
        raise InvalidInput(f"There is no folder {out.absolute().parent}.")
    if out.is_dir():
        raise InvalidInput(f"{out} is a folder.")


def _standard_input() -> str:
    from reviewdesk.cli.acting import LARGEST_FILE

    raw = sys.stdin.buffer.read(32 * LARGEST_FILE + 1)
    if len(raw) > 32 * LARGEST_FILE:
        raise InvalidInput("That is too much for a list.")
    return raw.decode("utf-8-sig", "replace")


def _always(table: Table, column: int) -> bool:
    return all(column < len(cells) and cells[column] for _, cells in table.rows())


def _check_columns(form: InviteForm, mapping: dict[str, int], table: Table) -> None:
    from reviewdesk.domain.invitations.fields import label, missing_for

    missing = missing_for(form, ["skus" if f == "sku" else f for f in mapping])
    if missing:
        words = ", ".join(label(key) for key in missing)
        raise InvalidInput(
            f"No column is known for: {words}. Columns: {', '.join(table.headings)[:300]}.",
            remedy="Name them with --map FIELD=COLUMN.",
        )


def _sample(every: int | None, count: int | None, seed: str | None) -> Any:
    from reviewdesk.domain.invitations.sampling import Rule, Sample

    if every is not None and count is not None:
        raise InvalidInput("Choose by --every or by --random, not both.")
    if (count is None) != (seed is None):
        raise InvalidInput("--random and --seed belong together.")
    if every is not None:
        return Sample(rule=Rule.EVERY_NTH, n=every)
    if count is not None:
        return Sample(rule=Rule.RANDOM, count=count, seed=seed or "")
    return Sample()


class _Result:
    """The result file (written beside its place and moved there at the end) and what is said of each row."""

    def __init__(self, out: Path | None, *, keep: bool) -> None:
        self._out = out
        self._part = out.with_name(out.name + ".part") if out is not None else None
        self._stack = ExitStack()
        self._stream: IO[str] | None = None
        self._keep = keep
        self.rows: list[dict[str, Any]] = []
        self.counts = dict.fromkeys(("invited", "skipped", "bad", "unknown"), 0)
        self.problem = ""
        if self._part is not None:
            try:
                self._stream = self._stack.enter_context(self._part.open("w", encoding="utf-8", newline=""))
            except OSError as failure:
                raise InvalidInput(f"{out} can't be written: {failure.strerror or failure}.") from None
            self._writer = csv.writer(self._stream)
            self._writer.writerow(("row", "email", "order_id", "state", "link", "reason"))

    def add(self, row: Row) -> None:
        state = "skipped" if row.state.value == "ready" else row.state.value
        reason = row.reason or ("A dry run: nobody was asked." if row.state.value == "ready" else "")
        self.counts[state] += 1
        link = row.link if state == "invited" else None
        if self._stream is not None:
            cells = (row.number, row.email, row.order_id, state, link or "", reason)
            try:
                self._writer.writerow([_harmless(cell) for cell in cells])
            except OSError as failure:
                self.problem = f"{self._out} can't be written: {failure.strerror or failure}."
        if self._keep:
            self.rows.append(
                {
                    "row": row.number,
                    "email": row.email,
                    "order_id": row.order_id,
                    "state": state,
                    "link": link,
                    "reason": reason,
                }
            )
        if state in ("bad", "unknown"):
            error(f"row {row.number} is {state}: {reason}")
        elif state == "skipped" and row.reason:
            warning(f"row {row.number} is skipped: {row.reason}")

    def close(self) -> None:
        """Put the file in its place."""
        self._stack.close()
        if self._part is not None and self._out is not None and not self.problem:
            try:
                self._part.replace(self._out)
            except OSError as failure:
                self.problem = f"{self._out} can't be written: {failure.strerror or failure}."
        if self.problem:
            error(self.problem)

    def show(self, as_json: bool, more: dict[str, Any], sentence: str) -> None:
        if as_json:
            print_json({**more, **self.counts, "rows": self.rows})
            return
        if self._out is None:
            print_table(
                ("row", "email", "order", "state", "link", "reason"),
                [tuple(r.values()) for r in self.rows],
                stretch=5,
            )
        click.echo(sentence)


def _harmless(cell: object) -> object:
    """Text that a spreadsheet would run is kept from it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RISKY) else cell


def _about(core: Core, plan: Plan) -> str:
    """``about 17 min at 9 per 10 s and 950 per hour``."""
    seconds = plan.seconds
    if seconds < 60:
        time = f"{max(1, round(seconds))} s"
    elif seconds < 5400:
        time = f"{round(seconds / 60)} min"
    else:
        time = f"{seconds / 3600:.1f} h"
    if not plan.form.calls:
        return f"about {time}, without a request"
    limits = " and ".join(
        f"{limit.calls} per {_span(limit.seconds)}" for limit in core.invitation_lists.limits(plan.account)
    )
    return f"about {time} at {limits}" if limits else f"about {time}"


def _span(seconds: float) -> str:
    return {60.0: "minute", 3600.0: "hour"}.get(float(seconds), f"{seconds:g} s")


def _dry(core: Core, plan: Plan, out: Path | None, as_json: bool) -> int:
    result = _Result(out, keep=as_json or out is None)
    for row in core.invitation_lists.rows(plan):
        result.add(row)
    result.close()
    result.show(
        as_json,
        {"dry_run": True, "total": plan.total, "ready": plan.ready, "seconds": round(plan.seconds, 1)},
        f"{plan.ready} of {plan.total} rows would be invited, {plan.bad} are bad; {_about(core, plan)}.",
    )
    return FAILED if plan.bad or result.counts["unknown"] or result.problem else DONE


def _run(core: Core, plan: Plan, out: Path | None, as_json: bool) -> int:
    result = _Result(out, keep=as_json or out is None)
    progress = Progress(core.clock)
    progress.say("run", f"{plan.ready} of {plan.total} rows, {_about(core, plan)}")

    def tell(now: Any) -> None:
        left = f", {round(now.seconds_left / 60)} min left" if now.seconds_left >= 90 else ""
        progress.say("run", f"row {now.row}, {now.done} of {now.total}{left} {now.message}")

    run = core.invitation_lists.start(plan, on_row=result.add, on_progress=tell)
    try:
        while not run.wait(0.2):
            pass
    except KeyboardInterrupt:
        run.stop()
        run.wait(60)
    finally:
        progress.end()
        result.close()
    last = run.progress
    words = ", ".join(f"{n} {state}" for state, n in result.counts.items())
    result.show(
        as_json, {"run": run.id, "total": plan.total, "done": last.state.value == "done"}, f"{words}."
    )
    if last.state.value != "done":
        error(
            f"It ended after row {last.row}: {last.message}",
            "Run it again with the same file; it goes on there.",
        )
        return NO_KEYCHAIN if run.error_kind == "keychain" else FAILED
    return FAILED if result.counts["bad"] or result.counts["unknown"] or result.problem else DONE


# --- taking back -------------------------------------------------------------------------------------


@click.command("invite-withdraw")
@click.argument("account")
@click.option("--email", required=True, help="The customer's address.")
@click.option("--order-id", help="Only for this order; without it for all of the customer's.")
@json_option
@pass_session
def invite_withdraw(session: Session, account: str, email: str, order_id: str | None, as_json: bool) -> int:
    """Ask the provider to take an invitation back."""
    with session.core() as core:
        chosen = core.accounts.by_name(account)
        items = core.invitations.withdraw(chosen.id, email, order_id or "").result()
        done = core.outbox.run([item.id for item in items], stop=threading.Event())
        removed: list[str] = []
        for item in done:
            said = item.progress.get("answer")
            orders = said.get("removed_order_ids", []) if isinstance(said, dict) else []
            removed += [str(order) for order in orders]
        if as_json:
            state = next((i.state for i in done if i.state is not OutboxState.SENT), OutboxState.SENT)
            print_json(
                {
                    "outbox_id": done[0].id if done else None,
                    "state": state.value,
                    "removed_order_ids": removed,
                    "error": next((i.error.as_json() for i in done if i.error is not None), None),
                }
            )
        elif done and all(i.state is OutboxState.SENT for i in done):
            click.echo(f"Withdrawn: {', '.join(removed) or 'the provider named no orders'}")
        assert all(i.kind is ActionKind.WITHDRAW_INVITE for i in done)  # noqa: S101 - these were asked for
        return _judge(done)


# --- how a list's customers were chosen --------------------------------------------------------------


@click.command("invite-record")
@click.argument("run", type=click.IntRange(min=1), required=False)
@click.option(
    "--check",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Choose again from this list and compare.",
)
@json_option
@pass_session
def invite_record(session: Session, run: int | None, file: Path | None, as_json: bool) -> int:
    """Print how the customers of a list were chosen, from the journal; without RUN the lists there are."""
    with session.core() as core:
        lists = core.invitation_lists
        if run is None:
            rows = [
                (r.id, iso_utc(r.created_at), _name(core, r.account_id), r.form, r.state, r.at_row, r.total)
                for r in lists.runs()
            ]
            headings = ("run", "at", "account", "form", "state", "row", "rows")
            if as_json:
                print_json([dict(zip(headings, row, strict=True)) for row in rows])
            else:
                print_table(headings, rows)
            return DONE
        page = lists.record(run)
        same: bool | None = None
        if file is not None:
            from reviewdesk.services.invitation_files import Table

            same = lists.recompute(run, Table.open_file(file))
        if as_json:
            print_json({"run": run, "record": page, "same": same})
        else:
            click.echo(page)
        if same is False:
            error("From this list the rule chooses other rows than the journal says.")
            return FAILED
        if same and not as_json:
            click.echo("Chosen again from this list: the same rows.")
    return DONE


def _name(core: Core, account_id: int) -> str:
    account = core.accounts.get(account_id)
    return account.name if account is not None else ""
