"""The pre-send check: rules as data (``data``), applied by pure functions."""

from __future__ import annotations

from reviewdesk.domain.checks.check import check, summary
from reviewdesk.domain.checks.manner import language_of
from reviewdesk.domain.checks.model import Example, Finding, Known, Rule, Severity
from reviewdesk.domain.checks.rules import LANGUAGES, rule, rules

__all__ = [
    "LANGUAGES",
    "Example",
    "Finding",
    "Known",
    "Rule",
    "Severity",
    "check",
    "language_of",
    "rule",
    "rules",
    "summary",
]
