"""Accounts: made only from values that passed the connection test, changed, paused and removed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewdesk.domain.capabilities import (
    Available,
    Capability,
)
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import InvalidInput, KeychainMissing, SecretError
from reviewdesk.domain.models import Account, AccountState, OutboxState
from reviewdesk.providers.base import CheckStage, Context, Provider
from reviewdesk.secrets.base import OnValue, SecretStore
from reviewdesk.secrets.session import SessionSecrets
from reviewdesk.services import pace, reach
from reviewdesk.services.doors import CheckFailed, Never, ProviderDoors, known_specs, typed_of
from reviewdesk.services.pace import StoredPace
from reviewdesk.services.secretbox import AccountSecrets, UnsavedSecrets
from reviewdesk.services.values import applies, clean_settings, fields_of, settle_seconds, with_defaults
from reviewdesk.store import accounts as stored
from reviewdesk.store import outbox
from reviewdesk.store.database import Priority

if TYPE_CHECKING:
    from pathlib import Path

    from reviewdesk.providers.base import CancelToken
    from reviewdesk.store.database import Store, Tx

__all__ = ["AccountService", "CheckFailed", "Never", "applies", "fields_of", "known_specs", "settle_seconds"]

_log = logging.getLogger(__name__)

_Accounts = list[Account]
COLOURS = 6
_NAME_LIMIT = 80


class AccountService(ProviderDoors):
    """Everything about accounts except their work. Blocking; any thread but the window's.

    ``folder``: where programs on this profile count their calls together.
    """

    def __init__(
        self,
        store: Store,
        secrets: SecretStore,
        clock: Clock,
        folder: Path,
        *,
        on_value: OnValue | None = None,
        providers: Mapping[str, type[Provider]] | None = None,
    ) -> None:
        super().__init__(clock, on_value, providers)
        self._store = store
        self._secrets = secrets
        self._folder = folder
        self._changed: tuple[Callable[[int], None], ...] = ()
        self._removing: tuple[Callable[[int], None], ...] = ()

    # --- reading -----------------------------------------------------------------------------------

    def list(self) -> _Accounts:
        """All accounts in their order."""
        with self._store.read() as reader:
            return stored.list_all(reader)

    def get(self, account_id: int) -> Account | None:
        with self._store.read() as reader:
            return stored.get(reader, account_id)

    def by_name(self, name: str) -> Account:
        """The account of that name, whatever the case. Raises ``InvalidInput`` when there is none."""
        with self._store.read() as reader:
            account = stored.by_name(reader, name)
        if account is None:
            raise InvalidInput(f"There is no account '{name}'.", remedy="See: reviewdesk account list")
        return account

    def capabilities(self, account: Account) -> dict[Capability, Available]:
        """What the account can do, and where not, the sentence why."""
        spec = self.spec(account.provider)
        return spec.capabilities(with_defaults(spec, account.settings), account.secret_keys)

    def full_settings(self, account: Account) -> dict[str, str]:
        """The account's settings with the defaults of those that are not set."""
        return with_defaults(self.spec(account.provider), account.settings)

    def addresses(self) -> Sequence[tuple[str, str]]:
        """``(account, address)`` of every place that an account talks to by default or by its settings."""
        found = []
        for account in self.list():
            settings = self.full_settings(account)
            found += [(account.name, v) for k, v in sorted(settings.items()) if k.endswith("_url") and v]
        return found

    # --- the test and the making ---------------------------------------------------------------------

    def validate(
        self, provider: str, name: str | None, settings: Mapping[str, str], secrets: Mapping[str, str]
    ) -> dict[str, str]:
        """The settings to store, cleaned. Raises ``InvalidInput`` for whatever cannot be right.

        ``name`` None leaves the name unchecked (the wizard tests before it asks for one).
        """
        spec = self.spec(provider)
        if name is not None:
            self._check_name(name)
        return clean_settings(spec, settings, secrets)

    def _check_name(self, name: str, *, own: int | None = None) -> str:
        name = " ".join(name.split())
        if not name:
            raise InvalidInput("An account needs a name.")
        if len(name) > _NAME_LIMIT or not name.isprintable():
            raise InvalidInput(f"A name has at most {_NAME_LIMIT} printable characters.")
        with self._store.read() as reader:
            other = stored.by_name(reader, name)
        if other is not None and other.id != own:
            raise InvalidInput(f"There is an account '{other.name}' already.", remedy="Choose another name.")
        return name

    def check_account(self, account: Account, *, cancel: CancelToken | None = None) -> Iterator[CheckStage]:
        """Test an account as it is stored. A keychain that can't be read ends it with ``SecretError``."""
        self.look_at_secrets(account)
        yield from self._run_check(account.provider, self.context(account, cancel or Never(self._clock)))

    def add(
        self,
        provider: str,
        name: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str] | UnsavedSecrets,
        *,
        test: bool = True,
        session_only: bool = False,
        colour: int | None = None,
        days: int = 0,
        on_stage: Callable[[CheckStage], None] | None = None,
    ) -> Account:
        """Make an account. Nothing is stored when a value is wrong, a stage fails or the keychain refuses.

        ``secrets`` may be the box that a test filled: what the provider put into it (tokens) is kept as well.
        ``session_only``: the secrets stay in memory until the program ends. ``days``: reviews older than that
        are not kept (0 keeps all).
        Raises ``InvalidInput``, ``CheckFailed``, ``SecretError`` or ``StoreError``.
        """
        if not isinstance(secrets, UnsavedSecrets):
            secrets = {key: value for key, value in secrets.items() if value}
        box = self.unsaved(secrets)
        cleaned = self.validate(provider, name, settings, typed_of(self.spec(provider), box))
        name = self._check_name(name)
        if test:
            stages = []
            for stage in self._stages(provider, cleaned, box, None):
                stages.append(stage)
                if on_stage is not None:
                    on_stage(stage)
            if not stages or not stages[-1].ok:
                raise CheckFailed(tuple(stages))
        values = box.values()
        # What the provider keeps for itself (tokens) is stored beside, but is no credential of the account.
        keys = frozenset(f.key for f in self.spec(provider).secrets) & frozenset(values)
        since = int(self._clock.now()) - days * 86_400 if days else 0

        def insert(tx: Tx) -> Account:
            made = stored.insert(
                tx, name=name, provider=provider, settings=cleaned, secret_keys=keys, colour=colour
            )
            reach.put(tx, made.id, since)
            stored.set_replies(tx, made.id, self._can_reply(made))
            return made

        account = self._store.write_now(insert)
        self._keep_in_session(account.id, session_only)
        try:
            for key, value in values.items():
                self._secrets.put(account.id, key, value)
        except SecretError:
            self._store.write_now(lambda tx: stored.remove(tx, account.id, erase=True))
            self._forget_quietly(account.id, values)
            raise
        self._tell(account.id)
        return account

    def _keep_in_session(self, account_id: int, here: bool) -> None:
        if isinstance(self._secrets, SessionSecrets):
            self._secrets.keep_in_session(account_id, here)
        elif here and not self._secrets.session_only:
            raise KeychainMissing("This profile can't keep secrets for one session only.")

    def is_session_only(self, account: Account) -> bool:
        """Whether the account's secrets are gone when the program ends."""
        if isinstance(self._secrets, SessionSecrets):
            return self._secrets.is_session_only(account.id)
        return self._secrets.session_only

    # --- signing in again, and in the browser ----------------------------------------------------------

    def stored_secrets(self, account: Account, typed: Mapping[str, str]) -> UnsavedSecrets:
        """A box with what the account has, and what was ``typed`` in its place. Raises ``SecretError``.

        A credential that was typed anew makes the tokens void that came from the old one.
        """
        spec = self.spec(account.provider)
        typed = {key: value for key, value in typed.items() if value}
        keys = set(account.secret_keys) - set(typed)
        if not typed:
            keys |= set(spec.kept_secrets)
        found = {key: self._secrets.get(account.id, key) for key in sorted(keys)}
        return self.unsaved({key: value for key, value in found.items() if value} | typed)

    def sign_in_again(
        self,
        account: Account,
        settings: Mapping[str, str],
        box: UnsavedSecrets,
        *,
        session_only: bool = False,
    ) -> Account:
        """Keep settings and credentials that were tested in the place of the account's own.

        Raises ``InvalidInput``, ``SecretError`` (then its settings are as they were) or ``StoreError``.
        """
        spec = self.spec(account.provider)
        cleaned = clean_settings(spec, settings, typed_of(spec, box))
        values = box.values()
        keys = frozenset(typed_of(spec, box))
        if session_only or not self.is_session_only(account):
            self._keep_in_session(account.id, session_only)
        for key, value in values.items():
            self._secrets.put(account.id, key, value)
        for key in sorted(set(spec.kept_secrets) - set(values)):
            self._secrets.delete(account.id, key)
        self._write_values(account, cleaned, keys)
        self._tell(account.id)
        return replace(account, settings=cleaned, secret_keys=keys)

    def unlock(self, account: Account) -> None:
        """Ask the keychain for everything the account has there; it may ask its owner. Raises ``SecretError``."""
        self.look_at_secrets(account)
        self._tell(account.id)

    def _forget_quietly(self, account_id: int, keys: Mapping[str, str]) -> None:
        try:
            self._secrets.delete_account(account_id, list(keys))
        except SecretError as error:
            _log.warning("could not clean the keychain after a failed account: %s", error.message)

    # --- changing ------------------------------------------------------------------------------------

    def pause(self, account: Account | int) -> Future[None]:
        """No request is made for it from now on; what is stored stays readable."""
        return self._set_state(account, lambda _: AccountState.PAUSED)

    def resume(self, account: Account | int) -> Future[None]:
        """Let it work again; nothing happens to an account that is not paused."""
        return self._set_state(account, _state_after_pause)

    def _set_state(self, account: Account | int, choose: Callable[[Account], AccountState]) -> Future[None]:
        account_id = account if isinstance(account, int) else account.id

        def write(tx: Tx) -> None:
            current = stored.get(tx, account_id)
            if current is not None:
                stored.update(tx, account_id, state=choose(current))

        future = self._store.write(write)
        future.add_done_callback(lambda done: None if done.exception() else self._tell(account_id))
        return future

    def remove(self, account: Account, *, erase: bool = False) -> None:
        """Take the account and its keychain entries away; ``erase``: with every review it brought.

        Raises ``SecretError`` when the keychain can't be reached: then nothing was removed, or an entry would
        be left behind that nobody can find again.
        """
        current = self.get(account.id) or account
        kept = self.spec(current.provider).kept_secrets
        with self._store.read() as reader:
            busy = outbox.list_items(
                reader, states=(OutboxState.SENDING, OutboxState.VERIFYING), account_id=current.id
            )
        if busy:
            raise InvalidInput(
                f"Something of {current.name} is on its way and not confirmed yet.",
                remedy="Wait until the outbox has settled it, then remove the account.",
            )
        for callback in self._removing:
            callback(current.id)
        self._secrets.delete_account(current.id, sorted(current.secret_keys | frozenset(kept)))
        if erase:
            # In slices, so that nobody waits for one long transaction.
            while self._store.write_now(
                lambda tx: stored.clear_slice(tx, current.id), priority=Priority.SYNC
            ):
                continue
        self._store.write_now(lambda tx: stored.remove(tx, current.id, erase=erase))
        pace.forget(self._folder, current.id)
        self._tell(current.id)

    def rename(self, account: Account, name: str) -> None:
        name = self._check_name(name, own=account.id)
        self._store.write_now(lambda tx: stored.update(tx, account.id, name=name))
        self._tell(account.id)

    def set_colour(self, account: Account, colour: int) -> None:
        """``colour`` is 1 to 6 (token a-1 to a-6)."""
        if not 1 <= colour <= COLOURS:
            raise InvalidInput(f"A colour is 1 to {COLOURS}.")
        self._store.write_now(lambda tx: stored.update(tx, account.id, colour=colour))
        self._tell(account.id)

    def reorder(self, account_ids: Sequence[int]) -> None:
        """The accounts' order from now on; those not named follow in their old order."""

        def write(tx: Tx) -> None:
            known = [a.id for a in stored.list_all(tx)]
            order = [i for i in account_ids if i in known]
            order += [i for i in known if i not in order]
            for position, account_id in enumerate(order):
                stored.update(tx, account_id, position=position)

        self._store.write_now(write)

    def set_settings(
        self, account: Account, settings: Mapping[str, str], secrets: Mapping[str, str] | None = None
    ) -> Account:
        """Change settings, and secrets where given. Checked as for ``add`` but not tested here."""
        values = dict(secrets or {})
        spec = self.spec(account.provider)
        present = dict.fromkeys(account.secret_keys, "") | values
        cleaned = clean_settings(spec, settings, present)
        keys = account.secret_keys | frozenset(values)
        self._write_values(account, cleaned, keys)
        for key, value in values.items():
            self._secrets.put(account.id, key, value)
        self._tell(account.id)
        return replace(account, settings=cleaned, secret_keys=keys)

    def _write_values(self, account: Account, settings: Mapping[str, str], keys: frozenset[str]) -> None:
        replies = self._can_reply(replace(account, settings=settings, secret_keys=keys))

        def write(tx: Tx) -> None:
            stored.update(tx, account.id, settings=settings, secret_keys=keys)
            stored.set_replies(tx, account.id, replies)

        self._store.write_now(write)

    def _can_reply(self, account: Account) -> bool:
        return self.capabilities(account)[Capability.REPLY].available

    # --- for the workers -------------------------------------------------------------------------------

    def on_changed(self, callback: Callable[[int], None]) -> None:
        """Call ``callback`` with the id of each account that was added, changed or removed."""
        self._changed = (*self._changed, callback)

    def on_removing(self, callback: Callable[[int], None]) -> None:
        """Call ``callback`` with an account's id just before it is removed: whoever works for it stops."""
        self._removing = (*self._removing, callback)

    def _tell(self, account_id: int) -> None:
        for callback in self._changed:
            callback(account_id)

    def context(
        self, account: Account, cancel: CancelToken, meanwhile: Callable[[], None] | None = None
    ) -> Context:
        """What the account's provider is given to work with."""
        with self._store.read() as reader:
            since = reach.get(reader, account.id)
        return Context(
            account=account.name,
            settings=with_defaults(self.spec(account.provider), account.settings),
            secrets=AccountSecrets(self._secrets, account.id),
            clock=self._clock,
            cancel=cancel,
            pace_memory=StoredPace(self._store, account.id, self._folder, self._clock),
            meanwhile=meanwhile,
            since=since,
        )

    def look_at_secrets(self, account: Account) -> None:
        """Raises ``SecretError`` when the keychain can't give what the account has there: said before any request."""
        for key in sorted(account.secret_keys):
            self._secrets.get(account.id, key)

    def open_provider(
        self, account: Account, cancel: CancelToken, meanwhile: Callable[[], None] | None = None
    ) -> Provider:
        """A provider for the account's worker, which closes it."""
        self.spec(account.provider)
        return self._providers[account.provider](self.context(account, cancel, meanwhile))


def _state_after_pause(account: Account) -> AccountState:
    if account.state is not AccountState.PAUSED:
        return account.state
    if account.last_error is not None:
        signed_out = account.last_error.kind in ("sign-in", "keychain")
        return AccountState.SIGN_IN_NEEDED if signed_out else AccountState.ERROR
    return AccountState.OK if account.last_success is not None else AccountState.NEVER_SYNCED
