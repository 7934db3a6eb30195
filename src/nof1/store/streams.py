"""Whole types of resources one after the other, for exports: only what holds of all of them or of some patients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nof1.fhir.definitions import definitions
from nof1.store.session import Reader

_CHUNK = 500  # owners asked for in one statement


def kinds(r: Reader) -> list[str]:
    """The types of which there is a resource, by name."""
    return sorted(r.names.kind_name(r, kind) for (kind,) in r.rows("SELECT kind FROM counted WHERE number > 0"))


def bodies(r: Reader, kind: str, *, since: int = 0) -> Iterator[bytes]:
    """The last version of every resource of a type, changed at ``since`` (microseconds) or later."""
    number = r.names.kind(r, kind)
    if number is None:
        return
    for (body,) in r.each(f"{_BODY} WHERE s.kind = ? AND s.deleted = 0 AND s.updated >= ? ORDER BY s.rid", (number, since)):
        yield body


def of_patients(r: Reader, kind: str, patients: Sequence[str] | None = None, *, since: int = 0) -> Iterator[bytes]:
    """The resources of a type in the compartments of ``patients`` (ids; ``None``: of any), the patients themselves too."""
    number, patient = r.names.kind(r, kind), r.names.kind(r, "Patient")
    if number is None or patient is None:
        return
    if kind == "Patient" and patients is None:
        yield from bodies(r, kind, since=since)
        return
    chunks = [None] if patients is None else [patients[at : at + _CHUNK] for at in range(0, len(patients), _CHUNK)]
    seen: set[int] = set()  # a resource may be of several patients
    for some in chunks:
        where, values = _member(kind, some)
        sql = f"SELECT s.rid, v.body FROM {_LAST} WHERE {where}"  # noqa: S608
        stated = (number, since, *([patient, number] if kind != "Patient" else []), *values)
        for rid, body in r.each(f"{sql} ORDER BY s.rid", stated):
            if rid not in seen:
                seen.add(rid)
                yield body


def tagged(r: Reader, system: str, code: str) -> list[tuple[str, str]]:
    """Type and id of every resource with that tag."""
    parameter, number = r.names.parameter(r, "Resource-tag"), r.names.system(r, system)
    if parameter is None or number is None:
        return []
    sql = (
        "SELECT s.kind, s.id FROM i_token AS t JOIN resource AS s ON s.rid = t.rid "
        "WHERE t.parameter = ? AND t.code = ? AND t.system = ? ORDER BY s.rid"
    )
    return [(r.names.kind_name(r, kind), name) for kind, name in r.rows(sql, (parameter, code, number))]


def is_of_patients(kind: str) -> bool:
    """Whether the compartment of a patient holds resources of this type."""
    return kind == "Patient" or kind in definitions().compartments["Patient"]


_LAST = "resource AS s JOIN version AS v ON v.rid = s.rid AND v.vid = s.vid"
_BODY = f"SELECT v.body FROM {_LAST}"  # noqa: S608


def _member(kind: str, owners: Sequence[str] | None) -> tuple[str, list[str]]:
    """The condition on rows of ``resource AS s``, and its last values."""
    marks = ", ".join("?" * len(owners)) if owners is not None else ""
    alive = "s.kind = ? AND s.deleted = 0 AND s.updated >= ?"
    if kind == "Patient":
        return f"{alive} AND s.id IN ({marks})", list(owners or ())
    some = f" AND owner IN ({marks})" if owners is not None else ""
    held = f"SELECT rid FROM i_compartment WHERE compartment = ? AND kind = ?{some}"  # noqa: S608
    return f"{alive} AND s.rid IN ({held})", list(owners or ())
