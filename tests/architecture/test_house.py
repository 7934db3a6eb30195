"""The house: import contracts hold, files that must agree with code do, and the project speaks of itself alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import yaml

from nof1.assessment.assay import CONFIRM_SOURCE, REGIONS_SOURCE
from nof1.jobs.dose_history import DoseHistory
from nof1.model.findings import Assessment
from nof1.model.risks import Risks
from nof1.response.document import Dosing

ROOT = Path(__file__).parents[2]


def test_import_contracts() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_importing_the_package_reads_nothing() -> None:
    code = "import sys, nof1; print(sorted(name for name in sys.modules if name.split('.')[0] in ('numpy','cyvcf2','yaml')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_assessment_schema_is_the_documented_one() -> None:
    written = json.loads((ROOT / "docs" / "reference" / "assessment.schema.json").read_text())
    assert written == json.loads(json.dumps(msgspec.json.schema(Assessment)))


@pytest.mark.parametrize(("name", "shape"), [("dose", Dosing), ("dose_history", DoseHistory), ("risk", Risks)])
def test_schemas_of_answers_are_the_documented_ones(name: str, shape: type) -> None:
    written = json.loads((ROOT / "docs" / "reference" / f"{name}.schema.json").read_text())
    assert written == json.loads(json.dumps(msgspec.json.schema(shape)))


def test_hazards_name_controls_tests_and_cases_that_exist() -> None:
    hazards = yaml.safe_load((ROOT / "docs" / "safety" / "hazards.yaml").read_text())["hazards"]
    assert len({hazard["id"] for hazard in hazards}) == len(hazards)
    known = _patients()
    for hazard in hazards:
        assert hazard["harm"]
        assert any(control["tests"] for control in hazard["controls"]), hazard["id"]
        for control in hazard["controls"]:
            assert (ROOT / control["where"]).exists(), control["where"]
            for test in control["tests"]:
                path, _, name = test.partition("::")
                assert (ROOT / path).exists(), test
                assert not name or f"def {name}(" in (ROOT / path).read_text(), test
            cases = control.get("cases", [])
            assert not set(cases) - known, sorted(set(cases) - known)
            assert not cases or "tests/cases/test_patients.py::test_patient" in control["tests"], control["what"]


def _patients() -> set[str]:
    """Patients that are run, as "file: name"; those in the folder open are not."""
    files = (ROOT / "tests" / "cases" / "patients").glob("*.yaml")
    return {f"{path.stem}: {case['name']}" for path in files for case in yaml.safe_load(path.read_text())}


_SOURCE = re.compile(r'"(?:[a-z_]*source|body_source)":"([^"#]+)')


def _comments() -> list[str]:
    """Knowledge files as text: a source may back a figure from a comment or a list of rows."""
    return [path.read_text() for path in (ROOT / "src/nof1/knowledge/data").rglob("*.yaml") if "sources" not in path.parts]


def test_every_source_is_cited() -> None:
    from nof1.knowledge.load import load

    known = load()
    cited = {row.source.split("#")[0] for gene in known.genes.values() for row in gene.positions}
    cited |= {row.from_37.split("#")[0] for gene in known.genes.values() for row in gene.positions if row.from_37}
    for gene in known.genes.values():
        for allele in gene.alleles:
            cited |= {allele.source.split("#")[0], allele.function_source.split("#")[0]}
        call = gene.file.call
        for part in (call, call.recommended_positions, call.paired_marker, call.single_marker, gene.file.phenotype):
            if part is not None:
                cited.add(part.source.split("#")[0])
        if gene.frequencies is not None:
            parts = (gene.frequencies.counted, gene.frequencies.published)
            cited |= {part.source.split("#")[0] for part in parts if part is not None}
    for drug in [*known.drugs.values(), *(file for files in known.guidelines.values() for file in files)]:
        cited |= {drug.guideline, *(item.source.split("#")[0] for item in (*drug.rules, *drug.implications))}
        cited |= {code.source.split("#")[0] for code in ([drug.rxnorm] if drug.rxnorm else []) + drug.atc}
    cited |= {CONFIRM_SOURCE, REGIONS_SOURCE, known.certainty.panel.source, known.certainty.unseen_source}
    cited |= set(_SOURCE.findall(msgspec.json.encode(known.care).decode()))
    cited |= set(_SOURCE.findall(msgspec.json.encode(known.responses).decode()))
    cited |= set(_SOURCE.findall(msgspec.json.encode(known.kinetics).decode()))
    cited |= set(_SOURCE.findall(msgspec.json.encode(known.gene_models).decode()))
    cited |= set(_SOURCE.findall(msgspec.json.encode(known.criteria).decode()))
    cited |= set(_SOURCE.findall(msgspec.json.encode(known.secondary).decode()))
    cited |= set(_SOURCE.findall(msgspec.json.encode(known.risks).decode()))
    text = "\n".join(_comments())
    assert [
        name
        for name in sorted(set(known.sources) - cited)
        if not (name in text and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))
    ] == []
