"""A wrong knowledge file is refused at load with file, row, value and remedy, all problems at once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nof1.cli.main import main
from nof1.errors import KnowledgeError
from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.load import load

GENE = "genes/NUDT15"


def change(path: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        text = read(folder, path)
        assert old in text, f"{old!r} is not in {path}"
        write(folder, path, text.replace(old, new, 1).encode())

    return apply


def append(path: str, line: str) -> Callable[[Path], None]:
    return lambda folder: write(folder, path, (read(folder, path) + line).encode())


def read(folder: Path, path: str) -> str:
    """A file as it stands in ``folder``, else as it is shipped."""
    return (folder / path if (folder / path).exists() else SHIPPED / path).read_text()


def write(folder: Path, path: str, content: bytes) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)


BROKEN = {
    "unknown key": (change(f"{GENE}/gene.yaml", "schema: 1\n", "schema: 1\ncolour: red\n"), ["NUDT15/gene.yaml", "colour"]),
    "other schema": (change(f"{GENE}/gene.yaml", "schema: 1", "schema: 7"), ["gene.yaml", "schema is 7", "schema: 1"]),
    "key twice": (change(f"{GENE}/gene.yaml", "schema: 1\n", "schema: 1\nschema: 1\n"), ["schema", "twice"]),
    "unknown source": (change(f"{GENE}/positions.tsv", "clinpgx-alleles-2025-11#", "nobody#"), ["positions.tsv row", "'nobody#NUDT15'"]),
    "source without place": (
        change(f"{GENE}/positions.tsv", "clinpgx-alleles-2025-11#NUDT15", "clinpgx-alleles-2025-11"),
        ["names no place"],
    ),
    "bad base": (change(f"{GENE}/positions.tsv", "\tT\tC\t", "\tT\tX\t"), ["positions.tsv row", "'X'", "write A, C, G, T"]),
    "allele unknown at its position": (change(f"{GENE}/alleles.tsv", "rs116855232:T", "rs116855232:G"), ["alleles.tsv row", "'rs116855232:G'", "none of"]),
    "position unknown": (change(f"{GENE}/alleles.tsv", "rs116855232:T", "rs1:T"), ["'rs1:T'", "no row of positions.tsv"]),
    "two references": (append(f"{GENE}/alleles.tsv", "*99\t\treference\tyes\t\t\tclinpgx-alleles-2025-11#x\t\tprovisional\t2026-11-23\n"), ["2 rows are marked reference"]),
    "allele twice": (append(f"{GENE}/alleles.tsv", "*2\t\toutside\tyes\t\t\tclinpgx-alleles-2025-11#x\t\tprovisional\t2026-11-23\n"), ["'*2'", "2 times"]),
    "cells missing": (append(f"{GENE}/alleles.tsv", "*99\tx\n"), ["alleles.tsv row", "2 cells"]),
    "status unknown": (change(f"{GENE}/positions.tsv", "machine-read", "sure"), ["positions.tsv row", "sure"]),
    "date": (change(f"{GENE}/positions.tsv", "2026-11-23", "23.11.2026"), ["'23.11.2026'", "YYYY-MM-DD"]),
    "function nobody has": (change(f"{GENE}/gene.yaml", "functions: [No function, No function]", "functions: [No function, Nix]"), ["'Nix'"]),
    "formula reaches out": (change("genes/DPYD/gene.yaml", "score: value_1 + value_2", "score: __import__('os').name"), ["formula", "__import__"]),
    "formula names something else": (change("genes/DPYD/gene.yaml", "score: value_1 + value_2", "score: value_1 + weight"), ["formula", "weight"]),
    "drug names no phenotype": (change("drugs/tacrolimus.yaml", "CYP3A5: [Poor Metabolizer]", "CYP3A5: [Slow Metabolizer]"), ["tacrolimus", "'Slow Metabolizer'", "one of"]),
    "drug gene unknown": (change("drugs/tacrolimus.yaml", "genes: [CYP3A5]", "genes: [CYP3A9]"), ["'CYP3A9'", "not in genes/"]),
    "two rules hold": (change("drugs/tacrolimus.yaml", "CYP3A5: [Poor Metabolizer]", "CYP3A5: [Normal Metabolizer]"), ["both hold for Normal Metabolizer"]),
    "dose without section": (change("drugs/tacrolimus.yaml", "actions: [monitor, use]", "actions: [dose, monitor]"), ["action 'dose'"]),
    "GRCh37 in part": (change(f"{GENE}/positions.tsv", "\tpypgx-variants-0.27#table", "\t"), ["positions.tsv row", "a part of position_37"]),
    "GRCh37 source": (change(f"{GENE}/positions.tsv", "pypgx-variants-0.27#table", "nobody#table"), ["positions.tsv row", "'nobody#table'"]),
    "GRCh37 base undocumented": (change("genes/CYP3A5/positions.tsv", "\tC\tpypgx", "\tG\tpypgx"), ["positions.tsv row", "ref_37 G", "neither ref nor in alts"]),
    "GRCh37 base of an insertion": (change(f"{GENE}/positions.tsv", "\tAGGAGTC\tpypgx", "\tAGGAGTG\tpypgx"), ["only a single base may differ"]),
    "GRCh37 position twice": (change("genes/CACNA1S/positions.tsv", "201061121", "201029943"), ["position_37", "2 times"]),
    "not UTF-8": (lambda folder: write(folder, f"{GENE}/gene.yaml", b"\xff\xfe"), ["not UTF-8"]),
    "too large": (append(f"{GENE}/gene.yaml", "# " + "x" * 300_000), ["300", "split it"]),
    "a decrease that increases": (change("drugs/tacrolimus.yaml", "factor: [1.5, 2.0]", "factor: [0.5, 0.7]"), ["tacrolimus", "[0.5, 0.7] is no increase", "direction decrease"]),
    "a limit that increases": (change("limits/celecoxib.yaml", "factor: 0.5", "factor: 1.5"), ["limits/celecoxib.yaml", "1.5 is no decrease", "what remains"]),
    "a dose of nothing": (change("drugs/tacrolimus.yaml", "factor: [1.5, 2.0]", "factor: 0"), ["leaves no dose", "the action avoid"]),
    "a dose that is no number": (change("drugs/tacrolimus.yaml", "factor: [1.5, 2.0]", "factor: .nan"), ["leaves no dose"]),
    "a factor without a direction": (change("drugs/tacrolimus.yaml", "direction: increase", "direction: ''"), ["without a direction"]),
    "one code for two drugs": (change("terms/drugs.tsv", "sertraline\t36437\t", "sertraline\t11289\t"), ["RxNorm 11289", "'sertraline'", "'warfarin'"]),
    "an id with a blank": (change("limits/metformin.yaml", "id: egfr-below-30", "id: eGFR below 30"), ["limits/metformin.yaml", "'eGFR below 30'", "lower-case letters"]),
    "an id with capitals": (change("drugs/tacrolimus.yaml", "- id: ", "- id: X_"), ["tacrolimus", "id 'X_", "lower-case letters"]),
    "a state that no condition can name": (change("terms/conditions.yaml", "- id: hyperkalaemia", "- id: hyper-kalaemia"), ["'hyper-kalaemia'", "a letter first"]),
    "a word that is not permitted": (change("limits/metformin.yaml", "basis: renal", "basis: kidney"), ["limits/metformin.yaml", "'kidney'", "write one of age, condition, hepatic, lactation, lifestyle, pregnancy, renal, test"]),
    "an action that is not permitted": (change("limits/metformin.yaml", "actions: [contraindicated]", "actions: [forbid]"), ["'forbid'", "alternative, avoid, caution, contraindicated, dose, monitor, no_recommendation, test_first, use"]),
    "a date without quotes": (change("limits/metformin.yaml", "checked: '2026-11-25'", "checked: 2026-11-25"), ["limits/metformin.yaml", "date in quotes"]),
    "a formula with a slip": (change("limits/metformin.yaml", "when: egfr < 30", "when: egfr << 30"), ["limits/metformin.yaml egfr-below-30", "'egfr << 30'", "not part of the formula language", "write numbers, names, + - * / **, comparisons"]),
    "a formula that does not end": (change("limits/metformin.yaml", "when: egfr < 30", "when: egfr <"), ["limits/metformin.yaml egfr-below-30", "cannot be parsed", "write numbers"]),
    "a fact with a slip": (change("limits/metformin.yaml", "when: egfr < 30", "when: egrf < 30"), ["limits/metformin.yaml egfr-below-30", "names 'egrf'", "did you mean 'egfr'?", "list facts"]),
    "a pair of a drug with a slip": (change("interactions/onc.yaml", "[dexmethylphenidate,", "[dexmethylphenidat,"), ["interactions/onc.yaml onc-3-stimulant-maoi", "'dexmethylphenidat' is no drug"]),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that are laid over those that are shipped: what is broken is all that has to be written."""
    return tmp_path


