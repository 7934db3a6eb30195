"""Units: what is converted, what is refused and how the refusal reads; laws that hold for any unit and value."""

from __future__ import annotations

import doctest
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.errors import InputError, UnitError
from nof1.units.compare import are_comparable, canonical, kind
from nof1.units.convert import convert
from nof1.units.grammar import HIGHEST_POWER, LONGEST, is_valid, parse
from nof1.units.spoken import suggest, tolerant
from nof1.units.tables import atoms, prefixes

ROOT = Path(__file__).parents[2]
FAMILIES = (
    ("mg/dL", "g/L", "ug/mL", "kg/m3", "mg%", "ng/(10.L)"),
    ("mmol/L", "umol/mL", "mol/m3", "nmol/dL"),
    ("U/L", "ukat/L", "nmol/s/L", "umol/min/L"),
    ("[iU]/L", "m[IU]/mL", "k[iU]/L"),
    ("mm[Hg]", "kPa", "[psi]", "cm[H2O]", "bar", "atm"),
    ("mL/min", "L/h", "L/d", "[foz_us]/s"),
    ("kg", "[lb_av]", "[stone_av]", "t", "[oz_tr]"),
    ("10*3/uL", "10*9/L", "{cells}/nL", "/pL"),
    ("Cel", "[degF]", "K", "mK", "[degR]", "[degRe]"),
    ("deg", "rad", "gon", "'", "circ"),
    ("%", "1", "[ppm]", "10*-3", "g/g"),
)
units = st.sampled_from([(unit, family) for family in FAMILIES for unit in family])
pairs = units.flatmap(lambda one: st.tuples(st.just(one[0]), st.sampled_from(one[1])))
triples = units.flatmap(lambda one: st.tuples(st.just(one[0]), st.sampled_from(one[1]), st.sampled_from(one[1])))
values = st.floats(min_value=1e-3, max_value=1e5)
texts = st.text(alphabet="mgLdukolsK10*^/.(){}[]%'2-+ \u00b5e", max_size=24)


@given(pairs, values)
def test_there_and_back_is_the_same_value(pair: tuple[str, str], value: float) -> None:
    there, back = pair
    assert convert(convert(value, there, back), back, there) == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(triples, values)
def test_a_detour_changes_nothing(triple: tuple[str, str, str], value: float) -> None:
    a, b, c = triple
    assert convert(convert(value, a, b), b, c) == pytest.approx(convert(value, a, c), rel=1e-9, abs=1e-9)


@given(pairs)
def test_comparable_units_have_one_canonical_text(pair: tuple[str, str]) -> None:
    a, b = pair
    assert are_comparable(a, b)
    assert canonical(a) == canonical(b) == canonical(canonical(a))


@given(pairs, st.lists(values, max_size=5))
def test_an_array_is_converted_like_its_numbers(pair: tuple[str, str], numbers: list[float]) -> None:
    a, b = pair
    found = convert(np.array(numbers), a, b)
    assert found.tolist() == pytest.approx([convert(number, a, b) for number in numbers], rel=1e-12)


@given(texts)
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    said = []
    for read in (parse, tolerant, canonical):
        try:
            read(text)
        except UnitError as error:
            said.append(str(error))
    assert all(line.startswith("unit") and "\n" not in line for line in said)


@given(texts)
def test_what_tolerant_returns_is_ucum(text: str) -> None:
    try:
        ucum, changed = tolerant(text)
    except UnitError:
        return
    assert is_valid(ucum)
    assert changed == (ucum != text)


# 98.6 F = 37 C; 1 inch = 2.54 cm; 1 lb = 0.45359237 kg; 1 atm = 101325 Pa: exact by definition
@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (98.6, "[degF]", "Cel", 37),
        (0, "Cel", "K", 273.15),
        (70, "[in_i]", "cm", 177.8),
        (1, "[lb_av]", "kg", 0.45359237),
        (1, "atm", "Pa", 101325),
        (180, "deg", "rad", math.pi),
        (1, "kat", "U", 6e7),
        (20, "dB", "1", 100),
        (7, "[pH]", "mol/L", 1e-7),
        (1, "KiBy", "bit", 8192),
        (5, "10^3/uL", "10*9/L", 5),
        (1, "a", "d", 365.25),
        (5000, "mCel", "K", 278.15),
        (100, "%[slope]", "deg", 45),
    ],
)
def test_known_conversions(value: float, source: str, target: str, expected: float) -> None:
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-12)


