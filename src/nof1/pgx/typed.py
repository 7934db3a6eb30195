"""HLA typing as written, brought to two fields; what two fields cannot carry is set apart and told.

Names follow the nomenclature of the WHO committee for factors of the HLA system: fields separated by colons, a last letter
for changed expression (N null, L low, S secreted, C cytoplasm, A aberrant, Q questionable), G and P for groups of alleles
[pharmcat-methods-3.1.1#hla].
"""

from __future__ import annotations

import re
from itertools import product

from nof1.pgx.phenotype import Meaning
from nof1.pgx.written import MOST, NotRead, Pair, Reading

_ALLELE = re.compile(
    r"^(?:(?P<locus>[A-Za-z][A-Za-z0-9-]*)\*|(?P<star>\*))?(?P<fields>\d{2,4}(?::\d{2,4})*)(?P<letter>[NLSCAQ])?(?P<group>[GP])?$"
)
_EXPRESSION = {
    "N": "is a null allele: it is not expressed",
    "L": "has low expression",
    "S": "is secreted only",
    "C": "stays in the cytoplasm",
    "A": "has aberrant expression",
    "Q": "has questionable expression",
}


def typed_reading(words: Meaning, text: str) -> Reading:
    """What typed alleles can be, at two fields.

    ``/`` separates the two alleles and ``,`` the possible ones of each; with a ``+`` the text is a genotype list string, in
    which ``+`` separates the two and ``/`` the possible ones. ``;`` and ``|`` separate possible pairs. Raises ``NotRead``.
    """
    pairs: dict[Pair, None] = {}
    remarks: dict[str, None] = {}
    for one in re.split(r"\s*[;|]\s*", text.strip()):
        parts = one.split("+") if "+" in one else one.split("/")
        if len(parts) > 2:
            raise NotRead(f"{one[:60]!r} names {len(parts)} alleles; write one or two")
        options = [_options(words, part, remarks, one) for part in parts]
        known = [option for option in options if option]
        if not known:
            continue
        for chosen in product(*known):
            names = tuple(sorted(name for name, _ in chosen))
            pairs[Pair(names, any(is_apart for _, is_apart in chosen))] = None
            if len(pairs) > MOST:
                return Reading((), (), f"more than {MOST} pairs of alleles are possible")
    if not pairs:
        return Reading((), (), "; ".join(remarks))
    return Reading(tuple(pairs), tuple(remarks))


def _options(words: Meaning, part: str, remarks: dict[str, None], whole: str) -> list[tuple[str, bool]]:
    """The possible two-field names of one allele; empty where it is typed at one field only."""
    separator = r"[/,]" if "+" in whole else ","
    found: dict[tuple[str, bool], None] = {}
    for name in re.split(separator, part):
        option = _two_fields(words, name.strip(), remarks)
        if option is None:
            return []
        found[option] = None
    return list(found)


def _two_fields(words: Meaning, name: str, remarks: dict[str, None]) -> tuple[str, bool] | None:
    symbol = words.gene.file.gene
    match = _ALLELE.match(name)
    if not match or (":" not in match["fields"] and not (match["star"] or match["locus"])):
        raise NotRead(f"allele {name[:60]!r} is not read; write at least two fields of digits, like *01:01")
    if match["locus"] and match["locus"] not in (symbol, symbol.rpartition("-")[2]):
        raise NotRead(f"allele {name[:60]!r} is of another gene; write the gene of each line")
    fields = match["fields"].split(":")
    if len(fields) < 2:
        remarks[f"{name} is typed at one field; two are needed"] = None
        return None
    core = f"*{fields[0]}:{fields[1]}"
    if match["group"]:
        remarks[f"{name} is a group of alleles: its first two fields are used"] = None
    if not match["letter"]:
        return core, False
    rule = words.gene.file.phenotype
    asked = {row.allele for row in rule.presence_rows} if rule else set()
    ending = ", and no meaning follows from it" if core in asked else f", and is not counted as {core}"
    remarks[f"{name} {_EXPRESSION[match['letter']]}{ending}"] = None
    return core + match["letter"], core in asked
