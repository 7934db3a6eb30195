"""A gene, a drug, its names, an interaction and a limit are added as files only: read, called, advised on, and shown."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

import nof1
from nof1.cli.main import main
from nof1.errors import NotInKnowledge
from nof1.knowledge import compiled
from nof1.model.findings import Action, Assessment, DrugAdvice, Kind

FILES = {
    "sources/mine.yaml": """schema: 1
sources:
- {id: synthetic-2026, title: A synthetic source, body: Nobody, year: 2026, url: "https://example.org", licence: none,
   because: the test}
""",
    "genes/SYN1/gene.yaml": """schema: 1
gene: SYN1
title: a synthetic gene
chromosome: chr3
build: GRCh38
sequence: NC_000003.12
edition: "1"
call: {methods: [named_allele], ploidy: diploid, undocumented: kept, source: synthetic-2026#methods}
phenotype:
  method: activity_score
  score: value_1 + value_2
  source: synthetic-2026#scores
  status: provisional
  checked: '2026-11-23'
  without_score: Indeterminate
  score_rows:
  - {when: score < 1, phenotype: Slow Taker}
  - {when: score >= 1, phenotype: Fast Taker}
""",
    "genes/SYN1/positions.tsv": "id\tposition\tref\talts\tspan\thgvs\tused\tsource\tstatus\tchecked\n"
    "syn1\t50000100\tA\tG\t\tg.50000100A>G\tyes\tsynthetic-2026#p\tprovisional\t2026-11-23\n"
    "syn2\t50000200\tCTT\tC\tCTTTT\tg.50000203_50000204del\tyes\tsynthetic-2026#p\tprovisional\t2026-11-23\n",
    "genes/SYN1/alleles.tsv": "name\tshown_as\tvariants\tused\tfunction\tactivity\tsource\tfunction_source\tstatus\tchecked\n"
    "*1\t\treference\tyes\tNormal function\t1\tsynthetic-2026#a\tsynthetic-2026#f\tprovisional\t2026-11-23\n"
    "*2\t\tsyn1:G\tyes\tNo function\t0\tsynthetic-2026#a\tsynthetic-2026#f\tprovisional\t2026-11-23\n"
    "*3\t\tsyn2:C\tyes\tDecreased function\t0.25\tsynthetic-2026#a\tsynthetic-2026#f\tprovisional\t2026-11-23\n",
    "drugs/synthetine.yaml": """schema: 1
drug: synthetine
body: Nobody
guideline: synthetic-2026
genes: [SYN1]
rules:
- id: slow
  when: [{SYN1: ["score < 1"]}]
  actions: [dose]
  strength: strong
  dose: {direction: decrease, factor: 0.5, basis: starting dose}
  advice: Halve the start.
  source: synthetic-2026#row-1
  rows: [row-1]
  status: provisional
  checked: '2026-11-23'
""",
    "terms/drugs_mine.tsv": "name\trxnorm\tatc\talso_named\tingredients\tsource\tstatus\tchecked\n"
    "synthetine\t99999901\tZ99AA01\tsynthol\t\tsynthetic-2026#names\tprovisional\t2026-11-23\n"
    "othertine\t99999902\tZ99AA02\t\t\tsynthetic-2026#names\tprovisional\t2026-11-23\n"
    "thirdtine\t99999903\tZ99BB01\t\t\tsynthetic-2026#names\tprovisional\t2026-11-23\n",
    "terms/mine.yaml": """schema: 1
classes:
- {id: tines, title: tines, uses: [compare, interaction], atc: [Z99AA], source: synthetic-2026#classes, status: provisional,
   checked: '2026-11-23'}
""",
    "interactions/mine.yaml": """schema: 1
interactions:
- id: tines-thirdtine
  a: {classes: [tines], without: [othertine]}
  b: {drugs: [thirdtine]}
  severity: contraindicated
  interrupts: true
  actions: [contraindicated]
  effect: They stop the heart.
  advice: Never give them together.
  source: synthetic-2026#pairs
  rows: [pair-1]
  status: provisional
  checked: '2026-11-23'
""",
    "limits/synthetine.yaml": """schema: 1
drugs: [synthetine]
limits:
- id: kidney
  when: egfr < 30
  basis: renal
  actions: [avoid]
  interrupts: true
  advice: Do not give it to failing kidneys.
  source: synthetic-2026#kidney
  rows: [row-9]
  status: provisional
  checked: '2026-11-23'
""",
}
VCF = """##fileformat=VCFv4.2
##reference=GRCh38
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
3\t50000100\t.\tA\tG\t.\tPASS\t.\tGT\t0/1
3\t50000202\t.\tTTT\tT\t.\tPASS\t.\tGT\t0/1
"""


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "pack"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setenv("NOF1_KNOWLEDGE", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    compiled._knowledge.cache_clear()
    yield folder
    compiled._knowledge.cache_clear()


def test_added_gene_and_drug_work(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    genome = tmp_path / "s.vcf"
    genome.write_text(VCF)
    made = nof1.assess([genome], drugs=["synthetine"])
    (gene,) = [call for call in made.genes if call.gene == "SYN1"]
    assert [item.name for item in gene.diplotypes] == ["*2/*3"]  # the deletion is written right-shifted in the file
    assert (gene.phenotypes[0].term, gene.phenotypes[0].activity_score) == ("Slow Taker", "0.25")
    (advice,) = made.drugs
    assert advice.headline.value == "dose"
    assert advice.recommendations[0].dose is not None
    assert advice.recommendations[0].dose.factor == (0.5, 0.5)
    assert main(["knowledge", "show", "SYN1"]) == 0
    assert "a synthetic gene" in capsys.readouterr().out
    assert main(["knowledge", "check", str(pack)]) == 0


def test_without_the_pack_the_drug_is_unknown(tmp_path: Path) -> None:
    genome = tmp_path / "s.vcf"
    genome.write_text(VCF)
    with pytest.raises(NotInKnowledge, match="synthetine"):
        nof1.assess([genome], drugs=["synthetine"])


DAY = date(2026, 11, 23)


def record(folder: Path, *drugs: dict, creatinine: float = 4.0) -> Path:
    """A woman of 60 who takes ``drugs``."""
    who = {"subject": {"reference": "Patient/p"}}
    blood = {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]}
    resources = [
        {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1966-01-01"},
        {
            "resourceType": "Observation",
            "id": "o",
            "status": "final",
            "code": blood,
            "effectiveDateTime": "2026-11-01",
            **who,
        }
        | {"valueQuantity": {"value": creatinine, "code": "mg/dL", "system": "http://unitsofmeasure.org"}},
    ]
    for number, concept in enumerate(drugs):
        order = {"resourceType": "MedicationRequest", "id": f"m{number}", "status": "active", "intent": "order", **who}
        resources.append(order | {"medicationCodeableConcept": concept})
    path = folder / "record.json"
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": item} for item in resources]}
    path.write_text(json.dumps(bundle))
    return path


BRAND = {"text": "Synthol 20 MG Oral Tablet"}
CODED = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "99999903"}]}


def on(made: Assessment, drug: str) -> DrugAdvice:
    (found,) = [item for item in made.drugs if item.drug == drug]
    return found


def test_added_names_are_recognised_and_an_added_pair_interrupts(pack: Path, tmp_path: Path) -> None:
    made = nof1.assess(record=record(tmp_path, BRAND, CODED, creatinine=0.8), today=DAY)
    assert [item["drugs"] for item in made.record["medications"]] == [["synthetine"], ["thirdtine"]]
    (pair,) = made.interactions
    assert (set(pair.drugs), pair.severity, pair.interrupts) == ({"synthetine", "thirdtine"}, "contraindicated", True)
    for drug in ("synthetine", "thirdtine"):
        advice = on(made, drug)
        assert (advice.headline, advice.interrupts) == (Action.CONTRAINDICATED, True)
        (told,) = [item for item in advice.recommendations if item.kind is Kind.INTERACTION]
        assert (str(told.source), told.interrupts) == ("synthetic-2026#pairs", True)


def test_an_added_pair_needs_both_drugs_and_heeds_who_is_left_out(pack: Path, tmp_path: Path) -> None:
    assert nof1.assess(record=record(tmp_path, BRAND), today=DAY).interactions == ()
    other = {"text": "othertine"}  # of the class, and left out by name
    assert nof1.assess(record=record(tmp_path, other, CODED), today=DAY).interactions == ()


def test_an_added_limit_holds_or_does_not(pack: Path, tmp_path: Path) -> None:
    def limits(creatinine: float) -> list[str]:
        made = nof1.assess(record=record(tmp_path, BRAND, creatinine=creatinine), today=DAY)
        return [item.id for item in on(made, "synthetine").recommendations if item.kind is Kind.FACT and item.interrupts]

    assert limits(4.0) == ["synthetine/limit/kidney"]  # an eGFR of about 12
    assert limits(0.8) == []  # about 84


def test_an_added_limit_that_cannot_be_judged_says_what_it_needs(pack: Path, tmp_path: Path) -> None:
    path = record(tmp_path, BRAND)
    bundle = json.loads(path.read_text())
    bundle["entry"] = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] != "Observation"]
    path.write_text(json.dumps(bundle))
    advice = on(nof1.assess(record=path, today=DAY), "synthetine")
    assert [item.needs for item in advice.unknown if "eGFR < 30" in item.reason] == [("creatinine",)]
    assert advice.headline is Action.TEST_FIRST


def test_an_added_class_is_compared(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = nof1.assess(record=record(tmp_path, CODED, creatinine=0.8), today=DAY, classes=["tines"])
    (found,) = made.comparisons
    assert {item.drug: item.bin for item in found.drugs} == {"synthetine": "contraindicated", "othertine": "no data"}
    assert main(["knowledge", "list", "classes"]) == 0
    assert "tines" in capsys.readouterr().out


def test_without_the_pack_its_drug_is_listed_as_not_recognised(tmp_path: Path) -> None:
    made = nof1.assess(record=record(tmp_path, BRAND), today=DAY)
    assert [item["drugs"] for item in made.record["medications"]] == [[]]
    assert [item["kind"] for item in made.record["left_out"]] == ["drug_not_recognised"]


BROKEN = {
    "a pair of a drug without a name": (
        "interactions/mine.yaml",
        "drugs: [thirdtine]",
        "drugs: [nonetine]",
        "'nonetine' is no drug",
    ),
    "a limit by a fact nobody knows": (
        "limits/synthetine.yaml",
        "egfr < 30",
        "kidneys < 30",
        "'kidneys', which is no known fact",
    ),
    "a limit with a dose and no figures": ("limits/synthetine.yaml", "[avoid]", "[dose]", "action 'dose' and section dose"),
    "a name for two drugs": ("terms/drugs_mine.tsv", "synthol", "othertine", "names both"),
    "a pair without a source": ("interactions/mine.yaml", "#pairs", "", "names no place"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_slip_in_an_added_file_is_told(case: str, pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, old, new, told = BROKEN[case]
    text = (pack / name).read_text()
    assert old in text
    (pack / name).write_text(text.replace(old, new))
    assert main(["knowledge", "check", str(pack)]) == 3
    assert told in capsys.readouterr().err


HOW_TO = Path(__file__).parents[2] / "docs" / "how_to"
WRITTEN = re.compile(r"`my-pack/([\w/.]+)`[^\n]*\n(?:[^\n]+\n)*\n((?:    [^\n]*\n|\n(?=    ))+)")
SOURCES = """schema: 1
sources:
- {id: synthetic-demo-2026, title: A synthetic source, body: Nobody, year: 2026, url: "https://example.org", licence: none,
   because: the pages}
"""


def from_pages(folder: Path) -> list[str]:
    """The files that the pages on interactions and limits tell to write."""
    names = ["sources/demo.yaml"]
    (folder / "sources").mkdir(parents=True)
    (folder / names[0]).write_text(SOURCES)
    for page in ("add_interaction.md", "add_limit.md"):
        for name, block in WRITTEN.findall((HOW_TO / page).read_text()):
            assert name not in names
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("\n".join(line[4:] for line in block.rstrip().split("\n")) + "\n")
            names.append(name)
    return names


def test_the_pages_on_interactions_and_limits_tell_files_that_load(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = tmp_path / "pack"
    names = from_pages(pack)
    assert names[1:] == [
        "terms/drugs_mine.tsv",
        "terms/mine.yaml",
        "interactions/mine.yaml",
        "limits/demozole.yaml",
        "terms/states.yaml",
    ]
    assert main(["knowledge", "check", str(pack)]) == 0
    capsys.readouterr()
    limit = pack / "limits/demozole.yaml"
    limit.write_text(limit.read_text().replace("egfr < 30\n", "gfr < 30\n"))
    assert main(["knowledge", "check", str(pack)]) == 3
    told = [line.strip() for line in capsys.readouterr().err.splitlines()]
    page = [line.strip() for line in (HOW_TO / "add_limit.md").read_text().splitlines()]
    assert len(told) == 2
    assert [line for line in told if line not in page] == []
