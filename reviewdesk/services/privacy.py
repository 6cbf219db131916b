"""One person's data: found everywhere in the profile, written out, erased here and at the providers that offer it.

Erasing takes the person out of every table, the search index, the write-ahead log, the log files, the picture cache, the
backups and the databases that were set aside. What they wrote stays without their name; what their providers give again
comes in as Anonymous. The report says what is left, and where (docs/adr/0008).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.clock import Clock, iso_utc
from reviewdesk.domain.errors import InvalidInput, ReviewdeskError, StoreError
from reviewdesk.domain.models import Account, AccountState, ActionKind, OutboxState
from reviewdesk.domain.person import EMAIL, Needles
from reviewdesk.providers.base import CustomerAccess
from reviewdesk.services.accounts import AccountService, Never
from reviewdesk.services.backups import backup_lock, is_whole
from reviewdesk.services.handouts import copies, note_copy, write_text
from reviewdesk.store import journal, leftovers, privacy, search
from reviewdesk.store.database import Priority

if TYPE_CHECKING:
    from reviewdesk.services.outbox import OutboxService
    from reviewdesk.services.profile import Profile
    from reviewdesk.services.replies import ReplyService
    from reviewdesk.store.database import Store

__all__ = ["Asked", "Erased", "Left", "Place", "PrivacyService"]

_log = logging.getLogger(__name__)

_SLICE_ROWS, _SLICE_S = 1_000, 0.2
_CHUNK_BYTES = 8 << 20
_OVERLAP_BYTES = 4096
_ALWAYS_ANEW_BYTES = 256 << 20
_LOCK_S = 60.0
_BACKUPS, _SET_ASIDE, _LOGS, _PICTURES = "backups", "set-aside databases", "logs", "picture cache"
_AGAIN = "Erase again when it is closed."

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that holds the person, or belongs to a review of theirs."""

    where: str
    id: str
    what: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a provider said."""

    account: str
    ok: bool
    message: str


@dataclass(frozen=True, slots=True)
class Left:
    """What could not be erased: where it is and why."""

    where: str
    reason: str


@dataclass(slots=True)
class Erased:
    """The report. ``erased``: place to number of rows or files."""

    erased: dict[str, int] = field(default_factory=dict)
    provider: list[Asked] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(asked.ok for asked in self.provider)


class PrivacyService:
    """Blocking: for a pool thread or the command line. Raises ``InvalidInput`` for what is no address."""

    def __init__(
        self,
        store: Store,
        profile: Profile,
        clock: Clock,
        accounts: AccountService,
        replies: ReplyService,
        outbox: OutboxService,
    ) -> None:
        self._store = store
        self._profile = profile
        self._clock = clock
        self._accounts = accounts
        self._replies = replies
        self._outbox = outbox

    # --- finding -----------------------------------------------------------------------------------------------

    def find(self, email: str, progress: Progress | None = None) -> list[Place]:
        """Everything that holds the person, review by review and row by row, then files."""
        found, hits = self._search(_address(email), progress)
        places = [Place(hit.where, str(hit.id), hit.what) for hit in hits]
        places += [Place(privacy.INDEX, str(i), "the words of the review") for i in sorted(found.reviews)]
        if progress is not None:
            progress("files")
        places += [
            Place(where, path.name, what) for where, path, what in self._files(email, found, bool(hits))
        ]
        return places

    def _search(
        self, email: str, progress: Progress | None = None
    ) -> tuple[privacy.Found, list[privacy.Hit]]:
        with self._store.read() as reader:
            found = privacy.gather(reader, email)
        hits: list[privacy.Hit] = []
        at: privacy.Scan | None = None
        while True:
            # A snapshot for each piece: a long one would keep the log from being emptied.
            with self._store.read() as reader:
                more, at = privacy.scan(reader, found, at)
            hits += more
            if at is None:
                return found, hits
            if progress is not None:
                progress(f"looking through the database, {len(hits)} found")

    def _files(self, email: str, found: privacy.Found, known: bool) -> Iterator[tuple[str, Path, str]]:
        for path in self._pictures(found):
            yield _PICTURES, path, "a picture of their review"
        for path in self._copies_of_database():
            what = self._held_in(path, email, found, known)
            if what:
                yield self._place_of(path), path, what
        needles = found.needles()
        for path in self._log_files():
            if _file_holds(path, needles):
                yield _LOGS, path, "lines that name them"

    def _held_in(self, path: Path, email: str, found: privacy.Found, known: bool) -> str:
        """What a copy of the database holds of them, in words; empty: nothing.

        One that can't be read may hold whom the profile knows (``known``): nobody could show that it does not.
        """
        holds = leftovers.holds_person(path, email, found.person)
        if holds is None and (known or _file_holds(path, found.needles())):
            return "can't be read and may hold them"
        return "a copy of the database that holds them" if holds else ""

    def _pictures(self, found: privacy.Found) -> list[Path]:
        with self._store.read() as reader:
            urls = privacy.picture_urls(reader, found.reviews)
        names = [hashlib.sha256(url.encode("utf-8", "replace")).hexdigest() for url in urls]
        paths = [self._profile.pictures / name for name in dict.fromkeys(names)]
        return [path for path in paths if path.is_file()]

    def _copies_of_database(self) -> list[Path]:
        """Backups, the copies before migrations, databases that were set aside."""
        main = self._profile.database
        found = []
        for path in sorted(self._profile.data.rglob("*")):
            if path != main and path.is_file() and self._profile.practice_state not in path.parents:
                in_folder = path.parent.name == "backups" or path.parent.parent.name in (
                    "damaged",
                    "replaced",
                )
                aside = in_folder or path.name.startswith(main.name + ".")
                if aside and not path.name.endswith(("-wal", "-shm", "-journal")):
                    found.append(path)
        return found

    def _place_of(self, path: Path) -> str:
        return _SET_ASIDE if path.parent.parent.name in ("damaged", "replaced") else _BACKUPS

    def _log_files(self) -> list[Path]:
        return sorted(path for path in self._profile.logs.glob("*") if path.is_file())

    # --- writing out -------------------------------------------------------------------------------------------

    def document(
        self, email: str, *, at_provider: bool = False, progress: Progress | None = None
    ) -> dict[str, Any]:
        """All of it as one JSON-able document; with ``at_provider`` also what the providers say that they hold."""
        address = _address(email)
        _, hits = self._search(address, progress)
        here: dict[str, list[dict[str, Any]]] = {}
        with self._store.read() as reader:
            for hit, row in privacy.rows_of(reader, hits):
                here.setdefault(hit.where, []).append({"table": hit.table, **row})
        made: dict[str, Any] = {"person": address, "made_at": iso_utc(self._clock.now()), "here": here}
        if at_provider:
            made["providers"] = [
                {"account": account.name, **self._ask_for_data(account, address)}
                for account in self._offering()
            ]
        return made

    def export(
        self,
        email: str,
        target: Path,
        *,
        at_provider: bool = False,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Write the document to ``target`` (mode 0600): as JSON where its name ends so, else as a text to be read.

        Raises ``InvalidInput`` when the place can't be written.
        """
        target = Path(os.path.abspath(target))  # noqa: PTH100 - resolve() would follow links
        made = self.document(email, at_provider=at_provider, progress=progress)
        text = json.dumps(made, ensure_ascii=False, indent=2, default=str)
        write_text(target, text + "\n" if target.suffix == ".json" else readable(made))
        note_copy(self._store, "person", target)
        return made

    def _offering(self) -> list[Account]:
        return [a for a in self._accounts.list() if self._can(a) is None]

    def _can(self, account: Account) -> str | None:
        """None when the account can ask its provider; else the sentence why not."""
        if account.state is AccountState.PAUSED:
            return f"{account.name} is paused."
        available = self._accounts.capabilities(account)[Capability.CUSTOMER_DATA]
        return None if available.available else available.reason or f"{account.name} can't do this."

    def _ask_for_data(self, account: Account, email: str) -> dict[str, Any]:
        provider = self._accounts.open_provider(account, Never(self._clock))
        try:
            if not isinstance(provider, CustomerAccess):
                return {
                    "data": None,
                    "message": f"{provider.spec.title} has no call that shows a customer's data.",
                }
            return {"data": provider.customer_data(email), "message": ""}
        except ReviewdeskError as error:
            return {"data": None, "message": error.message}
        finally:
            provider.close()

    # --- erasing -----------------------------------------------------------------------------------------------

    def erase(self, email: str, *, at_provider: bool = False, progress: Progress | None = None) -> Erased:
        """Erase the person; the report. Raises the StoreErrors when the database can't be written.

        Asked providers come first, while the address is still known. Killed on the way, it is done by calling again.
        """
        address = _address(email)
        say = progress or _silent
        report = Erased()
        if at_provider:
            say("asking the providers")
            report.provider = [self._ask_to_erase(account, address) for account in self._offering()]
        found, hits = self._search(address, say)
        concerned = self._concerned(found)
        pictures = self._pictures(found)
        say("erasing")
        erased = self._store.write_now(lambda tx: privacy.erase(tx, found, hits))
        report.erased.update(erased)
        for path in pictures:
            path.unlink(missing_ok=True)
        if pictures:
            report.erased[_PICTURES] = len(pictures)
        say("cleaning the search index")
        self._scrub()
        self._clean_main(found, report, say)
        self._clean_logs(found, report)
        self._clean_copies(address, found, bool(hits), report, say)
        self._name_what_is_left(address, found, concerned, report)
        self._store.write_now(lambda tx: journal.add(tx, action="person", result="erased"))
        _log.info("a person was erased: %d rows and files", sum(report.erased.values()))
        return report

    def _concerned(self, found: privacy.Found) -> set[int]:
        """The accounts whose providers have reviews of the person."""
        with self._store.read() as reader:
            return privacy.accounts_of(reader, found)

    def _ask_to_erase(self, account: Account, email: str) -> Asked:
        title = self._accounts.spec(account.provider).title
        try:
            item = self._replies.publish_for_account(
                account.id, ActionKind.CUSTOMER_ERASE, payload={"email": email}
            ).result()
            done = self._outbox.run([item.id])
            state = done[0] if done else item
        except ReviewdeskError as error:
            return Asked(account.name, False, error.message)
        if state.state is OutboxState.SENT:
            return Asked(account.name, True, f"{title} was asked and has accepted.")
        reason = state.error.message if state.error is not None else "it was not answered in time"
        if state.error is not None and state.error.kind == "not-found":
            return Asked(account.name, True, f"{title} holds nothing under this address.")
        try:
            # The address must not wait in the outbox.
            self._outbox.discard(state.id).result()
        except ReviewdeskError as error:
            _log.info("an item could not be discarded: %s", error.message)
        return Asked(
            account.name, False, f"{title} could not be asked: {reason} Erase again to ask it again."
        )

    def _scrub(self) -> None:
        """Until the index holds no word of what was written over. In short steps: others write in between."""
        while True:
            more = self._store.write_now(
                lambda tx: search.index_slice(tx, max_rows=_SLICE_ROWS, budget_s=_SLICE_S),
                priority=Priority.SYNC,
            )
            with self._store.read() as reader:
                if not more and leftovers.is_scrubbed(reader):
                    return

    def _clean_main(self, found: privacy.Found, report: Erased, say: Progress) -> None:
        path = self._profile.database
        if not leftovers.empty_log(path, self._clock):
            report.left.append(Left("write-ahead log", f"Another program reads the database. {_AGAIN}"))
        needles = found.needles()
        say("looking at the file")
        if path.stat().st_size <= _ALWAYS_ANEW_BYTES or _file_holds(path, needles, plain=True):
            say("writing the database anew")
            try:
                leftovers.make_anew(path, self._clock)
            except StoreError as error:
                report.left.append(Left("free pages of the database", f"{error.message} {_AGAIN}"))
        if not leftovers.empty_log(path, self._clock):
            report.left.append(Left("write-ahead log", f"Another program reads the database. {_AGAIN}"))
        with self._store.read() as reader:
            left = privacy.sign_ins(reader, found)
        for name in left:
            report.left.append(
                Left(f"account {name}", "The account itself signs in with this value. Remove the account.")
            )

    def _clean_logs(self, found: privacy.Found, report: Erased) -> None:
        needles = found.needles()
        cleaned = 0
        for path in self._log_files():
            try:
                data = path.read_bytes()
                if needles.in_bytes(data):
                    # In place: whoever writes to it has it open and goes on at its end.
                    with path.open("r+b") as file:
                        file.write(needles.clean_bytes(data))
                        file.truncate()
                    cleaned += 1
            except OSError as error:
                report.left.append(Left(f"log {path.name}", error.strerror or "It can't be written."))
        if cleaned:
            report.erased[_LOGS] = cleaned

    def _clean_copies(
        self, email: str, found: privacy.Found, known: bool, report: Erased, say: Progress
    ) -> None:
        """Backups are written again without the person; a copy that can't be (damaged, foreign) goes."""
        lock = backup_lock(self._profile)
        if not lock.take_within(self._clock, _LOCK_S):
            report.left.append(
                Left(_BACKUPS, "A backup is being made just now. Erase again when it is done.")
            )
            return
        try:
            for path in self._copies_of_database():
                say(f"backup {path.name}")
                where = self._place_of(path)
                if not self._held_in(path, email, found, known):
                    continue
                try:
                    if not (
                        leftovers.is_database(path)
                        and leftovers.rewrite_copy(path, email, found.person, self._clock, is_whole)
                    ):
                        for tail in ("", "-wal", "-shm", "-journal"):
                            path.with_name(path.name + tail).unlink(missing_ok=True)
                except (StoreError, OSError) as error:
                    reason = error.message if isinstance(error, StoreError) else error.strerror or "It stays."
                    report.left.append(Left(f"{where}: {path.name}", reason))
                    continue
                report.erased[where] = report.erased.get(where, 0) + 1
        finally:
            lock.drop()

    def _name_what_is_left(
        self, email: str, found: privacy.Found, concerned: set[int], report: Erased
    ) -> None:
        accepted = {asked.account for asked in report.provider if asked.ok}
        for account in self._accounts.list():
            if account.name in accepted or account.id not in concerned:
                continue
            reason = self._can(account)
            asked = any(a.account == account.name for a in report.provider)
            if reason is None and not asked:
                reason = "It was not asked: erase with --at-provider."
            title = self._accounts.spec(account.provider).title
            report.left.append(
                Left(
                    account.name,
                    f"{title} still holds their reviews; they come back as Anonymous. {reason or ''}".strip(),
                )
            )
        for copy in copies(self._store, self._profile.data):
            made = (iso_utc(copy.at) or "")[:10]
            report.left.append(
                Left(
                    str(copy.path),
                    f"A file written on {made} ({copy.kind}). Delete it if it holds this person.",
                )
            )
        if found.person.shared_names:
            report.left.append(
                Left(
                    "other people's reviews",
                    "Somebody else bears the same name, or a part of it is their name.",
                )
            )
        for path in self._other_files():
            if _file_holds(path, found.needles()):
                report.left.append(self._left_file(path))

    def _other_files(self) -> Iterator[Path]:
        profile = self._profile
        known = {*self._log_files(), *self._copies_of_database()}
        for folder in dict.fromkeys((profile.data, profile.config, profile.cache)):
            for path in folder.rglob("*"):
                if path.is_file() and path not in known and not path.name.startswith(profile.database.name):
                    yield path

    def _left_file(self, path: Path) -> Left:
        if self._profile.practice_state in path.parents:
            return Left(f"practice: {path.name}", "The simulated provider's own record of what it was sent.")
        return Left(str(path), "This file is none of the program's own.")


