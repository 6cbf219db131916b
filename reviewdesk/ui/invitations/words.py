"""What the invitation window says. "Link" and "e-mail" never share a verb: links are created, customers are e-mailed."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from reviewdesk.domain.invitations.model import Invitation, InviteForm, InviteState, InviteWay
from reviewdesk.domain.models import ReviewKind

__all__ = [
    "card_words",
    "confirm_words",
    "day_words",
    "done_words",
    "go_words",
    "kind_words",
    "language_choices",
    "list_go_words",
    "pace_words",
    "span_words",
    "state_words",
    "way_icon",
    "way_words",
]

translate = QCoreApplication.translate
_LANGUAGES = (
    "en-GB", "en-US", "da-DK", "de-DE", "es-ES", "fr-FR", "it-IT", "nl-NL", "pl-PL", "pt-PT", "ro-RO", "sv-SE",
    "ja-JP", "ar-SA",
)  # fmt: skip


def kind_words(kind: ReviewKind) -> str:
    return {
        ReviewKind.BUSINESS: translate("invitations", "The shop"),
        ReviewKind.PRODUCT: translate("invitations", "Products"),
    }[kind]


def way_icon(way: InviteWay) -> str:
    """An envelope only where somebody is written to."""
    return {
        InviteWay.LINK: "link",
        InviteWay.EMAIL: "envelope-simple",
        InviteWay.ORDER: "package",
        InviteWay.OFFLINE: "link-break",
        InviteWay.WRITE_LINK: "pencil-simple",
        InviteWay.EDIT_LINK: "note-pencil",
    }[way]


def way_words(way: InviteWay) -> str:
    """For the history."""
    return {
        InviteWay.LINK: translate("invitations", "Link"),
        InviteWay.EMAIL: translate("invitations", "E-mail by the source"),
        InviteWay.ORDER: translate("invitations", "Order, e-mailed later"),
        InviteWay.OFFLINE: translate("invitations", "Link made here"),
        InviteWay.WRITE_LINK: translate("invitations", "General link"),
        InviteWay.EDIT_LINK: translate("invitations", "Edit link"),
    }[way]


def card_words(form: InviteForm, source: str, who: str, *, listed: bool = False) -> tuple[str, str]:
    """Head and line of the card that stands for a way."""
    to = who or translate("invitations", "the customer")
    title, line = {
        InviteWay.LINK: (
            translate("invitations", "Create a link only"),
            translate("invitations", "Nothing is sent. You pass the link on yourself."),
        ),
        InviteWay.EMAIL: (
            translate("invitations", "Let {source} write to the customer").format(source=source),
            translate("invitations", "Sends an e-mail. The button will then read “E-mail to {who}”.").format(
                who=to
            ),
        ),
        InviteWay.ORDER: (
            translate("invitations", "Tell {source} of the order").format(source=source),
            translate("invitations", "{source} e-mails {who} later by itself.").format(source=source, who=to),
        ),
        InviteWay.OFFLINE: (
            translate("invitations", "Make a link on this computer"),
            translate("invitations", "No request is made and nothing is sent."),
        ),
        InviteWay.WRITE_LINK: (
            translate("invitations", "Get a general link"),
            translate("invitations", "For anybody, until it ends. Nothing is sent."),
        ),
        InviteWay.EDIT_LINK: (
            translate("invitations", "Get a link to change a review"),
            translate("invitations", "For somebody who has written already. Nothing is sent."),
        ),
    }[form.way]
    if listed and form.way is InviteWay.EMAIL:
        line = translate("invitations", "Sends an e-mail to every customer of the list.")
    return title, line


def go_words(way: InviteWay, who: str) -> str:
    """The first button of the window, before it is pressed."""
    if way is InviteWay.EMAIL:
        return translate("invitations", "E-mail to {who}").format(who=who or "…")
    if way is InviteWay.ORDER:
        return translate("invitations", "Hand over the order of {who}").format(who=who or "…")
    if way in (InviteWay.WRITE_LINK, InviteWay.EDIT_LINK):
        return translate("invitations", "Get the link")
    return translate("invitations", "Create link")


def confirm_words(way: InviteWay, source: str, who: str) -> str:
    """One line over the button: what will happen to whom."""
    if way is InviteWay.EMAIL:
        return translate("invitations", "{source} will e-mail {who}").format(source=source, who=who or "…")
    if way is InviteWay.ORDER:
        return translate("invitations", "{source} will e-mail {who} later").format(
            source=source, who=who or "…"
        )
    return translate("invitations", "A link is created, nobody is e-mailed")


def list_go_words(way: InviteWay, n: int) -> str:
    """The first button over a list."""
    count = QLocale().toString(n)
    if way is InviteWay.EMAIL:
        return translate("invitations", "E-mail {count} customers").format(count=count)
    if way is InviteWay.ORDER:
        return translate("invitations", "Hand over {count} orders").format(count=count)
    return translate("invitations", "Create {count} links").format(count=count)


def done_words(made: Invitation, source: str) -> tuple[str, str, str]:
    """(icon, role, sentence): where an invitation stands, at the head of the result."""
    way = made.way
    match made.state:
        case InviteState.INVITED if way is InviteWay.EMAIL:
            words = translate("invitations", "{source} was told to e-mail {who}")
            return "envelope-simple", "private", words.format(source=source, who=made.email or made.phone)
        case InviteState.INVITED if way is InviteWay.ORDER:
            words = translate("invitations", "{source} has the order and e-mails {who} later")
            return "package", "private", words.format(source=source, who=made.email)
        case InviteState.INVITED:
            return "check", "text", translate("invitations", "Link created, nothing was sent")
        case InviteState.WAITING if way.sends:
            return "hourglass-medium", "text-2", translate("invitations", "In the outbox, not sent yet")
        case InviteState.WAITING:
            return "hourglass-medium", "text-2", translate("invitations", "The link is on its way")
        case InviteState.UNKNOWN:
            words = translate("invitations", "It is not certain whether this went out. Look at {source}.")
            return "question", "warn", words.format(source=source)
        case InviteState.WITHDRAWN:
            return "arrow-u-up-left", "text-2", translate("invitations", "Taken back at the source")
        case InviteState.DROPPED:
            return "arrow-u-up-left", "text-2", translate("invitations", "Taken back before it went out")
    said = made.error.message if made.error is not None else translate("invitations", "It was not accepted")
    return "warning-circle-fill", "fail", said


def state_words(made: Invitation) -> str:
    """For the history, in a word or two."""
    return {
        InviteState.WAITING: translate("invitations", "In the outbox"),
        InviteState.INVITED: translate("invitations", "E-mailed by the source")
        if made.way is InviteWay.EMAIL
        else translate("invitations", "Order handed over")
        if made.way is InviteWay.ORDER
        else translate("invitations", "Link created"),
        InviteState.UNKNOWN: translate("invitations", "Not certain"),
        InviteState.HELD: translate("invitations", "Held in the outbox"),
        InviteState.FAILED: translate("invitations", "Not accepted"),
        InviteState.DROPPED: translate("invitations", "Taken back before"),
        InviteState.WITHDRAWN: translate("invitations", "Taken back"),
    }[made.state]


def day_words(seconds: float) -> str:
    """``12 Nov 2026``."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(seconds)), "d MMM yyyy")


