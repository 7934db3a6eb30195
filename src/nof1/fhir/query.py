"""The text of a search -> a tree, strictly: what is not known is refused, and never ignored unless leniency is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nof1.errors import RequestError
from nof1.fhir.definitions import definitions
from nof1.fhir.query_chain import UnknownParameter, criterion
from nof1.fhir.query_errors import QueryError, near
from nof1.fhir.query_results import is_about_results, results
from nof1.fhir.query_tree import Content, Criterion, Search
from nof1.fhir.query_values import NOT_STORED, Context, split, unescaped

__all__ = ["QueryError", "Search", "parsed"]
_MOST_CRITERIA = 100
_MOST_TEXTS = 20
_MOST_VALUES = 1_200  # of all parameters together: each may be looked for in every row


def parsed(
    kind: str, pairs: Sequence[tuple[str, str]], *, is_lenient: bool = False, base: str = "", now: int | None = None
) -> Search:
    """The search of ``kind`` ('' for all types) that ``pairs`` of name and value write, both decoded from the address.

    ``base``: address of this server, for references by it. ``now``: microseconds since 1970; dates with ``ap`` are widened
    by a tenth of their distance to it, and not at all without it. ``is_lenient``: unknown parameters go to ``ignored``.
    Raises ``QueryError`` for unknown parameters, modifiers that the kind of a parameter does not have, illegal values.

    >>> search = parsed("Patient", [("family", "M"), ("_sort", "-birthdate"), ("_count", "20")])
    >>> search.criteria[0].parameter.id, search.sort[0].is_descending, search.count
    ('individual-family', True, 20)
    >>> parsed("Patient", [("famly", "M")])
    Traceback (most recent call last):
    nof1.fhir.query_chain.UnknownParameter: search: famly=M: Patient has no parameter 'famly'; did you mean 'family'?
    """
    if kind and kind not in definitions().resources:
        raise RequestError(f"search: there is no type '{kind}'; {near(kind, definitions().resources)}")
    if len(pairs) > _MOST_CRITERIA:
        raise RequestError(f"search: more than {_MOST_CRITERIA} parameters; ask in several searches")
    if sum(value.count(",") + 1 for _, value in pairs) > _MOST_VALUES:
        raise RequestError(f"search: more than {_MOST_VALUES} values in all; ask in several searches")
    about = [pair for pair in pairs if is_about_results(pair[0])]
    ignored: list[str] = []
    criteria = [
        found
        for name, value in _worded(pairs)
        if not is_about_results(name) and (found := _criterion(kind, name, value, Context(base, now), is_lenient, ignored))
    ]
    return Search(kind=kind, criteria=tuple(criteria), ignored=tuple(ignored), **results(kind, about))


def _worded(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The pairs, ``_text`` with several words as one for each: all of them must stand in the narrative."""
    for name, value in pairs:
        if name == "_text" and "," not in value and value.strip():
            yield from ((name, word) for word in value.split())
        else:
            yield name, value


def _criterion(kind: str, name: str, value: str, context: Context, is_lenient: bool, ignored: list[str]) -> Criterion | None:
    if name == "_content":
        return _content(name, value)
    try:
        return criterion(kind, name, value, context)
    except UnknownParameter:
        if not is_lenient:
            raise
        ignored.append(name)
        return None


def _content(name: str, value: str) -> Content:
    texts = tuple(unescaped(piece) for piece in split(value, ","))
    if len(texts) > _MOST_TEXTS:
        raise QueryError(name, value, f"more than {_MOST_TEXTS} values; ask in several searches")
    if any(not text.strip() for text in texts) or NOT_STORED.search(value):
        raise QueryError(name, value, "a value is empty; give words to look for")
    return Content(texts)
