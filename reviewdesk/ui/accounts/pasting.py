"""Keys out of a pasted example: PHP, JSON, a curl line, a .env file. What is recognised goes into the form's fields."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from reviewdesk.domain.capabilities import FieldKind, ProviderSpec

__all__ = ["recognise"]

_LONGEST = 20_000
_NAME = r"[A-Za-z_][A-Za-z0-9_ .-]{0,40}"
_QUOTED = r"\"(?P<{0}d>(?:[^\"\\\n]|\\.)*)\"|'(?P<{0}s>(?:[^'\\\n]|\\.)*)'"
# "name" => "value", 'name': 'value', $name = 'value', const name = "value", NAME="value"
_ASSIGNED = re.compile(
    rf"(?P<q>[\"']?)(?P<name>{_NAME})(?P=q)\s*(?:=>|:|=)\s*(?:{_QUOTED.format('v')})", re.MULTILINE
)
# define('NAME', 'value')
_DEFINED = re.compile(
    rf"define\(\s*(?P<q>[\"'])(?P<name>{_NAME})(?P=q)\s*,\s*(?:{_QUOTED.format('v')})", re.IGNORECASE
)
# "k" => $apiKey: the name of the variable says as much as the name of the parameter.
_PASSED = re.compile(
    rf"(?P<q>[\"'])(?P<name>{_NAME})(?P=q)\s*(?:=>|:)\s*\$?(?P<variable>[A-Za-z_][A-Za-z0-9_]*)"
)
# NAME=value on a line of its own, name: value of a header or YAML
_BARE = re.compile(
    rf"^\s*(?:export\s+)?(?P<name>{_NAME})\s*(?:=|:\s)\s*(?P<value>[^\s\"'{{\[]+)\s*$", re.MULTILINE
)
# -H "apikey: value"
_HEADER = re.compile(rf"(?:-H|--header)\s+[\"'](?P<name>{_NAME}):\s*(?P<value>[^\"'\n]+)[\"']")
# ?k=value&u=value, -d "email=a&password=b"
_QUERY = re.compile(
    r"(?:^|[?&\"'\s])(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,40})=(?P<value>[^&\s\"'<>]+)(?=[&\"'\s]|$)"
)
_USER = re.compile(r"(?:-u|--user)\s+[\"']?(?P<user>[^\s:\"']+):(?P<secret>[^\s\"']+)")
_BASIC = re.compile(r"[Bb]asic\s+(?P<pair>[A-Za-z0-9+/]{8,}={0,2})")
_PLACEHOLDER = re.compile(
    r"(?i)^(?:your.*|my_?(?:email|password|key|secret).*|x{3,}|\.{3}|<.*>|\{.*\}|\$.*|.*_here|rest_key|customer_id"
    r"|(?:api_?)?(?:key|secret|token)|password|username|changeme)$"
)

_ALIASES: dict[str, dict[str, tuple[str, ...]]] = {
    "trustpilot": {
        "api_key": ("apikey", "clientid", "xapikey", "consumerkey"),
        "api_secret": ("apisecret", "secret", "clientsecret", "consumersecret"),
        "business_unit": ("businessunitid", "businessunit", "domain", "unitid"),
        "username": ("user", "email", "businessuseremail"),
        "redirect_uri": ("redirecturi", "redirecturl", "callback"),
    },
    "sitejabber": {
        "client_token": ("clienttoken", "apikey", "token", "apitoken"),
        "business": ("businessurl", "url", "domain", "website"),
        "email": ("username", "user"),
        "client_encryption_key": ("encryptionkey",),
    },
    "guaranteed-reviews": {
        "public_key": ("publickey", "publicapikey", "apikeypublic"),
        "private_key": ("apikey", "privatekey", "secretkey", "apikeyprivate"),
        "language": ("lang", "locale"),
    },
    "retargeting": {
        "rest_key": ("k", "restapikey", "restkey", "apikey", "restapi"),
        "customer_id": ("u", "customer", "userid"),
    },
    "verified-reviews": {
        "host": ("server", "hostname", "sftphost", "ftphost"),
        "username": ("user", "login", "sftpuser", "ftpuser"),
        "password": ("pass", "pwd", "sftppassword", "ftppassword"),
        "path": ("folder", "directory", "dir", "remotepath"),
        "website_id": ("idwebsite", "websiteid"),
    },
}


def recognise(spec: ProviderSpec, text: str) -> dict[str, str]:
    """Field key -> value of everything in ``text`` that looks like one of the provider's settings or secrets.

    Nothing where the text is no example but a plain value: such a one belongs into the field it was pasted in.
    Placeholders ("YOUR_API_KEY") are left out.
    """
    text = text[:_LONGEST]
    names = _names(spec)
    found: dict[str, str] = {}
    for name, value in _pairs(text, spec.id):
        key = names.get(_plain(name))
        value = value.strip()
        if key is None or key in found or not value or _PLACEHOLDER.match(value) or not value.isprintable():
            continue
        found[key] = value
    choices = {f.key: f.choices for f in spec.settings if f.kind is FieldKind.CHOICE}
    return {k: v for k, v in found.items() if k not in choices or v in choices[k]}


def _names(spec: ProviderSpec) -> dict[str, str]:
    names: dict[str, str] = {}
    for key, aliases in _ALIASES.get(spec.id, {}).items():
        for alias in aliases:
            names[alias] = key
    for field in (*spec.settings, *spec.secrets):
        names.setdefault(_plain(field.label), field.key)
        names[_plain(field.key)] = field.key
    # One name in two spellings must not be two keys: the provider's own wins over an alias of another field.
    return names


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _pairs(text: str, provider: str) -> Iterator[tuple[str, str]]:
    assigned: dict[str, str] = {}
    for pattern in (_DEFINED, _ASSIGNED):
        for match in pattern.finditer(text):
            value = match["vd"] if match["vd"] is not None else match["vs"]
            value = re.sub(r"\\(.)", r"\1", value)
            assigned.setdefault(match["name"].strip(), value)
            yield match["name"], value
    for match in _PASSED.finditer(text):
        if match["variable"] in assigned:
            yield match["name"], assigned[match["variable"]]
    for match in _HEADER.finditer(text):
        yield match["name"], match["value"]
    if provider == "trustpilot":
        yield from _basic_pairs(text)
    for match in _QUERY.finditer(text):
        if "=" in text and ("&" in text or "?" in text or "curl" in text or "\n" in text):
            yield match["name"], unquote_plus(match["value"])
    if "\n" in text.strip():
        for match in _BARE.finditer(text):
            yield match["name"], match["value"]


def _basic_pairs(text: str) -> Iterator[tuple[str, str]]:
    """Key and secret as they sign in at Trustpilot's token call."""
    for match in _USER.finditer(text):
        yield "api_key", match["user"]
        yield "api_secret", match["secret"]
    for match in _BASIC.finditer(text):
        try:
            user, colon, secret = base64.b64decode(match["pair"], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if colon:
            yield "api_key", user
            yield "api_secret", secret
