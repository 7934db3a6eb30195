"""An equation that could give a wrong dose is refused at load, with the place, the value and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from nof1.knowledge import unread
from nof1.knowledge.check_dose_equations import check
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.load_kinetics import load_kinetics

FILE = "dose_equations/iwpc-2009-pharmacogenetic.yaml"
BROKEN = {
    "a name nothing gives": ("+ per_kg * weight", "+ per_kg * wieght", ["names 'wieght'", "did you mean 'weight'"]),
    "a number nobody uses": ("+ per_kg * weight", "", ["number 'per_kg' is in no formula"]),
    "a name twice": ("- {name: per_kg,", "- {name: height,", ["name 'height' is given twice"]),
    "no such unit": ("unit: kg\n", "unit: kilo\n", ["unit 'kilo'"]),
    "no plausible range": ("  plausible: [20, 400]\n", "", ["input weight", "needs plausible"]),
    "a range turned round": ("plausible: [20, 400]", "plausible: [400, 20]", ["range [400.0, 20.0]"]),
    "an assumption without source": ("  assumed_source: iwpc-2009#S1c\n", "", ["input amiodarone", "assume needs"]),
    "a term nobody knows": ("  term: weight\n", "  term: wait\n", ["term 'wait' is no known fact"]),
    "a drug nobody knows": ("[carbamazepine, phenytoin,", "[carbamazepin, phenytoin,", ["'carbamazepin' is no drug"]),
    "a gene nobody knows": ("  gene: VKORC1\n", "  gene: VKORC9\n", ["gene 'VKORC9' is not in genes/"]),
    "a phenotype nobody has": ("[-1639 AG]", "[-1639 GA]", ["phenotype '-1639 GA' is none of VKORC1"]),
    "an allele nobody has": ("['*5', '*6', '*8', '*11']", "['*5', '*6', '*8', '*1111']", ["allele '*1111' is none of CYP2C9"]),
    "a code that is none": ("C/T: ag, T/T: aa}\n  - marker: rs9", "C/T: het, T/T: aa}\n  - marker: rs9", ["C/T: het", "a code of the input"]),
    "a letter the marker lacks": ("{G/G: gg, C/G: ag,", "{G/G: gg, A/G: ag,", ["A/G: ag", "letters of the marker"]),
    "a marker that is none": ("- marker: rs8050894", "- marker: rs805089", ["'rs805089' is not in markers", "did you mean 'rs8050894'"]),
    "an equation that is none": ("offers: [iwpc-2009-clinical,", "offers: [iwpc-2009-plain,", ["offers 'iwpc-2009-plain'"]),
    "no interval for everybody": ("- {title: everybody, level: 0.8, scale: sqrt,", "- {title: x, when: age > 60, level: 0.8, scale: sqrt,", ["without an interval"]),
    "a level beyond everything": ("level: 0.8,", "level: 80,", ["level 80.0"]),
    "an interval beside its value": ("mae_95: [", "mae_95: [99, ", ["performance everybody", "[99.0, 8.02, 8.63]"]),
    "a source nobody has": ("source: iwpc-2009#S4", "source: nobody#S4", ["'nobody#S4' is not in sources/"]),
    "another name than the file": ("id: iwpc-2009-pharmacogenetic", "id: iwpc-2009", ["the file must carry the same name"]),
    "a condition that is no condition": ("when: cyp2c9_other == 1", "when: import os", ["refusal allele-without-coefficient", "cannot be parsed"]),
}  # fmt: skip


@pytest.mark.parametrize("name", list(BROKEN))
def test_broken_equation(tmp_path: Path, name: str) -> None:
    old, new, said = BROKEN[name]
    text = (SHIPPED / FILE).read_text()
    assert old in text
    lines = problems(tmp_path, text.replace(old, new, 1))
    assert any(all(part in line for part in said) for line in lines), lines
    assert all(line.startswith("dose_equations/") for line in lines)


def test_what_is_shipped_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, (SHIPPED / FILE).read_text()) == []


def problems(folder: Path, text: str) -> list[str]:
    """What is told of the shipped equations with ``text`` in the place of one."""
    files = [(f"dose_equations/{path.name}", path) for path in (SHIPPED / "dose_equations").glob("*.yaml")]
    changed = folder / Path(FILE).name
    changed.write_text(text)
    found: list[str] = []
    known = knowledge()
    loaded = load_kinetics([*(item for item in files if item[0] != FILE), (FILE, changed)], found.append)
    check(loaded.equations, known.sources, known.care, known.genes, found.append)
    return found


def test_a_file_that_is_misplaced_is_told(tmp_path: Path) -> None:
    (tmp_path / "dose_equation").mkdir()
    (tmp_path / "dose_equation" / "x.yaml").write_text("schema: 1\n")
    found: list[str] = []
    unread.check([tmp_path], found.append)
    assert found == ["dose_equation/x.yaml: is read by nothing; did you mean dose_equations/?"]
