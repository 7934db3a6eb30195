"""People whose bundles are checked: the shipped examples, and made-up assessments with every kind of content."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import nof1
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.findings import Action, Assessment, EffectivePhenotype, FirstTest, Kind
from report import sample

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {
    "all positions": ("example-1-all-positions", "outside_calls.tsv"),
    "variants only": ("example-2-variants-only", ""),
}


@cache
def example(name: str) -> Assessment:
    """The assessment of a shipped example."""
    folder, outside = EXAMPLES[name]
    path = ROOT / "examples" / folder
    return nof1.assess([path / "genome.vcf"], outside_calls=path / outside if outside else None)


@cache
def converted() -> Assessment:
    """A person who takes two inhibitors, waits for a test, and has advice that rests on no gene."""
    made = sample.assessment()
    first, second, third, *others = made.drugs
    source = SourceRef("label-2026", "section-4")
    by_fact = replace(
        next(item for drug in made.drugs for item in drug.recommendations),
        id="kidney/label/1", actions=(Action.CONTRAINDICATED,), because_of={"creatinine clearance": "12 mL/min"},
        kind=Kind.FACT, source=source, dose=None, interrupts=True, notes=("may be outdated",),
    )  # fmt: skip
    waits = FirstTest("another result would say avoid", ("Poor Metabolizer: avoid",), ("rs1", "rs2"), ("kidney/label/2",))
    drugs = (
        replace(first, course="active", recommendations=(by_fact, *first.recommendations)),
        replace(second, course="planned", test_first=waits, recommendations=(replace(by_fact, id="kidney/label/2"),)),
        replace(third, course="stopped"),
    )
    changed = EffectivePhenotype(
        gene="CYP2D6", genetic=("Intermediate Metabolizer",), effective=("Poor Metabolizer (activity score 0.0)",),
        by=("paroxetine (strong inhibitor)", f"{first.drug} (moderate inhibitor, route not stated, taken as systemic)"),
        evidence="guideline", notes=("the genetic result stays what it is",), not_counted=("terbinafine: stopped",),
        source=source, because=Because("x", "y", source, FactStatus.PROVISIONAL), places=("MedicationStatement/7",),
    )  # fmt: skip
    open_ = replace(changed, gene="CYP2C19", effective=("Normal Metabolizer", "Poor Metabolizer"), evidence="lower")
    return replace(made, drugs=(*drugs, *others), effective_phenotypes=(changed, open_))


def people() -> dict[str, Assessment]:
    """Every person by name."""
    made = {name: example(name) for name in EXAMPLES}
    made |= {"hostile": sample.assessment(), "graded": sample.graded(), "converted": converted()}
    bare = replace(sample.assessment(), person="", created="soon", software="", genes=(), drugs=(), sources={}, files=())
    return made | {"bare": bare}
