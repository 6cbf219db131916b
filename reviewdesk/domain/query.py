"""The search language (docs/user-guide; the table of terms is a contract): text -> frozen tree -> the same text.

Used by the search box, the command line, saved views, rules and exports alike. ``parse`` knows nothing of the
database; ``store.search`` turns the tree into SQL. "And" binds closer than "OR"; a dash denies what follows it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import field
from datetime import tzinfo
from enum import StrEnum

from reviewdesk.domain import query_terms
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.query_terms import (
    Created,
    Effect,
    Field,
    Has,
    Is,
    Known,
    NoScore,
    Overdue,
    Replied,
    Stars,
    TermError,
    Words,
)
from reviewdesk.domain.text import tokens

__all__ = [
    "And",
    "Chip",
    "Created",
    "Effect",
    "Field",
    "Has",
    "Is",
    "Leaf",
    "NoScore",
    "Node",
    "Not",
    "Or",
    "Overdue",
    "Problem",
    "Query",
    "QueryError",
    "Replied",
    "Sort",
    "Stars",
    "Words",
    "chosen_by_score",
    "parse",
]

MAX_CHARS = 4_000
MAX_TERMS = 100
MAX_DEPTH = 30


class Sort(StrEnum):
    """The orders of a list. Those that tie, and all others within equals, are newest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    SCORE_LOW = "score-low"
    """Lowest score first; those without a score last."""
    SCORE_HIGH = "score-high"
    """Highest score first; those without a score last."""
    UNANSWERED = "unanswered"
    """Longest without a public reply first; those that have one last."""
    LONGEST = "longest"
    """The longest text first; those without one last."""
    SHORTEST = "shortest"
    """The shortest text first; those without one before it."""


Leaf = Words | Field | Is | Has | Stars | NoScore | Created | Overdue | Replied | Effect


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


Node = Leaf | Not | And | Or


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not understood and left out: where it stands, what to say, what was probably meant."""

    term: str
    start: int
    end: int
    message: str
    suggestion: str | None = None


class QueryError(InvalidInput):
    """A term that can't be understood (exit code 2). ``position`` counts characters from 0."""

    def __init__(self, problem: Problem) -> None:
        remedy = f"Did you mean {problem.suggestion}?" if problem.suggestion else ""
        super().__init__(problem.message, remedy=remedy)
        self.term = problem.term
        self.position = problem.start
        self.suggestion = problem.suggestion


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of the query that a person can take away with a click: ``text`` is that part, canonically.

    ``kind`` is the field's name, ``text`` for words, ``group`` for something in brackets or joined by OR.
    """

    text: str
    start: int
    end: int
    kind: str
    value: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search. Two queries are equal when they ask for the same; what was typed does not count."""

    root: Node | None = None
    """None asks for everything (but what was removed)."""
    text: str = field(default="", compare=False)
    chips: tuple[Chip, ...] = field(default=(), compare=False)
    """The parts that are joined by "and", in the order of the text."""
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def canonical(self) -> str:
        """The shortest usual spelling; parsing it at the same moment gives an equal query."""
        return "" if self.root is None else _render(self.root, top=True)

    @property
    def wants_removed(self) -> bool:
        """Whether it asks for removed reviews by name; else they are left out."""
        return Is("removed") in self._asked()

    @property
    def wants_twins(self) -> bool:
        """Whether it asks for reviews that are known from another account already; else they are left out."""
        return Is("twin") in self._asked()

    @property
    def wants_hidden(self) -> bool:
        """Whether it asks for reviews that somebody took out of the lists; else they are left out."""
        return Is("hidden") in self._asked()

    @property
    def needles(self) -> tuple[tuple[str, bool], ...]:
        """What to mark in the texts that were found, for ``domain.text.hits``."""
        return tuple(
            dict.fromkeys(
                (leaf.text, leaf.beginning)
                for leaf in self._asked()
                if isinstance(leaf, Words)
                or (isinstance(leaf, Field) and leaf.name in ("from", "product") and not leaf.none)
            )
        )

    def without(self, chip: Chip) -> str:
        """The text of the query without one of its chips."""
        return f"{self.text[: chip.start].rstrip()} {self.text[chip.end :].lstrip()}".strip()

    def plus(self, term: str) -> str:
        """The text of the query narrowed by ``term`` (in the search language)."""
        if self.root is None:
            return term
        kept = f"({self.canonical})" if isinstance(self.root, Or) else self.canonical
        return f"{kept} {term}"

    def _asked(self) -> list[Leaf]:
        return [] if self.root is None else list(_positive(self.root))


