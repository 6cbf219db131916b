"""What can be asked of a provider with values that are stored nowhere: what it is, the connection test, the sign-in in the
browser, the columns of a file."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from reviewdesk.domain.capabilities import ProviderSpec
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import InvalidInput, ReviewdeskError
from reviewdesk.providers.base import BrowserSignIn, CheckStage, Columns, Context, CsvColumns, Provider
from reviewdesk.secrets.base import OnValue
from reviewdesk.services.secretbox import UnsavedSecrets
from reviewdesk.services.values import applies, clean_settings, with_defaults

if TYPE_CHECKING:
    from reviewdesk.domain.models import Rejected, ReviewRecord
    from reviewdesk.providers.base import CancelToken

__all__ = ["CheckFailed", "CheckStage", "Columns", "Never", "ProviderDoors", "known_specs", "typed_of"]

_R = TypeVar("_R")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


class CheckFailed(ReviewdeskError):
    """The connection test stopped at a stage; nothing was stored. ``stages`` are all that were tried."""

    def __init__(self, stages: tuple[CheckStage, ...]) -> None:
        last = stages[-1] if stages else CheckStage("address", False, "The test ended without an answer.")
        super().__init__(last.message, remedy=last.remedy)
        self.stages = stages

    def unknown_key(self, settings: Mapping[str, str]) -> str | None:
        """The fingerprint that a server shows at a first meeting; None where a key was accepted before."""
        last = self.stages[-1] if self.stages else None
        if last is None or last.stage != "host-key" or settings.get("host_key", "").strip():
            return None
        shown = _FINGERPRINT.findall(last.message)
        return shown[0] if len(shown) == 1 else None


class Never:
    """A cancel token that is never set; waits by the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = threading.Event()

    def is_set(self) -> bool:
        return False

    def wait(self, timeout_s: float) -> bool:
        self._clock.wait(self._event, timeout_s)
        return False