def span_words(seconds: float) -> str:
    """``about 17 min``."""
    if seconds < 1:
        return translate("invitations", "at once")
    if seconds < 90:
        return translate("invitations", "about {n} s").format(n=max(1, round(seconds)))
    if seconds < 5400:
        return translate("invitations", "about {n} min").format(n=round(seconds / 60))
    return translate("invitations", "about {n} h").format(n=QLocale().toString(seconds / 3600, "f", 1))


def language_choices() -> list[tuple[str, str]]:
    """Codes and names; the first is "as the source decides"."""
    made = [("", translate("invitations", "As the source decides"))]
    for code in _LANGUAGES:
        locale = QLocale(code)
        name = QLocale.languageToString(locale.language())
        made.append((code, f"{name} ({code})"))
    return made


def pace_words(calls: int, seconds: float) -> str:
    """``9 per 10 s``, ``950 per hour``."""
    if seconds == 3600:
        return translate("invitations", "{calls} per hour").format(calls=QLocale().toString(calls))
    if seconds >= 60 and seconds % 60 == 0:
        return translate("invitations", "{calls} per {n} min").format(
            calls=QLocale().toString(calls), n=round(seconds / 60)
        )
    return translate("invitations", "{calls} per {n} s").format(
        calls=QLocale().toString(calls), n=f"{seconds:g}"
    )