def _positive(node: Node) -> Iterator[Leaf]:
    """The leaves that are asked for and not denied."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _positive(part)
    elif not isinstance(node, Not):
        yield node


def _render(node: Node, *, top: bool = False) -> str:
    if isinstance(node, Not):
        return f"-{_render(node.part)}"
    if isinstance(node, And):
        inner = " ".join(_render(part) for part in node.parts)
        return inner if top else f"({inner})"
    if isinstance(node, Or):
        inner = " OR ".join(
            " ".join(_render(sub) for sub in part.parts) if isinstance(part, And) else _render(part)
            for part in node.parts
        )
        return inner if top else f"({inner})"
    return node.canonical


# --- reading -------------------------------------------------------------------------------------

_CLOSING = {'"': '"', "“": "”“", "„": "“”", "”": "”"}
_OPERATOR = re.compile(r"([A-Za-z][A-Za-z_-]*):(?!//)")
_PLAIN = re.compile(r"[^\s()\"“„”]+")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "(", ")", "-", "or", "word", "field"
    start: int
    end: int
    name: str = ""
    value: str = ""
    quoted: bool = False
    open: bool = False
    """A quotation mark that was not closed."""
    starred: bool = False


def _lex(text: str) -> Iterator[_Token]:
    at, size = 0, len(text)
    while at < size:
        char = text[at]
        if char.isspace():
            at += 1
        elif char in "()":
            yield _Token(char, at, at + 1)
            at += 1
        elif char == "-":
            yield _Token("-", at, at + 1)
            at += 1
        else:
            operator = _OPERATOR.match(text, at)
            token = _read_value(text, operator.end() if operator else at)
            if operator:
                yield _Token(
                    "field",
                    at,
                    token.end,
                    operator[1].lower(),
                    token.value,
                    token.quoted,
                    token.open,
                    token.starred,
                )
            elif token.value == "OR" and not token.quoted and not token.starred:
                yield _Token("or", at, token.end)
            else:
                yield token
            at = max(token.end, at + 1)


def _read_value(text: str, at: int) -> _Token:
    """A quoted or plain value that begins at ``at``; both may end in a star."""
    if at < len(text) and text[at] in _CLOSING:
        closing = _CLOSING[text[at]]
        value: list[str] = []
        end = at + 1
        while end < len(text) and text[end] not in closing:
            if text[end] == "\\" and text[end + 1 : end + 2] in ('"', "\\"):
                end += 1
            value.append(text[end])
            end += 1
        unclosed = end >= len(text)
        end = min(end + 1, len(text))
        starred = not unclosed and text[end : end + 1] == "*"
        return _Token("word", at, end + starred, "", "".join(value), True, unclosed, starred)
    plain = _PLAIN.match(text, at)
    value_text = plain[0] if plain else ""
    bare = value_text.rstrip("*")
    return _Token("word", at, at + len(value_text), "", bare, starred=len(bare) < len(value_text))


class _Parser:
    """Recursive descent over the tokens. Strict: the first problem is raised. As typed: problems are collected."""

    def __init__(
        self,
        text: str,
        read_field: Callable[[str, str, bool, bool], Leaf],
        *,
        as_typed: bool,
    ) -> None:
        self.text = text
        self.tokens = list(_lex(text))
        self.at = 0
        self.depth = 0
        self.terms = 0
        self.as_typed = as_typed
        self.read_field = read_field
        self.problems: list[Problem] = []
        self.empty_words: list[Problem] = []
        self.pieces: list[tuple[Node, tuple[int, int]]] = []

    def trouble(self, start: int, end: int, message: str, suggestion: str | None = None) -> None:
        problem = Problem(self.text[start:end], start, end, message, suggestion)
        if not self.as_typed:
            raise QueryError(problem)
        self.problems.append(problem)

    def peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def everything(self) -> Node | None:
        """The whole text. Notes the top-level pieces with their places on the way."""
        alternatives: list[Node] = []
        while True:
            node = self.alternatives(top=True)
            if node is not None:
                alternatives.append(node)
            stray = self.peek()
            if stray is None:
                break
            self.trouble(stray.start, stray.end, "There is a ')' without its '('.")
            self.at += 1
        root = _and(alternatives)
        if root is None and self.empty_words and not self.problems:
            first = self.empty_words[0]
            self.trouble(first.start, first.end, first.message)
        return root

    def alternatives(self, *, top: bool = False) -> Node | None:
        parts: list[Node] = []
        dangling: _Token | None = None
        while True:
            token = self.peek()
            if token is not None and token.kind == "or":
                self.trouble(token.start, token.end, "'OR' stands between two terms.")
                self.at += 1
                continue
            if (node := self.conjunction(top=top)) is not None:
                parts.append(node)
                dangling = None
            token = self.peek()
            if token is None or token.kind != "or":
                break
            dangling = token
            self.at += 1
        if dangling is not None and not self.as_typed:
            self.trouble(dangling.start, dangling.end, "'OR' stands between two terms.")
        return _or(parts)

    def conjunction(self, *, top: bool) -> Node | None:
        parts: list[Node] = []
        while (token := self.peek()) is not None and token.kind not in ("or", ")"):
            start = token.start
            node = self.factor()
            if node is not None:
                parts.append(node)
                if top:
                    self.pieces.append((node, (start, self.tokens[self.at - 1].end)))
        return _and(parts)

    def factor(self) -> Node | None:
        negated = False
        token = self.peek()
        first = token
        while token is not None and token.kind == "-":
            negated = not negated
            self.at += 1
            previous, token = token, self.peek()
            if token is None or token.start != previous.end or token.kind in ("or", ")"):
                # A dash by itself is punctuation.
                self.nothing(first.start if first else 0, previous.end)
                return None
        if token is None:
            return None
        self.at += 1
        node = self.group(token) if token.kind == "(" else self.term(token)
        if node is None or not negated:
            return node
        return node.part if isinstance(node, Not) else Not(node)

    def group(self, opening: _Token) -> Node | None:
        if self.depth >= MAX_DEPTH:
            self.trouble(opening.start, opening.end, f"Brackets go at most {MAX_DEPTH} deep.")
            return None
        before = self.at
        self.depth += 1
        node = self.alternatives()
        self.depth -= 1
        closing = self.peek()
        if closing is not None and closing.kind == ")":
            self.at += 1
            if self.at == before + 1:
                self.nothing(opening.start, closing.end)
        elif not self.as_typed:
            self.trouble(opening.start, opening.end, "There is a '(' without its ')'.")
        return node

    def term(self, token: _Token) -> Node | None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            if self.terms == MAX_TERMS + 1:
                self.trouble(token.start, token.end, f"A query has at most {MAX_TERMS} terms.")
            return None
        if token.open and not self.as_typed:
            self.trouble(token.start, token.end, "A quotation mark is not closed.")
        last = token.end == len(self.text)
        typing = self.as_typed and last and (token.open or not token.quoted)
        if token.kind == "word":
            words = tuple(tokens(token.value))
            if not words:
                self.nothing(token.start, token.end)
                return None
            return Words(words, token.starred or typing, token.value)
        if not token.value and not token.quoted and typing and token.name in query_terms.NAMES:
            return None  # about to be typed: neither understood nor wrong yet
        try:
            beginning = token.starred or (typing and token.name in query_terms.TEXT_FIELDS)
            return self.read_field(token.name, token.value, token.quoted, beginning)
        except TermError as error:
            self.trouble(token.start, token.end, error.message, error.suggestion)
            return None

    def nothing(self, start: int, end: int) -> None:
        term = self.text[start:end]
        self.empty_words.append(Problem(term, start, end, f"There is nothing to look up in '{term}'."))


def _and(parts: list[Node]) -> Node | None:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And) else (part,))
    return None if not flat else flat[0] if len(flat) == 1 else And(tuple(flat))


def _or(parts: list[Node]) -> Node | None:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Or) else (part,))
    return None if not flat else flat[0] if len(flat) == 1 else Or(tuple(flat))


def chosen_by_score(query: Query | None, sort: Sort = Sort.NEWEST) -> bool:
    """Whether a selection looks at the score: by a term of its own, denied or as one of several, or by its order."""
    if sort in (Sort.SCORE_LOW, Sort.SCORE_HIGH):
        return True
    return query is not None and query.root is not None and _looks_at_score(query.root)


def _looks_at_score(node: Node) -> bool:
    if isinstance(node, Not):
        return _looks_at_score(node.part)
    if isinstance(node, And | Or):
        return any(_looks_at_score(part) for part in node.parts)
    return isinstance(node, Stars | NoScore | Effect)


def _chip(node: Node, span: tuple[int, int]) -> Chip:
    inner = node.part if isinstance(node, Not) else node
    if isinstance(inner, And | Or | Not):
        kind, value = "group", _render(inner, top=True)
    else:
        kind, value = inner.kind, inner.shown
    return Chip(_render(node), *span, kind, value, isinstance(node, Not))


def parse(
    text: str,
    *,
    now: float,
    tz: tzinfo | None = None,
    as_typed: bool = False,
    known: Known | None = None,
    late_before: int | None = None,
) -> Query:
    """Read ``text``. Pure; any thread.

    ``now`` is UTC seconds, for ``older:`` and ``newer:``. ``tz`` is the zone whose days ``before:`` and ``after:``
    speak of; None is the machine's own. ``known`` may name all values there are for a field (``provider``,
    ``account``, ``tag``): any other is then not understood. ``late_before`` (UTC seconds): what waits for an answer
    and was written before is ``is:overdue`` (``domain.targets``); None: there is no target, so nothing is.

    Raises ``QueryError`` at the first term that can't be understood. With ``as_typed`` (the search box) it never
    raises: the last word counts as a beginning, and what can't be understood is left out and told in ``problems``.
    """
    problems: tuple[Problem, ...] = ()
    if len(text) > MAX_CHARS:
        problem = Problem(text[:20], 0, len(text), f"A query has at most {MAX_CHARS:,} characters.")
        if not as_typed:
            raise QueryError(problem)
        problems = (problem,)
    read = text[:MAX_CHARS]

    def read_field(name: str, value: str, was_quoted: bool, beginning: bool) -> Leaf:
        return query_terms.read(
            name,
            value,
            was_quoted,
            beginning,
            now=now,
            tz=tz,
            known=known or {},
            late_before=late_before,
        )

    parser = _Parser(read, read_field, as_typed=as_typed)
    root = parser.everything()
    if isinstance(root, Or):
        # Alternatives can only be taken away together.
        chips: tuple[Chip, ...] = (_chip(root, (parser.pieces[0][1][0], parser.pieces[-1][1][1])),)
    else:
        chips = tuple(_chip(node, span) for node, span in parser.pieces)
    return Query(root, text, chips, problems + tuple(parser.problems))
