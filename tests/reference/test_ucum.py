"""UCUM's own test cases, its table of examples and its definitions, read here anew and held against nof1's units."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nof1.errors import UnitError
from nof1.units.compare import are_comparable
from nof1.units.convert import convert
from nof1.units.grammar import is_valid, parse
from nof1.units.spoken import tolerant
from nof1.units.tables import atoms, prefixes, spellings

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
UCUM = DATA / "terms" / "ucum"
ANALYTES = DATA / "terms" / "loinc" / "labunits_analytes.tsv"
ABSENT = f"no reference data at {DATA}: set NOF1_REFERENCE_DATA to the folder that holds terms/ucum/"
NAMESPACE = "{http://unitsofmeasure.org/ucum-essence}"
pytestmark = pytest.mark.skipif(not UCUM.is_dir(), reason=ABSENT)

NEWER, OLDER = "UcumFunctionalTests.xml", "UcumFunctionalTests.2.xml"
# (file, id, unit): why nof1 does not do what the case says
NOT_FOLLOWED = {
    (OLDER, "1-103", ""): "the newer file withdraws it and says that no text is no valid unit",
    (OLDER, "k=1=049", "g.m/{hb}m2"): "the newer file writes g.m/m2{hb}, and refuses {a}rad2 in case 1-116a",
    (OLDER, "3-111", "s/m/mg"): "the newer file has 6300: a smaller unit below the line makes the number larger",
    (
        OLDER,
        "3-115",
        "s/4.m",
    ): "terms are read from left to right, so the metre is above the line; the newer file writes s/4/m",
}
EXAMPLES_NOT_FOLLOWED = {"Torr": "the definitions of UCUM 2.2 have no such unit"}
# units that UCUM defines as a number and nof1 counts by themselves (docs/reference/units.md)
COUNTED_ALONE = {"mol", "eq", "osm", "[HPF]", "[LPF]", "[hnsf'U]", "[NTU]", "[FNU]"}
TABLE_IS_WRONG = {"2099-0"}  # U/mL to U/L with factor 1, where a millilitre is a thousandth of a litre
CASES = {NEWER: 573, OLDER: 564}


def cases(kind: str) -> list[tuple[str, dict[str, str]]]:
    """The cases of one kind in both files, each as (file, its attributes)."""
    if not UCUM.is_dir():
        return []
    return [
        (name, dict(case.attrib))
        for name in (NEWER, OLDER)
        for section in ElementTree.parse(UCUM / name).getroot().iter(kind)
        for case in section.iter("case")
    ]


def followed(kind: str, key: str) -> list[tuple[str, dict[str, str]]]:
    return [(name, case) for name, case in cases(kind) if (name, case["id"], case[key]) not in NOT_FOLLOWED]


def as_written(outcome: str) -> float:
    """Half a unit in the last digit that an outcome is written with."""
    _, digits, exponent = Decimal(outcome).as_tuple()
    assert isinstance(exponent, int)
    return max(0.5 * 10.0**exponent if len(digits) < 6 else 0.0, 1e-12 * abs(float(outcome)))


def test_every_case_is_run() -> None:
    kinds = ("validation", "displayNameGeneration", "conversion", "multiplication", "division")
    found = [name for kind in kinds for name, _ in cases(kind)]
    assert {name: found.count(name) for name in CASES} == CASES


def test_validation() -> None:
    wrong = [(n, c) for n, c in followed("validation", "unit") if is_valid(c["unit"]) != (c["valid"] == "true")]
    assert wrong == []


def test_conversion() -> None:
    wrong = []
    for name, case in followed("conversion", "srcUnit"):
        found = convert(float(case["value"]), case["srcUnit"], case["dstUnit"])
        if abs(found - float(case["outcome"])) > as_written(case["outcome"]) * 1.0000001:
            wrong.append((name, case, found))
    assert wrong == []


@pytest.mark.parametrize(("kind", "operator"), [("multiplication", "."), ("division", "/")])
def test_multiplication_and_division(kind: str, operator: str) -> None:
    assert cases(kind)
    for name, case in cases(kind):
        first, second = float(case["v1"]), float(case["v2"])
        value = first * second if operator == "." else first / second
        found = convert(value, f"({case['u1']}){operator}({case['u2']})", case["uRes"] or "1")
        assert found == pytest.approx(float(case["vRes"]), abs=as_written(case["vRes"]) * 1.0000001, rel=1e-12), (name, case)


def test_what_is_not_followed_is_refused_or_differs() -> None:
    for name, number, text in NOT_FOLLOWED:
        kind, key = ("conversion", "srcUnit") if number.startswith("3") else ("validation", "unit")
        case = next(c for n, c in cases(kind) if (n, c["id"], c[key]) == (name, number, text))
        if kind == "validation":
            assert is_valid(text) != (case["valid"] == "true")
            continue
        try:
            found = convert(float(case["value"]), text, case["dstUnit"])
        except UnitError:
            continue
        assert found != pytest.approx(float(case["outcome"]))


def test_examples_for_electronic_messages() -> None:
    rows = (UCUM / "ucum_examples.tsv").read_text(encoding="utf-8").splitlines()[1:]
    codes = [row.split("\t")[1] for row in rows]
    assert len(codes) == 848
    assert {code for code in codes if not is_valid(code)} == set(EXAMPLES_NOT_FOLLOWED)


def test_table_has_the_units_and_prefixes_of_ucum() -> None:
    root = ElementTree.parse(UCUM / "ucum-essence.xml").getroot()
    metric = {unit.attrib["Code"]: unit.get("isMetric") == "yes" for unit in root.iter(f"{NAMESPACE}unit")}
    metric |= {unit.attrib["Code"]: True for unit in root.iter(f"{NAMESPACE}base-unit")}
    assert {code: atom.takes_prefix for code, atom in atoms().items()} == metric
    factors = {
        prefix.attrib["Code"]: Fraction(prefix.find(f"{NAMESPACE}value").attrib["value"])
        for prefix in root.iter(f"{NAMESPACE}prefix")
    }
    assert prefixes() == factors


def definitions() -> Iterator[tuple[str, Fraction, str]]:
    """The units that UCUM defines by another one: code, number, that other unit."""
    for unit in ElementTree.parse(UCUM / "ucum-essence.xml").getroot().iter(f"{NAMESPACE}unit"):
        value = unit.find(f"{NAMESPACE}value")
        assert value is not None
        function = value.find(f"{NAMESPACE}function")
        code, retired = unit.attrib["Code"], unit.attrib["Code"].startswith("[hp'_")
        if code in COUNTED_ALONE or unit.get("isArbitrary") == "yes" or retired or code in ("10*", "10^", "[pi]"):
            continue
        if function is None:
            yield code, Fraction(value.attrib["value"]), value.attrib["Unit"]
        else:
            number, other = value.attrib["Unit"].partition("(")[2].rstrip(")").split(" ", 1)
            yield code, Fraction(number), other


def test_every_definition_has_the_size_and_dimension_of_the_table() -> None:
    found = list(definitions())
    assert len(found) > 240
    for code, number, other in found:
        here, there = parse(code), parse(other)
        assert here.factor == number * there.factor, code
        assert (here.dimension, here.pi_power) == (there.dimension, there.pi_power), code


def test_spellings_cite_codes_that_their_source_has() -> None:
    with (UCUM / "ucum-lhc.csv").open(encoding="utf-8") as lines:
        synonyms = {row["case-sensitive code"]: row["synonyms"] for row in csv.DictReader(lines)}
    table = (ROOT / "src/nof1/units/spellings.tsv").read_text(encoding="utf-8")
    cited = [line.rsplit("\t", 1)[1].removeprefix("ucum-lhc#") for line in table.splitlines() if "\tucum-lhc#" in line]
    assert len(cited) > 50
    assert [code for code in cited if code not in synonyms] == []
    assert all(is_valid(row.ucum) for place in ("whole", "part") for row in spellings(place).values() if row.ucum)


def test_factors_between_conventional_and_si_units() -> None:
    """A table of laboratory tests: where both units measure the same, its factor is ours, within its own rounding."""
    compared = 0
    with ANALYTES.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            try:
                before, after = tolerant(row["traditional_units"])[0], tolerant(row["si_units"])[0]
            except UnitError:
                continue
            if are_comparable(before, after) and row["loinc"] not in TABLE_IS_WRONG:
                compared += 1
                assert convert(1.0, before, after) == pytest.approx(float(row["factor_to_si"]), rel=0.03), row
    assert compared >= 30
