"""What the wizard says on each page: heading, line below it, sentence at the foot, and its first button. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

__all__ = ["CARDS", "COLUMNS", "FINISH", "FORM", "SIGN_IN", "TEST", "Now", "button", "foot", "head"]

CARDS, FORM, SIGN_IN, TEST, FINISH, COLUMNS = range(6)
translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """Where the wizard stands. ``again``: the account that is signed in again, or empty; ``failed``: the stage at which
    the test stopped; ``browser``: the next step is a sign-in in the browser."""

    page: int
    source: str
    again: str = ""
    testing: bool = False
    failed: str = ""
    asks_key: bool = False
    busy: str = ""
    said: str = ""
    browser: bool = False
    file: str = ""


def head(now: Now) -> tuple[str, str]:
    """Heading and line."""
    if now.page == CARDS:
        return translate("Wizard", "Where do your reviews come from?"), translate(
            "Wizard",
            "You can add more accounts later. Secrets go to the keychain of this computer, nowhere else.",
        )
    if now.page == FORM:
        title = translate("Wizard", "How to sign in to {source}").format(source=now.source)
        if now.again:
            title = translate("Wizard", "Sign in to {name} again").format(name=now.again)
        return title, translate("Wizard", "Paste a whole example of code to fill several fields at once.")
    if now.page == SIGN_IN:
        title = translate("Wizard", "Sign in to {source} in your browser").format(source=now.source)
        return title, translate("Wizard", "Reviewdesk never sees your password there.")
    if now.page == TEST:
        return _of_the_test(now)
    if now.page == COLUMNS:
        line = translate(
            "Wizard", "{file} has no header. What is guessed can be changed; nothing has been stored."
        )
        return translate("Wizard", "What do the columns hold?"), line.format(file=now.file)
    return translate("Wizard", "This is what you get"), translate(
        "Wizard", "What is not possible says who does not allow it, and what to do instead."
    )


def _of_the_test(now: Now) -> tuple[str, str]:
    nothing = translate("Wizard", "Nothing has been stored. The test uses what you typed.")
    if now.testing:
        return translate("Wizard", "Testing the connection"), nothing
    if not now.failed:
        return translate("Wizard", "Everything works"), translate(
            "Wizard", "The account is ready to be added."
        )
    if now.asks_key:
        return translate("Wizard", "Is this your server?"), translate(
            "Wizard",
            "Compare the fingerprint with the one that the server's administrator gives. No password has been sent.",
        )
    heading = {
        "connect": translate("Wizard", "{source} can’t be reached"),
        "sign-in": translate("Wizard", "{source} does not accept the credentials"),
        "permission": translate("Wizard", "{source} does not allow it"),
        "read": translate("Wizard", "No review could be read"),
        "columns": translate("Wizard", "The file’s columns are not known"),
    }.get(now.failed, translate("Wizard", "Something in the values can’t be right"))
    return heading.format(source=now.source), nothing


def foot(now: Now) -> str:
    """The sentence at the foot."""
    if now.page == CARDS:
        return translate("Wizard", "Or")
    if now.busy or now.said:
        return now.busy or now.said
    if now.page == TEST and now.asks_key:
        return translate("Wizard", "If it ever changes, loading stops and asks")
    if now.page == TEST and now.failed:
        return translate("Wizard", "Details are copied without keys")
    return translate("Wizard", "Nothing is stored before the test has passed") if now.page == FORM else ""


def button(now: Now) -> tuple[str, str]:
    """Words and icon of the first button."""
    if now.page == TEST:
        if now.asks_key:
            return translate("Wizard", "Trust this key"), ""
        if now.failed == "columns":
            return translate("Wizard", "Name the columns"), ""
        if now.failed:
            return translate("Wizard", "Test again"), "arrows-clockwise"
        if now.again:
            return translate("Wizard", "Use these credentials"), ""
    if now.page == COLUMNS or (now.page == FORM and not now.browser):
        return translate("Wizard", "Test"), ""
    return (translate("Wizard", "Add account") if now.page == FINISH else translate("Wizard", "Next")), ""
