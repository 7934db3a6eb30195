"""The documents are true where a machine can tell: examples run, links lead somewhere, nothing speaks of a machine."""

from __future__ import annotations

import ast
import dataclasses
import doctest
import importlib.util
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import click
import msgspec
import pytest

import nof1
from nof1.cli.main import nof1 as group
from nof1.jobs import dose_history
from nof1.knowledge import (
    care,
    criteria,
    curation,
    dose_equations,
    dosing,
    kinetics,
    outcomes,
    prevention,
    risk_equations,
    schema,
    secondary,
    shape,
    weighing,
)
from nof1.knowledge.compiled import knowledge
from nof1.model import evidence, findings, genome, record, risks
from nof1.response import described, document, search
from nof1.response.covariates import Concern
from nof1.response.regimens import Regimen

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])


def test_the_walk_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / "docs" / "walk.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 10
    assert result.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_meet_a_heading(page: Path) -> None:
    missing = []
    for target, heading in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text()):
        there = page.parent / target if target else page
        if "://" not in target and there.suffix == ".md" and heading not in headings(there):
            missing.append(f"{target}#{heading}")
    assert missing == []


def headings(page: Path) -> set[str]:
    """The headings of a page as they are linked to: lower case, words joined by hyphens, other signs dropped."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    found = (line.lower() for line in re.findall(r"^#+ (.+?)\s*$", text, flags=re.MULTILINE))
    return {re.sub(r"[^\w\- ]", "", line).replace(" ", "-") for line in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_machine(page: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:root|home|tmp|work|Users)/", page.read_text()) == []


def named(page: str) -> set[str]:
    """Everything a page prints as code, word by word."""
    text = (ROOT / "docs" / page).read_text()
    return {word for code in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"[\w-]+", code)}


def shapes(module: ModuleType) -> Iterator[type]:
    for item in vars(module).values():
        if isinstance(item, type) and item.__module__ == module.__name__:
            yield item


def test_every_field_of_an_assessment_is_documented() -> None:
    page = named("reference/assessment.md")
    fields = {
        f"{item.__name__}.{field.name}"
        for module in (findings, evidence)
        for item in shapes(module)
        if dataclasses.is_dataclass(item)
        for field in dataclasses.fields(item)
    }
    fields |= {
        f"{item.__name__}.{field.name}"
        for item in (genome.SourceFile, genome.SiteNote)
        for field in dataclasses.fields(item)
    }
    assert sorted(name for name in fields if name.split(".")[1] not in page) == []


def test_every_field_of_doses_is_documented() -> None:
    page = named("reference/dose.md")
    nouns = [item for module in (document, described, search) for item in shapes(module) if dataclasses.is_dataclass(item)]
    fields = {
        field.name
        for item in (*nouns, Regimen, Concern)
        if item is not described.Curve
        for field in dataclasses.fields(item)
    }
    fields |= {field for item in shapes(dose_history) if item is not dose_history.Strict for field in item.__struct_fields__}
    assert sorted(fields - page) == []


def test_every_field_of_risks_is_documented() -> None:
    page = named("reference/risk.md")
    fields = {field.name for item in shapes(risks) if dataclasses.is_dataclass(item) for field in dataclasses.fields(item)}
    assert sorted(fields - page) == []
    assert f"`{risks.SCHEMA_VERSION}`" in (ROOT / "docs/reference/risk.md").read_text()


def test_the_version_of_the_assessment_is_documented() -> None:
    page = (ROOT / "docs/reference/assessment.md").read_text()
    assert page.count(f"`{findings.SCHEMA_VERSION}`") >= 2


def test_every_key_of_the_record_section_is_documented() -> None:
    page = named("reference/assessment.md")
    made = nof1.assess(record=ROOT / "examples/example-3-genome-and-record/record.json", today=date(2026, 11, 25))
    lists = [made.record[name] for name in ("medications", "conditions", "allergies")]
    assert all(lists)
    keys = set(made.record) | {key for rows in lists for key in rows[0]} | {"is_old", "words", "kind", "value", "reason"}
    assert sorted(keys - page) == []


def test_every_code_is_documented() -> None:
    page = named("reference/model.md")
    for codes in (findings.Action, findings.CallStatus, findings.Kind, evidence.FactStatus, record.Course):
        assert sorted({code.value for code in codes} - page) == []


def test_every_noun_of_a_record_is_documented() -> None:
    assert sorted({item.__name__ for item in shapes(record)} - named("reference/model.md")) == []


@pytest.mark.parametrize(
    "module",
    [
        schema,
        weighing,
        care,
        criteria,
        curation,
        dose_equations,
        dosing,
        kinetics,
        outcomes,
        risk_equations,
        secondary,
        prevention,
        shape,
    ],
    ids=lambda module: module.__name__.split(".")[-1],
)
def test_every_key_of_a_knowledge_file_is_documented(module: ModuleType) -> None:
    page = named("reference/knowledge.md")
    ours = {
        schema.Knowledge,
        schema.Edition,
        schema.Gene,
        schema.Kinetics,
        care.Care,
        outcomes.Responses,
        criteria.Criteria,
        secondary.Secondary,
        prevention.Prevention,
    }  # as loaded, no files
    keys = {
        f"{item.__name__}.{field}"
        for item in shapes(module)
        if issubclass(item, msgspec.Struct) and item not in ours
        for field in item.__struct_fields__
    }
    assert len(keys) > 5
    assert sorted(key for key in keys if key.split(".")[1] not in page) == []


def test_every_folder_of_the_knowledge_is_documented() -> None:
    page = (ROOT / "docs/reference/knowledge.md").read_text()
    data = ROOT / "src/nof1/knowledge/data"
    assert [path.name for path in data.iterdir() if f"{path.name}/" not in page and f"    {path.name}" not in page] == []


def verbs() -> Iterator[tuple[str, click.Command]]:
    def walk(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield name, command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for part in command.list_commands(context):
                below = command.get_command(context, part)
                assert below is not None
                yield from walk(f"{name} {part}".strip(), below)

    return walk("", group)


@pytest.mark.parametrize(
    ("name", "command"), list(verbs()), ids=lambda item: item or "nof1" if isinstance(item, str) else ""
)
def test_every_verb_and_option_is_documented(name: str, command: click.Command) -> None:
    page = (ROOT / "docs/reference/cli.md").read_text()
    assert re.search(rf"`{name}[ `]", page) or name in {"", "knowledge", "knowledge add"}
    options = {option for item in command.params if isinstance(item, click.Option) for option in item.opts}
    assert sorted(option for option in options if not re.search(rf"(?<=[` ]){option}[ `]", page)) == []


@pytest.mark.parametrize(
    "room",
    [
        "model",
        "units",
        "knowledge",
        "record",
        "decision",
        "assessment",
        "cohort",
        "jobs",
        "pgx",
        "variants",
        "risk",
        "fhir",
        "store",
        "rest",
        "server",
        "imaging",
    ],
)
def test_the_architecture_names_every_module(room: str) -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    rows = re.search(rf"^\| `{room}` \|.*\n(?:^\| \|.*\n)*", page, re.MULTILINE)
    assert rows is not None
    modules = {path.stem for path in (ROOT / "src/nof1" / room).glob("*.py")} - {"__init__"}
    listed = set(re.findall(r"`(\w+)`", "".join(row.split("|")[2] for row in rows[0].splitlines())))
    assert listed == modules


def test_every_decision_of_the_house_is_reachable() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_page_is_reachable_from_the_index() -> None:
    text = (ROOT / "docs/index.md").read_text()
    linked = {(ROOT / "docs" / target).resolve() for target in re.findall(r"\]\(([^)#\s]+)", text)}
    pages = {
        page.resolve() for page in ROOT.glob("docs/**/*.md") if page.parent.name != "decisions" and page.name != "index.md"
    }
    assert sorted(str(page.relative_to(ROOT)) for page in pages - linked) == []


def test_the_page_on_decisions_states_the_measured_agreement() -> None:
    """The counts of docs/methods/decision.md are those of the comparison with published ratios."""
    place = importlib.util.spec_from_file_location("exposure_reference", ROOT / "tests/reference/test_exposure.py")
    assert place is not None and place.loader is not None
    compared = importlib.util.module_from_spec(place)
    place.loader.exec_module(compared)
    file = compared.exposure()
    page = (ROOT / "docs/methods/decision.md").read_text()
    for title, source in (
        ("all published ratios in the file", ""),
        ("of these the nine of one published model (`storelli-2019`)", "storelli-2019"),
    ):
        rows = [(row, *compared.predicted(file, row)) for row in file.published if row.source.startswith(source)]
        near = sum(0.5 <= mid / row.observed <= 2 for row, mid, _, _ in rows)
        held = sum(low <= row.observed <= high for row, _, low, high in rows)
        assert f"| {title} | {len(rows)} | {near} | {held} |" in page


def test_what_a_docstring_cites_is_a_source() -> None:
    known = knowledge().sources
    cited = [
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        for name in re.findall(r"\[([\w.-]+)#[^\]\s]+\]", ast.get_docstring(node) or "")
    ]
    assert cited
    assert [(path, name) for path, name in cited if name not in known] == []


def test_the_licences_that_ask_for_a_notice_have_one() -> None:
    notice = (ROOT / "NOTICE").read_text()
    for words in ("LOINC", "Regenstrief", "http://loinc.org/license", "SNOMED", "CC BY 4.0"):
        assert words in notice, words


def test_the_changelog_counts_the_knowledge() -> None:
    known = knowledge()
    page = (ROOT / "CHANGELOG.md").read_text()
    drugs = {*known.drugs, *known.guidelines}
    dpwg = [file for files in known.guidelines.values() for file in files if file.body == "DPWG"]
    assert f"{len(known.genes)} genes; guidelines on {len(drugs)} drugs" in page
    assert f"recommendations of the DPWG, {len(dpwg)} guidelines" in page
