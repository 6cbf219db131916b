"""The values of an account's settings: which apply, what is missing, what cannot be right."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from pathlib import Path

from reviewdesk.domain.capabilities import Field, FieldKind, ProviderSpec, parse_rate_limit
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.providers.addresses import address_problem
from reviewdesk.providers.base import COMMON_FIELDS

__all__ = ["applies", "clean_settings", "fields_of", "settle_seconds", "with_defaults"]


def settle_seconds(settings: Mapping[str, str]) -> float:
    """How long after an unclear answer the thread is read back: the longer of ``settle_seconds`` and twice
    ``timeout_seconds``."""
    defaults = {f.key: f.default or "" for f in COMMON_FIELDS}
    return max(
        float(settings.get("settle_seconds") or defaults["settle_seconds"]),
        2 * float(settings.get("timeout_seconds") or defaults["timeout_seconds"]),
    )


def fields_of(spec: ProviderSpec) -> dict[str, Field]:
    """All settings an account of this provider takes, its own before the common ones."""
    fields = {f.key: f for f in spec.settings}
    for field in COMMON_FIELDS:
        fields.setdefault(field.key, field)
    return fields


def with_defaults(spec: ProviderSpec, settings: Mapping[str, str]) -> dict[str, str]:
    """All settings, with the defaults of those that are not set."""
    full = {key: f.default for key, f in fields_of(spec).items() if f.default is not None}
    full.update({key: value for key, value in settings.items() if value != ""})
    return full


def clean_settings(
    spec: ProviderSpec, settings: Mapping[str, str], secrets: Mapping[str, str]
) -> dict[str, str]:
    """Settings as they are stored. Raises ``InvalidInput`` with the first thing that cannot be right."""
    fields, secret_fields = fields_of(spec), {f.key: f for f in spec.secrets}
    for key in settings:
        if key in secret_fields:
            raise InvalidInput(
                f"{key} is a secret and can't be given as a setting.",
                remedy=f"Give it with --secret {key}; it goes to the keychain only.",
            )
        if key not in fields:
            known = ", ".join(fields)
            raise InvalidInput(f"{spec.title} has no setting '{key}'. It has: {known}.")
    for key in secrets:
        if key not in secret_fields:
            known = ", ".join(secret_fields)
            raise InvalidInput(f"{spec.title} has no secret '{key}'. It has: {known}.")
    cleaned = {key: value.strip() for key, value in settings.items() if value.strip()}
    full = with_defaults(spec, cleaned)
    for key, value in cleaned.items():
        _check_value(fields[key], value)
    for field in fields.values():
        if field.required and not full.get(field.key) and applies(field, full):
            raise InvalidInput(f"{field.label} ({field.key}) is needed.", remedy=field.help)
    for field in secret_fields.values():
        if field.required and field.key not in secrets and applies(field, full):
            raise InvalidInput(f"{field.label} ({field.key}) is needed.", remedy=field.help)
    return cleaned


def applies(field: Field, settings: Mapping[str, str]) -> bool:
    """Whether the field is asked for while ``settings`` (defaults filled in) are as they are."""
    if field.only_when is None:
        return True
    other, values = field.only_when
    return settings.get(other, "") in values


def _check_value(field: Field, value: str) -> None:
    if field.kind is FieldKind.URL:
        _check_address(field, value)
    elif field.kind is FieldKind.CHOICE and value not in field.choices:
        raise InvalidInput(f"{field.key} is one of {', '.join(field.choices)}, not '{value}'.")
    elif field.kind is FieldKind.INTEGER and not value.isdecimal():
        raise InvalidInput(f"{field.key} is a whole number, not '{value}'.")
    elif field.kind is FieldKind.NUMBER:
        _check_number(field, value)
    elif field.kind is FieldKind.TIMEZONE:
        _check_zone(field, value)
    elif field.kind is FieldKind.FILE and not Path(value).is_file():
        raise InvalidInput(f"{field.key}: there is no file {value}.")
    elif field.key == "rate_limit":
        try:
            parse_rate_limit(value)
        except ValueError as error:
            raise InvalidInput(f"rate_limit: {error}.") from None
    if not value.isprintable():
        raise InvalidInput(f"{field.key} holds characters that can't be printed.")


def _check_number(field: Field, value: str) -> None:
    try:
        number = float(value)
    except ValueError:
        raise InvalidInput(f"{field.key} is a number, not '{value}'.") from None
    if not 0 <= number < 86_400 or (field.key == "timeout_seconds" and number == 0):
        raise InvalidInput(f"{field.key} can't be {value}.")


def _check_zone(field: Field, value: str) -> None:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(f"{field.key}: there is no time zone '{value}'.") from None


def _check_address(field: Field, value: str) -> None:
    problem = address_problem(value)
    if problem is not None:
        raise InvalidInput(f"{field.key}: {problem}")
