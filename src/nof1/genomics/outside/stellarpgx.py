"""StellarPGx: the text of one sample (``.alleles``), and the summary of several samples."""

from __future__ import annotations

import re

from nof1.genomics.outside.call import Content, OutsideCall, no_result

_TOOL = "StellarPGx"
_TITLE = re.compile(r"^(?P<gene>\S+) Star Allele Calling with StellarPGx\s*$")
_SAMPLE = re.compile(r"^Sample ID:\s*(?P<sample>\S.*)$")
_NOVEL = "possible novel allele"


def is_alleles(content: Content) -> bool:
    """Whether this is the text of one sample."""
    return any(_TITLE.match(line) for _, line in content.lines[:5])


def is_summary(content: Content) -> bool:
    """Whether this is a summary: sample, diplotype, remark. Its gene has to be named from elsewhere."""
    cells = content.first.split("\t")
    return bool(content.gene) and 2 <= len(cells) <= 3 and cells[1].strip().startswith(("*", "["))


def read_alleles(content: Content) -> list[OutsideCall]:
    """The one call of the file."""
    gene = next(found["gene"] for _, line in content.lines if (found := _TITLE.match(line)))
    sample = next((found["sample"].strip() for _, line in content.lines if (found := _SAMPLE.match(line))), "")
    number, result = _below(content, "Result:")
    if not result:
        last = content.lines[-1][0]
        content.fail(last, f"{_TOOL} ends without a line below 'Result:'; the file is broken off, copy it again")
    stated = []
    for title, words in (("Activity score:", "activity score"), ("Metaboliser status:", "phenotype")):
        if (told := _below(content, title)[1]) and not no_result(told[0]):
            stated.append(f"{_TOOL} states the {words} {told[0]}: it is shown and not used")
    place = f"{content.name} line {number}"
    parts = result[0].split("\t")
    return [_call(gene, sample, place, parts[0].strip(), "; ".join([*parts[1:], *result[1:]]).strip(), stated)]


def read_summary(content: Content) -> list[OutsideCall]:
    """One call a line."""
    calls = []
    for number, line in content.lines:
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) < 2:
            content.fail(number, f"{len(cells)} columns, a summary of {_TOOL} has 2 or 3; the file is broken off")
        calls.append(_call(content.gene, cells[0], f"{content.name} line {number}", cells[1], "; ".join(cells[2:]), []))
    return calls


def _call(gene: str, sample: str, place: str, result: str, remark: str, stated: list[str]) -> OutsideCall:
    told = f"{result}; {remark}".lower()
    reason = ""
    if _NOVEL in told or result.startswith("[") or "*" not in result or "/" not in result:
        reason = f"{_TOOL}: {result}{f' ({remark})' if remark else ''}"[:200]
    elif "deletion present" in told:
        reason = f"{_TOOL}: {result}, and {remark}: which allele is deleted is not said"[:200]
    if reason:
        return OutsideCall(gene, "", "", "", sample, place, _TOOL, "", reason)
    diplotypes = [name.strip() for name in re.split(r"\bor\b", result)]
    if "duplication present" in told:
        diplotypes = [f"({name})xN" for name in diplotypes]
    remarks = ((f"{_TOOL}: {remark}",) if remark else ()) + tuple(stated)
    return OutsideCall(gene, ";".join(diplotypes), "", "", sample, place, _TOOL, "", "", remarks)


def _below(content: Content, title: str) -> tuple[int, list[str]]:
    """The lines below ``title`` up to the next title, and the number of the first."""
    numbers = [index for index, (_, line) in enumerate(content.lines) if line.strip() == title]
    if not numbers:
        return 0, []
    found: list[str] = []
    for _, line in content.lines[numbers[0] + 1 :]:
        if line.rstrip().endswith(":"):
            break
        found.append(line.strip())
    number = content.lines[numbers[0] + 1][0] if found else content.lines[numbers[0]][0]
    return number, found
