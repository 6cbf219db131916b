"""Translation on demand by a service that somebody configured and named; without one no text leaves this computer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.text import clean
from reviewdesk.providers.addresses import address_problem
from reviewdesk.providers.base import Context
from reviewdesk.secrets.base import OnValue, SecretStore
from reviewdesk.services.doors import Never
from reviewdesk.services.secretbox import AccountSecrets
from reviewdesk.services.settings import TRANSLATE_URL, SettingsService
from reviewdesk.store import reviews

if TYPE_CHECKING:
    from reviewdesk.store.database import Store

__all__ = ["NOT_SET", "Translation", "TranslationService"]

NOT_SET = "No translation service is named. Name one under Settings, Reading; until then no text leaves this computer."
_NO_ACCOUNT = 0
"""Under this number the keychain holds what belongs to no account."""
_KEY = "translation_key"
_KEPT = 200


@dataclass(frozen=True, slots=True)
class Translation:
    """A review in another language. ``of``: the title and text it was made from."""

    review_id: int
    of: tuple[str, str]
    title: str
    body: str
    language: str
    """The code of the language it was in; empty where nobody said."""
    service: str


class TranslationService:
    """Any thread. What was translated is kept in memory only, until the program ends."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: SettingsService,
        secrets: SecretStore,
        on_value: OnValue | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._secrets = secrets
        self._on_value = on_value
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str, str], Translation] = OrderedDict()

    # --- which service ---------------------------------------------------------------------------

    def address(self) -> str:
        """Where texts go when a person asks for it; empty: nowhere."""
        return self._settings.get(TRANSLATE_URL).strip()

    def service(self) -> str:
        """The name of the service as it is shown: its host."""
        return urlsplit(self.address()).hostname or ""

    def why_not(self) -> str | None:
        """Why nothing can be translated, or None."""
        if not self.address():
            return NOT_SET
        problem = address_problem(self.address())
        return None if problem is None else f"The translation service can't be used. {problem}"

    def set_address(self, address: str) -> None:
        """Name the service; empty: none. Raises InvalidInput for an address that texts may not go to."""
        address = address.strip().rstrip("/")
        if address and (problem := address_problem(address)) is not None:
            raise InvalidInput(problem)
        if address != self.address():
            self._settings.set(TRANSLATE_URL, address)
            with self._lock:
                self._kept.clear()

    def has_key(self) -> bool:
        """Whether the keychain holds a key. Blocking; raises SecretError."""
        return bool(self._secrets.get(_NO_ACCOUNT, _KEY))

    def set_key(self, key: str) -> None:
        """Keep the service's key in the keychain; empty: forget it. Blocking; raises SecretError."""
        key = key.strip()
        if key:
            self._secrets.put(_NO_ACCOUNT, _KEY, key)
        else:
            self._secrets.delete(_NO_ACCOUNT, _KEY)

    # --- translating -----------------------------------------------------------------------------

    def translate(self, review_id: int, target: str) -> Translation:
        """The review in ``target`` (``en``). Blocking: one request for its title and one for its text.

        Called when a person asks for it, and never otherwise. Raises InvalidInput (no service, no review, nothing to
        translate), ProviderError or SecretError.
        """
        why = self.why_not()
        if why is not None:
            raise InvalidInput(why)
        with self._store.read() as reader:
            detail = reviews.detail(reader, review_id)
        if detail is None:
            raise InvalidInput("The review is no longer there.")
        if not (detail.title.strip() or detail.body.strip()):
            raise InvalidInput("There is no text to translate.")
        address, service = self.address(), self.service()
        cached = (address, target, detail.title, detail.body)
        with self._lock:
            known = self._kept.get(cached)
        if known is not None:
            return Translation(review_id, known.of, known.title, known.body, known.language, known.service)
        title, first = self._one(address, service, detail.title, target)
        body, second = self._one(address, service, detail.body, target)
        made = Translation(
            review_id,
            (detail.title, detail.body),
            title,
            body,
            second or first or (detail.row.language or ""),
            service,
        )
        with self._lock:
            self._kept[cached] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def _one(self, address: str, service: str, text: str, target: str) -> tuple[str, str]:
        if not text.strip():
            return "", ""
        from reviewdesk.providers.translation import translate  # httpx, only where somebody translates

        key = self._secrets.get(_NO_ACCOUNT, _KEY)
        if key and self._on_value is not None:
            self._on_value(key, "translation/key")
        context = Context(
            account=service,
            settings={},
            secrets=AccountSecrets(self._secrets, _NO_ACCOUNT),
            clock=self._clock,
            cancel=Never(self._clock),
        )
        done = translate(context, address, service, key, clean(text), "", target)
        return done.text, done.language
