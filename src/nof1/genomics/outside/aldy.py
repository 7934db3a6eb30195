"""Aldy: a table with a line a mutation; the solutions of one gene are the different ``Major`` of its lines."""

from __future__ import annotations

from nof1.errors import OutsideCallError
from nof1.genomics.outside.call import Content, OutsideCall, cells_of, no_result

_TOOL = "Aldy"
_HEADER = "#Sample\tGene\tSolutionID\tMajor\tMinor"


def recognises(content: Content) -> bool:
    """Whether this is Aldy's table."""
    return content.first.startswith(_HEADER)


def read(content: Content) -> list[OutsideCall]:
    """One call a sample and gene, with every solution."""
    majors: dict[tuple[str, str], dict[str, str]] = {}
    places: dict[tuple[str, str], str] = {}
    for number, line in content.lines[1:]:
        if line.startswith("#"):
            continue
        sample, gene, solution, major = cells_of(content, number, line, 6, _TOOL)[:4]
        found = majors.setdefault((sample, gene), {})
        places.setdefault((sample, gene), f"{content.name} line {number}")
        if found.setdefault(solution, major) != major:
            content.fail(number, f"solution {solution!r} is {major!r} here and {found[solution]!r} before; copy it again")
    if not majors:
        raise OutsideCallError(f"{content.name}: {_TOOL} lists no solution; the file is broken off, or nothing was called")
    return [
        _call(sample, gene, list(dict.fromkeys(found.values())), places[sample, gene])
        for (sample, gene), found in majors.items()
    ]


def _call(sample: str, gene: str, majors: list[str], place: str) -> OutsideCall:
    called = [major for major in majors if not no_result(major)]
    if not called:
        return OutsideCall(gene, "", "", "", sample, place, _TOOL, "", "no diplotype was called", is_listed=True)
    remarks = (f"{_TOOL} gives {len(called)} solutions",) if len(called) > 1 else ()
    return OutsideCall(gene, ";".join(called), "", "", sample, place, _TOOL, "", "", remarks, True)