# sodium 22.99 g/mol, charge 1; calcium 40.08 g/mol, charge 2: 10 mg/dL is 2.5 mmol/L and 5 mEq/L
@pytest.mark.parametrize(
    ("value", "source", "target", "molar_mass", "charge", "expected"),
    [
        (140, "mmol/L", "meq/L", None, 1, 140),
        (10, "mg/dL", "mmol/L", 40.08, None, 2.495),
        (10, "mg/dL", "meq/L", 40.08, 2, 4.990),
        (4.99, "meq/L", "mg/dL", 40.08, -2, 10.0),
        (2.5, "mmol/L", "meq/L", None, 2, 5),
        (3, "mg/mmol", "mg/g", 113.12, None, 26.52),
    ],
)
def test_substance_by_molar_mass_and_charge(
    value: float, source: str, target: str, molar_mass: float | None, charge: int | None, expected: float
) -> None:
    assert convert(value, source, target, molar_mass, charge) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        (
            "umol",
            "umol/L",
            "unit 'umol' is an amount of substance and cannot become 'umol/L', an amount concentration; did you mean 'umol/L'?",
        ),
        ("mg/dL", "mmol/L", "molar mass"),
        ("meq/L", "mmol/L", "charge"),
        ("[iU]/L", "U/L", "concentration in international units"),
        ("mmol/mol", "%", "equation of the test"),
        ("mmol/L", "/L", "an amount concentration"),
        ("mosm/kg", "mmol/kg", "an osmolality"),
        ("[arb'U]", "[iU]", "cannot become"),
        ("/[HPF]", "/uL", "microscope"),
        ("Cel", "Pa", "a temperature"),
        ("kg", "m", "a mass"),
        ("Ym99", "ym99", "too far apart"),
    ],
)
def test_refused_conversions(source: str, target: str, said: str) -> None:
    with pytest.raises(UnitError) as caught:
        convert(1.0, source, target)
    assert said in str(caught.value)
    assert isinstance(caught.value, InputError)


def test_molar_mass_does_not_excuse_another_dimension() -> None:
    with pytest.raises(UnitError):
        convert(1.0, "mg/dL", "mmol", molar_mass=113.12)
    with pytest.raises(UnitError):
        convert(1.0, "mmol/mol", "mg/g", molar_mass=113.12)


@pytest.mark.parametrize("number", [0.0, -1.0, math.nan, math.inf])
def test_bad_molar_mass(number: float) -> None:
    with pytest.raises(UnitError, match="molar mass"):
        convert(1.0, "mg/dL", "mmol/L", molar_mass=number)


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_value_without_place_on_the_scale(value: float) -> None:
    with pytest.raises(UnitError, match="no place on the scale"):
        convert(value, "mol/L", "[pH]")
    with pytest.raises(UnitError, match="no place on the scale"):
        convert(np.array([1.0, value]), "mol/L", "[pH]")


def test_unknown_stays_unknown() -> None:
    assert math.isnan(convert(math.nan, "mg/dL", "g/L"))
    assert math.isnan(convert(math.nan, "[degF]", "Cel"))
    assert np.isnan(convert(np.array([98.6, np.nan]), "[degF]", "Cel")).tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("mcg/dL", 1, "'ug'"),
        ("mg/mll", 4, "'mL'"),
        ("mL/12h", 4, "'(12.h)'"),
        ("10E3/uL", 1, "'10*3'"),
        ("mmHg", 1, "'mm[Hg]'"),
        ("IU/L", 1, "'[IU]'"),
        ("mg/", 4, "ends"),
        ("mg//L", 4, "expected"),
        ("(mg", 1, "parenthesis"),
        ("mg)", 3, "cannot follow"),
        ("mg{a", 3, "brace"),
        ("[iU", 1, "bracket"),
        ("{a}mg", 4, "cannot follow"),
        ("\u00b5g", 1, "ASCII"),
        ("mg dL", 3, "cannot stand"),
        ("Cel/h", 1, "stands alone"),
        ("[degF]2", 1, "stands alone"),
        ("2.[pH].m", 3, "stands alone"),
        ("0.mg", 1, "zero"),
        (f"m{HIGHEST_POWER + 1}", 1, "exponents"),
        ("10+3", 3, "cannot follow"),
        ("(" * 40 + "m" + ")" * 40, 17, "nested"),
    ],
)
def test_bad_text_names_its_place_and_a_way_out(text: str, position: int, said: str) -> None:
    assert not is_valid(text)
    with pytest.raises(UnitError) as caught:
        parse(text)
    assert f"position {position}:" in str(caught.value)
    assert said in str(caught.value).split(":", 1)[1]