def _silent(_: str) -> None:
    """Nobody wants to know how far it is."""


def _address(email: str) -> str:
    text = email.strip()
    if not EMAIL.fullmatch(text):
        raise InvalidInput(f"'{text[:100]}' is no e-mail address.")
    return text


def _file_holds(path: Path, needles: Needles, *, plain: bool = False) -> bool:
    """Read piece by piece, each with the end of the one before. ``plain``: see ``Needles.in_bytes``."""
    try:
        with path.open("rb") as file:
            tail = b""
            while piece := file.read(_CHUNK_BYTES):
                if needles.in_bytes(tail + piece, plain=plain):
                    return True
                tail = piece[-_OVERLAP_BYTES:]
    except OSError:
        return False
    return False


def readable(document: Mapping[str, Any]) -> str:
    """The document as a text that a person can read: one paragraph for each thing that is held."""
    lines = [f"What is held about {document['person']}", f"Made at {document['made_at']}", ""]
    for where, rows in document["here"].items():
        lines += [where.upper(), ""]
        for row in rows:
            lines += [f"  {key.replace('_', ' ')}: {_said(key, value)}" for key, value in row.items()]
            lines.append("")
    for told in document.get("providers", ()):
        lines += [f"AT THE PROVIDER: {told['account']}", ""]
        if told["message"]:
            lines.append(f"  {told['message']}")
        if told["data"] is not None:
            data = json.dumps(told["data"], ensure_ascii=False, indent=2)
            lines += [f"  {line}" for line in data.splitlines()]
        lines.append("")
    if not document["here"]:
        lines += ["Nothing.", ""]
    return "\n".join(lines)


def _said(key: str, value: Any) -> str:
    if key.endswith(("_s", "_t")) and isinstance(value, int | float):
        return iso_utc(value) or ""
    return str(value).replace("\n", "\n    ")


def counted(erased: Mapping[str, int]) -> Sequence[dict[str, Any]]:
    """``[{"where", "count"}]``."""
    return [{"where": where, "count": count} for where, count in sorted(erased.items())]
