"""``nof1 knowledge diff``: a changed file, and whose advice changes by it."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from test_add_files import FILES

from nof1.cli.main import main
from nof1.errors import RequestError
from nof1.jobs.differing import differences

EXAMPLES = Path(__file__).parents[2] / "examples"
RULE = "drugs/synthetine.yaml"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    for name in ("example-2-variants-only", "example-3-genome-and-record"):
        shutil.copytree(EXAMPLES / name, folder / name)
    (folder / "empty").mkdir()
    return folder


def pack(folder: Path, change: tuple[str, str] = ("", "")) -> Path:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(*change) if change[0] else text)
    return folder


@pytest.fixture
def slow(people: Path) -> Path:
    """The same people, one of whom has the genotype that the pack advises on."""
    genotype = "chr3\t50000100\tsyn1\tA\tG\t.\tPASS\t.\tGT:GQ:DP\t1/1:99:31\n"
    file = people / "example-2-variants-only" / "genome.vcf"
    lines = file.read_text().splitlines(keepends=True)
    body = [*(line for line in lines if not line.startswith("#")), genotype]
    order = sorted(
        body, key=lambda line: (int(line.split("\t")[0].removeprefix("chr").replace("X", "23")), int(line.split("\t")[1]))
    )
    file.write_text("".join([*(line for line in lines if line.startswith("#")), *order]))
    return people


def test_only_those_whose_advice_differs_are_named(tmp_path: Path, slow: Path) -> None:
    old = pack(tmp_path / "old")
    new = pack(tmp_path / "new", ("Halve the start.", "Give a quarter of it."))
    found = differences(old, new, slow, today=date(2026, 11, 25))
    assert found.people == 2
    assert {(item.person, item.drug) for item in found.changes} == {("example-2-variants-only", "synthetine")}
    (change,) = found.changes
    assert [text.partition(": ")[2] for text in change.removed] == ["Halve the start."]
    assert [text.partition(": ")[2] for text in change.added] == ["Give a quarter of it."]


def told(old: Path, new: Path, people: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["knowledge", "diff", str(old), str(new), "--people", str(people)]) == 0
    return capsys.readouterr().out.splitlines()


def test_other_words_under_the_same_id_are_shown_before_and_after(
    tmp_path: Path, slow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = pack(tmp_path / "old"), pack(tmp_path / "new", ("Halve the start.", "Give a quarter of it."))
    assert told(old, new, slow, capsys)[:3] == [
        "example-2-variants-only  synthetine: dose",
        "    - synthetine/nobody/slow: Halve the start.",
        "    + synthetine/nobody/slow: Give a quarter of it.",
    ]


def test_another_dose_in_the_same_words_is_shown(tmp_path: Path, slow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = pack(tmp_path / "old"), pack(tmp_path / "new", ("factor: 0.5", "factor: 0.25"))
    assert told(old, new, slow, capsys)[1:3] == [
        "    - synthetine/nobody/slow: Halve the start. [dose; lower: 50% of the starting dose]",
        "    + synthetine/nobody/slow: Halve the start. [dose; lower: 25% of the starting dose]",
    ]


def test_a_drug_that_is_new_or_gone_says_so(tmp_path: Path, slow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without, having = pack(tmp_path / "without"), pack(tmp_path / "having")
    for name in (RULE, "limits/synthetine.yaml"):
        (without / name).unlink()
    new = told(without, having, slow, capsys)
    assert new[:2] == [
        "example-2-variants-only  synthetine: new in the knowledge: dose",
        "    + synthetine/nobody/slow: Halve the start.",
    ]
    gone = told(having, without, slow, capsys)
    assert gone[:2] == [
        "example-2-variants-only  synthetine: no longer in the knowledge (it was: dose)",
        "    - synthetine/nobody/slow: Halve the start.",
    ]
    kidneys = "synthetine/limit/kidney: Do not give it to failing kidneys."
    assert new[2:4] == ["example-3-genome-and-record  synthetine: new in the knowledge: avoid", f"    + {kidneys}"]
    assert gone[2:4] == [
        "example-3-genome-and-record  synthetine: no longer in the knowledge (it was: avoid)",
        f"    - {kidneys}",
    ]
    assert [lines[4].partition(" (")[0] for lines in (new, gone)] == ["2 of 2 people change advice"] * 2


def test_a_drug_that_is_only_listed_changes_nobody(tmp_path: Path, people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = pack(tmp_path / "old"), pack(tmp_path / "new")
    (new / "drugs" / "othertine.yaml").write_text(
        "schema: 1\ndrug: othertine\nbody: Nobody\nguideline: synthetic-2026\ngenes: []\nrules: []\ngap: Nothing yet.\n"
    )
    lines = told(old, new, people, capsys)
    assert lines[0] == "othertine: new in the knowledge, which has no advice for 2 of 2 people"
    assert lines[1].startswith("0 of 2 people change advice") and len(lines) == 2


def test_the_same_knowledge_changes_nobody(tmp_path: Path, people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = pack(tmp_path / "one")
    assert main(["knowledge", "diff", str(folder), str(folder), "--people", str(people), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["changes"] == []
    assert told["before"] == told["after"]


def test_folders_that_are_none(tmp_path: Path) -> None:
    folder = pack(tmp_path / "one")
    with pytest.raises(RequestError, match="is no folder"):
        differences(folder, tmp_path / "nothing", tmp_path)
    (tmp_path / "nobody").mkdir()
    with pytest.raises(RequestError, match="holds no person"):
        differences(folder, folder, tmp_path / "nobody")