class ProviderDoors:
    """Everything about providers that needs no stored account. Blocking; any thread but the window's."""

    def __init__(
        self, clock: Clock, on_value: OnValue | None, providers: Mapping[str, type[Provider]] | None
    ) -> None:
        self._clock = clock
        self._on_value = on_value
        self._own_providers = providers

    # --- providers ---------------------------------------------------------------------------------

    @property
    def _providers(self) -> Mapping[str, type[Provider]]:
        if self._own_providers is not None:
            return self._own_providers
        # Imported when first asked: `list` must not pay for HTTP and SFTP libraries.
        from reviewdesk.providers.registry import PROVIDERS

        return PROVIDERS

    def specs(self) -> tuple[ProviderSpec, ...]:
        """What each provider is, in the order of the registry."""
        if self._own_providers is None:
            return known_specs()
        return tuple(provider.spec for provider in self._own_providers.values())

    def spec(self, provider: str) -> ProviderSpec:
        """The provider's spec. Raises ``InvalidInput`` for an unknown id."""
        try:
            if self._own_providers is not None:
                return self._own_providers[provider].spec
            from reviewdesk.providers import registry

            return registry.spec(provider)
        except KeyError:
            known = ", ".join(self._providers)
            raise InvalidInput(f"There is no provider '{provider}'. There are: {known}.") from None

    def check(
        self,
        provider: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str] | UnsavedSecrets,
        *,
        cancel: CancelToken | None = None,
    ) -> Iterator[CheckStage]:
        """Test values that are stored nowhere, stage by stage. Raises ``InvalidInput`` before the first stage."""
        spec = self.spec(provider)
        box = self.unsaved(secrets)
        cleaned = clean_settings(spec, settings, typed_of(spec, box))
        return self._stages(provider, cleaned, box, cancel)

    def unsaved(self, secrets: Mapping[str, str] | UnsavedSecrets) -> UnsavedSecrets:
        """A box for values that are stored nowhere yet; whatever gets into it is kept out of the log."""
        return secrets if isinstance(secrets, UnsavedSecrets) else UnsavedSecrets(secrets, self._on_value)

    def _stages(
        self, provider: str, settings: Mapping[str, str], box: UnsavedSecrets, cancel: CancelToken | None
    ) -> Iterator[CheckStage]:
        context = Context(
            account=self.spec(provider).title,
            settings=with_defaults(self.spec(provider), settings),
            secrets=box,
            clock=self._clock,
            cancel=cancel or Never(self._clock),
        )
        yield from self._run_check(provider, context)

    def _run_check(self, provider: str, context: Context) -> Iterator[CheckStage]:
        opened = self._providers[provider](context)
        try:
            for stage in opened.check():
                yield stage
                if not stage.ok:
                    return
        finally:
            opened.close()

    # --- signing in in the browser ---------------------------------------------------------------------

    def wants_browser(self, provider: str, settings: Mapping[str, str]) -> bool:
        """Whether these settings ask for a sign-in in the browser."""
        spec = self.spec(provider)
        full = with_defaults(spec, settings)
        return any(f.key == "redirect_uri" and applies(f, full) for f in spec.settings)

    def sign_in_address(self, provider: str, settings: Mapping[str, str], box: UnsavedSecrets) -> str:
        """The page to open in the browser. Raises ``InvalidInput``, ``ProviderError`` or ``SecretError``."""
        return self._through(provider, settings, box, lambda door: _browser(door).sign_in_address())

    def finish_sign_in(
        self, provider: str, settings: Mapping[str, str], box: UnsavedSecrets, pasted: str
    ) -> None:
        """Trade the address on which the browser ended for tokens, which go into ``box``. One or more calls.

        Raises ``InvalidInput``, ``ProviderError`` or ``SecretError``.
        """
        self._through(provider, settings, box, lambda door: _browser(door).finish_sign_in(pasted))

    # --- columns of a file that nobody knows -------------------------------------------------------

    def columns(self, provider: str, settings: Mapping[str, str], box: UnsavedSecrets) -> Columns:
        """The first lines of the file whose columns are to be named. Raises ``InvalidInput`` or ``ProviderError``."""
        return self._through(provider, settings, box, lambda door: _files(door).columns())

    def read_columns(
        self, provider: str, settings: Mapping[str, str], box: UnsavedSecrets, columns: Columns, mapping: str
    ) -> tuple[ReviewRecord | Rejected, ...]:
        """What the first lines would become. Makes no call. Raises ``InvalidInput`` or ``ProviderError``."""
        return self._through(
            provider, settings, box, lambda door: _files(door).read_columns(columns, mapping)
        )

    def _through(
        self,
        provider: str,
        settings: Mapping[str, str],
        box: UnsavedSecrets,
        work: Callable[[Provider], _R],
    ) -> _R:
        spec = self.spec(provider)
        context = Context(
            account=spec.title,
            settings=with_defaults(spec, clean_settings(spec, settings, typed_of(spec, box))),
            secrets=box,
            clock=self._clock,
            cancel=Never(self._clock),
        )
        opened = self._providers[provider](context)
        try:
            return work(opened)
        finally:
            opened.close()


def known_specs() -> tuple[ProviderSpec, ...]:
    """All providers of this program, in the order in which they are shown."""
    from reviewdesk.providers import registry

    return registry.specs()


def typed_of(spec: ProviderSpec, box: UnsavedSecrets) -> dict[str, str]:
    """What a person gave, without what the provider keeps for itself."""
    return {key: value for key, value in box.values().items() if key not in spec.kept_secrets}


def _browser(door: Provider) -> BrowserSignIn:
    if not isinstance(door, BrowserSignIn):
        raise InvalidInput(f"{door.spec.title} has no sign-in in the browser.")
    return door


def _files(door: Provider) -> CsvColumns:
    if not isinstance(door, CsvColumns):
        raise InvalidInput(f"{door.spec.title} has no files with columns.")
    return door