def test_a_missing_file_is_refused_with_words(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(SHIPPED, folder)
    (folder / GENE / "alleles.tsv").unlink()
    with pytest.raises(KnowledgeError) as caught:
        load((folder,))
    for word in ("alleles.tsv", "every gene needs"):
        assert any(word in problem for problem in caught.value.problems), caught.value.problems


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_refused_with_words(name: str, folder: Path) -> None:
    breaks, words = BROKEN[name]
    breaks(folder)
    with pytest.raises(KnowledgeError) as caught:
        load((SHIPPED, folder))
    for word in words:
        assert any(word in problem for problem in caught.value.problems), caught.value.problems


UNREAD = {
    "limit/metformin.yaml": "did you mean limits/?",
    "Limits/metformin.yaml": "did you mean limits/?",
    "limits/metformin.yml": "did you mean limits/metformin.yaml?",
    "limits/metformin.YAML": "did you mean limits/metformin.yaml?",
    "modulator.tsv": "did you mean modulators.tsv?",
    "limits/metformin.tsv": "limits/ holds .yaml files",
    "terms/substances.tsv": "tables named drugs*.tsv",
    "genes/CYP2D6/allele.tsv": "did you mean alleles.tsv?",
    "genes/CYP2D66/alleles.tsv": "did you mean genes/CYP2D6?",
    "my-pack/limits/metformin.yaml": "name the folder my-pack itself",
    "gene_models/transcript.tsv": "gene_models/ holds transcripts*.tsv, chromosomes.tsv and rules.yaml",
    "elsewhere/one.yaml": "known are criteria/, dose_equations/, dosing/, drugs/, family_rules/, gene_models/, genes/, guidelines/",
}


@pytest.mark.parametrize("name", UNREAD)
def test_a_file_that_nothing_reads_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("schema: 1\n")
    (tmp_path / "terms").mkdir(exist_ok=True)
    (tmp_path / "terms" / "mine.yaml").write_text("schema: 1\n")
    assert main(["knowledge", "check", str(tmp_path)]) == 3
    told = capsys.readouterr().err
    assert f"  {name}: is read by nothing; " in told and UNREAD[name] in told, told


def test_what_is_no_knowledge_may_lie_in_a_pack(tmp_path: Path) -> None:
    for name in ("README.md", "LICENSE", ".git/config.yaml", ".pre-commit-config.yaml", "paper.pdf", "terms/mine.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("schema: 1\n")
    assert main(["knowledge", "check", str(tmp_path)]) == 0


def test_a_pack_without_a_knowledge_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").write_text("nothing yet")
    assert main(["knowledge", "check", str(tmp_path)]) == 2
    assert "holds no knowledge file" in capsys.readouterr().err
    monkeypatch.setenv("NOF1_KNOWLEDGE", str(tmp_path))
    assert main(["knowledge", "check"]) == 3
    assert "holds no knowledge file" in capsys.readouterr().err


def test_an_interaction_in_two_files_names_both(folder: Path) -> None:
    write(folder, "interactions/copy.yaml", (SHIPPED / "interactions/onc.yaml").read_bytes())
    with pytest.raises(KnowledgeError) as caught:
        load((SHIPPED, folder))
    told = "interactions/onc.yaml: interaction 'onc-3-stimulant-maoi' is written in interactions/copy.yaml too; remove one"
    assert told in caught.value.problems


def test_all_problems_at_once(folder: Path) -> None:
    for name in ("unknown source", "two rules hold", "bad base"):
        BROKEN[name][0](folder)
    with pytest.raises(KnowledgeError) as caught:
        load((SHIPPED, folder))
    assert len(caught.value.problems) >= 3


def test_shipped_files_load_and_check_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knowledge", "check"]) == 0
    told = capsys.readouterr().out
    assert "no problems" in told
    counted = dict(reversed(word.split(" ", 1)) for word in re.findall(r"\d+ [a-z]+", told))
    for what, where, start in (
        ("guidelines", ("drugs/*.yaml", "guidelines/*/*.yaml"), "schema:"),
        ("limits", ("limits/*.yaml",), "- id:"),
        ("interactions", ("interactions/*.yaml",), "- id:"),
        ("conditions", ("terms/conditions*.yaml",), "- id:"),
        ("measurements", ("terms/measurements*.yaml",), "- id:"),
    ):
        files = [path for pattern in where for path in SHIPPED.glob(pattern)]
        lines = [line for path in files for line in path.read_text().splitlines() if line.startswith(start)]
        assert int(counted[what]) == len(lines), what


def test_broken_pack_exits_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "drugs").mkdir()
    (tmp_path / "drugs" / "nothing.yaml").write_text("schema: 1\ndrug: nothing\n")
    assert main(["knowledge", "check", str(tmp_path)]) == 3
    assert "nothing.yaml" in capsys.readouterr().err


def test_edition_changes_with_any_byte(folder: Path) -> None:
    before = load((SHIPPED, folder)).edition.digest
    append("drugs/tacrolimus.yaml", "# a remark\n")(folder)
    assert load((SHIPPED, folder)).edition.digest != before