def test_empty_and_endless_text() -> None:
    with pytest.raises(UnitError, match="no text"):
        parse("")
    with pytest.raises(UnitError, match="longer than"):
        parse("m." * LONGEST)


def test_annotations_are_kept_and_mean_nothing() -> None:
    unit = parse("mL/min/{1.73_m2}")
    assert unit.annotations == ("1.73_m2",)
    assert are_comparable("mL/min/{1.73_m2}", "mL/min")


def test_no_code_is_also_a_prefix_and_another_code() -> None:
    table = atoms()
    both = [
        c for c in table for p in prefixes() if c.startswith(p) and (rest := table.get(c[len(p) :])) and rest.takes_prefix
    ]
    assert both == []


@pytest.mark.parametrize(
    ("text", "ucum"),
    [
        ("mg/dl", "mg/dl"),
        ("mcg", "ug"),
        ("IU/L", "[IU]/L"),
        ("K/uL", "10*3/uL"),
        ("10^3/uL", "10^3/uL"),
        ("x10E3/uL", "10*3/uL"),
        ("10E9/L", "10*9/L"),
        ("%", "%"),
        ("sec", "s"),
        ("years", "a"),
        ("MEQ/L", "meq/l"),
        ("MG/DL", "mg/dl"),
        ("\u03bcmol/L", "umol/L"),
        ("mg/24 h", "mg/(24.h)"),
        ("\u00b0C", "Cel"),
        ("kg/m\u00b2", "kg/m2"),
        ("mL/min/1.73 m2", "mL/min/{1.73_m2}"),
        ("mm Hg", "mm[Hg]"),
        ("pH", "[pH]"),
    ],
)
def test_everyday_spellings(text: str, ucum: str) -> None:
    assert tolerant(text) == (ucum, ucum != text)


@pytest.mark.parametrize("text", ["Mg/dL", "MIU/mL", "ML", "MG/IU", "U/IU", "mg dL", "units", "", "/", "mg//L"])
def test_spellings_of_unsure_meaning_are_refused(text: str) -> None:
    with pytest.raises(UnitError):
        tolerant(text)


@pytest.mark.parametrize(
    ("text", "like", "expected"),
    [
        ("umol", "umol/L", "umol/L"),
        ("umol", "mmol/dL", "umol/L"),
        ("MG/L", "g/L", "mg/l"),
        ("Mg/dL", "g/L", "mg/dl"),
        ("mcg/L", "g/L", "ug/L"),
        ("mg", "mmol/L", ""),
        ("kg", "Pa", ""),
        ("nonsense", "kg", ""),
    ],
)
def test_suggestions_are_of_the_expected_kind(text: str, like: str, expected: str) -> None:
    assert suggest(text, like) == expected


def test_kinds_in_words() -> None:
    found = [kind(text) for text in ("kg", "umol", "umol/L", "mg/dL", "Cel", "m5")]
    expected = ["a mass", "an amount of substance", "an amount concentration", "a mass concentration", "a temperature"]
    assert found == [*expected, "a quantity in m5"]


def test_converting_needs_no_array_library() -> None:
    code = "import sys; from nof1.units.convert import convert; convert(1.0, 'mg/dL', 'g/L'); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_examples_of_the_documentation() -> None:
    result = doctest.testfile(str(ROOT / "docs" / "reference" / "units.md"), module_relative=False)
    assert result.attempted > 5
    assert result.failed == 0
