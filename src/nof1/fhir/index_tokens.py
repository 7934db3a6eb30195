"""The rows that codes, identifiers and references give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nof1.fhir.index_rows import Ids, Maker, Rows, Take
from nof1.fhir.index_values import LONGEST_TOKEN, cut, normalised
from nof1.fhir.path_nodes import resource_kind
from nof1.fhir.path_resolve import target

IDENTIFIER, OF_TYPE = ":identifier", ":of-type"


def _text(value: object) -> str:
    return (value if len(value) < 300 else cut(value, LONGEST_TOKEN)) if type(value) is str else ""


def _add(ids: Ids, system: str, code: str, part: int, rows: Rows) -> None:
    if code or system:
        for name in ids:
            rows.tokens.append((name, system, code, part))


def _add_text(ids: Ids, value: object, part: int, rows: Rows) -> None:
    """A display; parts of composites are not searched by text."""
    if part == 0 and type(value) is str and (norm := normalised(value)):
        for name in ids:
            rows.texts.append((name, norm, 0))


def coding(ids: Ids) -> Take:
    """System and code, and the display as text."""

    def take(value: Any, part: int, rows: Rows) -> None:
        if type(value) is dict:
            _add(ids, _text(value.get("system")), _text(value.get("code")), part, rows)
            _add_text(ids, value.get("display"), part, rows)

    return take


def concept(ids: Ids) -> Take:
    """Each of its codings, and its text."""
    one = coding(ids)

    def take(value: Any, part: int, rows: Rows) -> None:
        if type(value) is not dict:
            return
        codings = value.get("coding")
        for item in codings if type(codings) is list else ():
            one(item, part, rows)
        _add_text(ids, value.get("text"), part, rows)

    return take


def identifier(ids: Ids) -> Take:
    """System and value, its type as text, and the value by each code of the type."""
    by_type = tuple(f"{name}{OF_TYPE}" for name in ids)

    def take(value: Any, part: int, rows: Rows) -> None:
        if type(value) is not dict:
            return
        text = _text(value.get("value"))
        _add(ids, _text(value.get("system")), text, part, rows)
        kind = value.get("type")
        if part or type(kind) is not dict:
            return
        _add_text(ids, kind.get("text"), part, rows)
        codings = kind.get("coding")
        for one in codings if type(codings) is list and text else ():
            if type(one) is dict and (code := _text(one.get("code"))):
                _add(by_type, "", cut(f"{_text(one.get('system'))}|{code}|{text}", LONGEST_TOKEN), 0, rows)

    return take


def contact(ids: Ids) -> Take:
    """The number or address itself."""

    def take(value: Any, part: int, rows: Rows) -> None:
        if type(value) is dict:
            _add(ids, "", _text(value.get("value")), part, rows)

    return take


def truth(ids: Ids) -> Take:
    """True or false as a code."""

    def take(value: Any, part: int, rows: Rows) -> None:
        if type(value) is bool:
            _add(ids, "", "true" if value else "false", part, rows)

    return take


def code(systems: Mapping[str, str]) -> Maker:
    """A code; its system is that of the value set it must come from."""

    def made(ids: Ids) -> Take:
        def take(value: Any, part: int, rows: Rows) -> None:
            text = _text(value)
            if text:
                _add(ids, systems.get(text, ""), text, part, rows)

        return take

    return made


def reference(only: str = "") -> Maker:
    """The type and id that a reference names, else its whole address; its identifier. ``only``: of this type alone."""

    def made(ids: Ids) -> Take:
        one = identifier(tuple(f"{name}{IDENTIFIER}" for name in ids))

        def take(value: Any, part: int, rows: Rows) -> None:
            if type(value) is not dict:
                return
            text = _text(value.get("reference"))
            found = target(text) if text else None
            if only and _stated(found.kind if found else "", text, value.get("type"), rows) != only:
                return
            if text:
                kind, rest = (found.kind, found.id) if found and not found.base else ("", text)
                for name in ids:
                    rows.references.append((name, kind, rest, part))
            if part == 0 and "identifier" in value:
                one(value["identifier"], 0, rows)

        return take

    return made


def _stated(kind: str, text: str, stated: object, rows: Rows) -> str:
    """The type of what a reference points to, as far as it is known without looking elsewhere."""
    if text.startswith("#") and type(rows.resource.get("contained")) is list:
        return rows.contained.get(text[1:], "")
    return kind or (stated if type(stated) is str else "")


def inline(ids: Ids) -> Take:
    """A resource that stands where others have a reference to one."""

    def take(value: Any, part: int, rows: Rows) -> None:
        kind = resource_kind(value)
        if kind != "Resource" and (own := _text(value.get("id"))):
            for name in ids:
                rows.references.append((name, kind, own, part))

    return take


TOKENS: dict[str, Maker] = {
    "Coding": coding,
    "CodeableConcept": concept,
    "Identifier": identifier,
    "ContactPoint": contact,
    "boolean": truth,
    **dict.fromkeys(("code", "string", "id", "uri", "url", "canonical", "oid", "uuid", "markdown"), code({})),
}
