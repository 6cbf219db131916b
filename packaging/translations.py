"""Bring resources/translations up to date: ``.venv/bin/python packaging/translations.py [--check]``.

It collects every text with a number from the sources, writes the English forms ("1 review", "2 reviews") from the
list below and lets Qt's lrelease make the file that the program loads. ``--check`` only says what is
missing. A noun that is not in the list is an error: English has too many ways to form a singular.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
SOURCE, COMPILED = FOLDER / "reviewdesk_en.ts", FOLDER / "reviewdesk_en.qm"

# The word after the number, and what it is when the number is one.
NOUNS = {
    plural: plural.removesuffix("s")
    for plural in re.findall(
        r"\w+",
        "accounts actions addresses agents answers attachments attempts backups calls cards changes characters codes "
        "columns comments conversations customers days documents drafts emails entries errors events exports failures "
        "fields files filters findings groups hints hours images invitations items keys labels languages letters lines "
        "links links marks matches members mentions messages minutes months names notes notices numbers orders pages "
        "parts pauses photos pictures products profiles providers questions reasons records recipients requests results "
        "reviews rows rules runs scores searches seconds senders sentences settings shops signs sources stars steps "
        "suggestions tags tasks teams templates texts things times tries twins types users values variants versions "
        "views visits warnings weeks windows words years",
    )
} | {
    "addresses": "address",
    "entries": "entry",
    "matches": "match",
    "people": "person",
    "persons": "person",
    "replies": "reply",
    "searches": "search",
    "tries": "try",
}
# Where more than the noun changes.
WHOLE = {
    "%n accounts load": "%n account loads",
    "%n became drafts again": "%n became a draft again",
    "%n go out": "%n goes out",
    "%n need a look": "%n needs a look",
}
_AFTER_NUMBER = re.compile(r"%n ([^\W\d_]+)(?: ([^\W\d_]+))?")


class UnknownNoun(Exception):
    """A text whose form for one is not known."""


def singular(text: str) -> str:
    """The English text for one. Raises ``UnknownNoun``."""
    if text in WHOLE:
        return WHOLE[text]
    found = _AFTER_NUMBER.search(text)
    if found is None:
        return text
    for word in found.groups():
        if word in NOUNS:
            return text.replace(word, NOUNS[word], 1)
    if found[1].endswith("s"):
        raise UnknownNoun(f"{text!r}: add {found[1]!r} to NOUNS in packaging/translations.py")
    return text


def tool(name: str) -> str:
    """A translation tool of PySide6-Essentials."""
    import PySide6

    suffix = ".exe" if sys.platform == "win32" else ""
    return str(Path(PySide6.__file__).parent / f"{name}{suffix}")


def texts() -> list[tuple[str, str]]:
    """(context, text) of every text with a number in the sources. lupdate misses what goes through a helper."""
    found: set[tuple[str, str]] = set()
    for path in sorted((ROOT / "reviewdesk").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        _Texts(found, _helpers(tree), path.relative_to(ROOT)).visit(tree)
    return sorted(found)


def _helpers(tree: ast.AST) -> dict[str, str]:
    """Functions that hand their text on to translate(): name -> context."""
    return {
        function.name: call.args[0].value
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and _name(call.func) == "translate"
        and len(call.args) > 1
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
        and isinstance(call.args[1], ast.Name)
    }


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


class _Texts(ast.NodeVisitor):
    def __init__(self, found: set[tuple[str, str]], helpers: dict[str, str], path: Path) -> None:
        self._found, self._helpers, self._path = found, helpers, path
        self._class = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self._class = self._class, node.name
        self.generic_visit(node)
        self._class = outer

    def visit_Call(self, node: ast.Call) -> None:
        words = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        text = next((word for word in words if "%n" in word), None)
        if text is not None:
            name = _name(node.func)
            context = {"tr": self._class, "translate": words[0]}.get(name) or self._helpers.get(name)
            if not context:
                raise UnknownNoun(f"{self._path}:{node.lineno}: {text!r} is not given to tr() or translate()")
            self._found.add((context, text))
        self.generic_visit(node)


def collect(into: Path) -> None:
    """All texts with a number, with both their English forms, in Qt's own format."""
    root = ET.Element("TS", version="2.1", language="en", sourcelanguage="en")
    contexts: dict[str, ET.Element] = {}
    for name, text in texts():
        if name not in contexts:
            contexts[name] = ET.SubElement(root, "context")
            ET.SubElement(contexts[name], "name").text = name
        message = ET.SubElement(contexts[name], "message", numerus="yes")
        ET.SubElement(message, "source").text = text
        translation = ET.SubElement(message, "translation")
        for words in (singular(text), text):
            ET.SubElement(translation, "numerusform").text = words
    ET.indent(root, "    ")
    body = ET.tostring(root, encoding="unicode")
    into.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")


def compile_(source: Path, into: Path) -> None:
    subprocess.run([tool("lrelease"), "-silent", str(source), "-qm", str(into)], check=True)


def sources(path: Path) -> set[tuple[str, str]]:
    """(context, text) of every text in a file."""
    return {
        (context.findtext("name", ""), message.findtext("source", ""))
        for context in ET.parse(path).iter("context")
        for message in context.iter("message")
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, say what is missing")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name) / SOURCE.name
        try:
            collect(fresh)
        except UnknownNoun as error:
            print(error, file=sys.stderr)
            return 1
        if wanted.check:
            missing = sources(fresh) - sources(SOURCE)
            for context, text in sorted(missing):
                print(f"missing: {context}: {text}")
            return 1 if missing else 0
        FOLDER.mkdir(parents=True, exist_ok=True)
        SOURCE.write_bytes(fresh.read_bytes())
    compile_(SOURCE, COMPILED)
    print(f"{len(sources(SOURCE))} texts in {COMPILED.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
