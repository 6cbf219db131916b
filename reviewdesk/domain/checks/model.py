"""What the pre-send check is given and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reviewdesk.domain.models import Target

__all__ = ["Example", "Finding", "Known", "Rule", "Severity"]


class Severity(StrEnum):
    """``must``: settled by a repair or kept on purpose before the text may go. ``advice`` never stops anything."""

    MUST = "must"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its language; for some rules with what must be known for it to be wrong."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. ``title`` and ``message`` are English and the keys of their translations; ``message`` has places
    for the values of a finding. ``source`` says in words whose rule it is."""

    id: str
    severity: Severity
    title: str
    message: str
    source: str
    brief: str = ""
    """``message`` without values, for places that outlive the text."""
    private_too: bool = False
    """Whether it holds for private messages as well."""
    good: tuple[Example, ...] = ()
    bad: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One passage that breaks a rule: ``text[start:end]``. ``repair`` stands in its place, None where only the
    author can mend it; an empty repair takes the passage away."""

    rule: Rule
    start: int
    end: int
    values: Mapping[str, str] = field(default_factory=dict)
    repair: str | None = None

    @property
    def must(self) -> bool:
        return self.rule.severity is Severity.MUST

    @property
    def words(self) -> str:
        """The finding in English, one sentence without its title."""
        return self.rule.message.format(**self.values)

    @property
    def sentence(self) -> str:
        """Title and finding, for the command line and the journal."""
        return f"{self.rule.title}: {self.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the review and its author. ``public``: all that the customer wrote where everyone can
    read it; what stands there is no secret any more."""

    target: Target = Target.PUBLIC
    language: str | None = None
    display_name: str | None = None
    """The name as everyone sees it."""
    full_names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    """Order numbers and references."""
    addresses: tuple[str, ...] = ()
    """Postal addresses, as the provider gives them."""
    product: str | None = None
    account: str | None = None
    public: str = ""
    recent: tuple[str, ...] = ()
    """Our latest public replies on the same page, the newest first."""
    off: frozenset[str] = frozenset()
    """Rules, by id, that somebody switched off."""
