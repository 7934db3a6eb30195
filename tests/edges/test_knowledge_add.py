"""``nof1 knowledge add fda-associations``: what differs is shown and never interpreted; bad files leave nothing behind."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from html import escape
from pathlib import Path

import pytest
import yaml

from nof1.cli.knowledge import command
from nof1.cli.knowledge_add import add
from nof1.cli.main import main
from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.fda_table import pair_key, read_table
from nof1.knowledge.load import load

command.add_command(add)

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
REFERENCE = DATA / "terms/pgx_fda/fda_pgx_associations_2021-03-22.json"
needs_data = pytest.mark.skipif(not REFERENCE.is_file(), reason=f"no FDA table at {REFERENCE}: set NOF1_REFERENCE_DATA")
HEADER = ["Drug", "Gene", "Affected Subgroups+", "Description of Gene-Drug Interaction"]
NEW = ["Newdrug", "CYP2C19", "poor metabolizers", "Contraindicated. Halve the dose."]  # made up
REWORDED = ["Abacavir", "HLA-B", "*57:01 allele positive", "Other words, with a comma."]
UNKNOWN = ["Otherdrug", "GENE1 and/or GENE2", "carriers", "Avoid use."]
ROWS = [NEW, REWORDED, UNKNOWN]


def as_json(rows=ROWS, when="2025-02-01T10:00:00Z", section="recommendation") -> bytes:
    table = [dict(zip(HEADER, row, strict=True)) | {"table": section} for row in rows]
    return json.dumps({"collectedOn": when, "table": table}).encode()


def as_text(delimiter: str, rows=ROWS) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEADER, *rows])
    return out.getvalue().encode()


def as_page(rows=ROWS, heading="Section 1: Some words", date="Content current as of: <time>02/01/2025</time>") -> bytes:
    cells = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    head = "".join(f"<th scope=col>{escape(name)}<sup>*</sup></th>" for name in HEADER)
    updates = "<h2>Updates</h2><table><tr><th>Date</th><th>What</th></tr><tr><td>1</td><td>2</td></tr></table>"
    page = f"<li>On this page: Section 3: words</li><h2>{heading}</h2><table><thead><tr>{head}</tr></thead>{cells}</table>"
    return f"<!DOCTYPE html><html><body><script>Section 2</script>{page}{updates}<p>{date}</p></body></html>".encode()


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("NOF1_KNOWLEDGE", raising=False)
    return tmp_path


def put(folder: Path, data: bytes, name: str = "table") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def run(capsys, *arguments: object) -> tuple[int, str, str]:
    code = main(["knowledge", "add", "fda-associations", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


def part(capsys, *arguments: object) -> tuple[int, str, str]:
    """Bring a file that is known to be a part of the table."""
    return run(capsys, *arguments, "--partial")


def notes(pack: Path) -> dict[str, dict]:
    return {path.name: yaml.safe_load(path.read_text()) for path in (pack / "guidelines").rglob("*.yaml")}


def test_what_differs_is_shown_and_not_interpreted(at, capsys):
    file = put(at, as_json())
    code, out, err = part(capsys, file)
    pack = at / "data/nof1/packs/fda-associations-2025-02-01"
    assert (code, err) == (0, "") and out.splitlines()[-2].endswith(str(pack))
    assert "added: 2\n  Newdrug, CYP2C19 (section 1)\n  Otherdrug, GENE1 and/or GENE2 (section 1)" in out
    assert "changed: 1\n  Abacavir, HLA-B (section 1)" in out
    found = notes(pack)
    assert all(item["rules"] == [] and item["genes"] == [] for item in found.values())
    assert found["newdrug.CYP2C19.yaml"]["gap"] == (
        "FDA table of 2025-02-01, section 1, a row not coded here: CYP2C19, poor metabolizers: Contraindicated. Halve the dose."
    )
    assert "worded otherwise than coded from 2021-03-22" in found["abacavir.HLA-B.yaml"]["gap"]
    assert "otherdrug.GENE1_and_or_GENE2.yaml" in found


def test_the_pack_loads_beside_the_coded_rows(at, capsys):
    part(capsys, put(at, as_json()), "--into", at / "pack")
    before, after = load((SHIPPED,)), load((SHIPPED, at / "pack"))
    kept = [file for file in after.guidelines["abacavir"] if file.rules]
    assert kept == [file for file in before.guidelines["abacavir"] if file.rules] != []
    assert [file.rules for file in after.guidelines["newdrug"]] == [[]]
    source = after.sources["fda-associations-file-2025-02-01"]
    assert source.version == f"2025-02-01, SHA-256 {hashlib.sha256(as_json()).hexdigest()}"
    assert before.edition.digest != after.edition.digest


@pytest.mark.parametrize("data", [as_text(","), as_text("\t"), b"\xef\xbb\xbf" + as_text(","), as_page()])
def test_every_format_gives_the_same_rows(data):
    expected = read_table(as_json(), "table").rows
    rows = read_table(data, "table").rows
    assert [(row.drug, row.gene, row.subgroups, row.text) for row in rows] == [
        (row.drug, row.gene, row.subgroups, row.text) for row in expected
    ]
    assert [row.fingerprint for row in rows] == [row.fingerprint for row in expected]


def test_a_saved_page_gives_section_date_and_spanned_cells():
    table = read_table(as_page(heading="Section 2: Some words"), "page")
    assert {row.section for row in table.rows} == {"2"} and table.date == "2025-02-01"
    spanned = as_page([["Newdrug", "A1", "poor", "One."]]).replace(
        b"<td>Newdrug</td>", b'<td rowspan="2">New<sup>1</sup>drug*</td>'
    )
    spanned = spanned.replace(
        b"<td>One.</td></tr>", b"<td><p>One.</p><p>More.</p></td></tr><tr><td>B2<td>carriers<td>Two</tr>"
    )
    rows = read_table(spanned, "page").rows
    assert [(row.drug, row.gene, row.text) for row in rows] == [("Newdrug", "A1", "One. More."), ("Newdrug", "B2", "Two")]


def test_case_spaces_and_full_stops_are_no_change():
    one = read_table(as_json([["Newdrug", "A1", "Poor metabolizers", "Some words. More words."]]), "a").rows[0]
    two = read_table(as_json([["NEWDRUG", "A1", "poor  metabolizers", "some\u00a0words. More words"]]), "b").rows[0]
    other = read_table(as_json([["Newdrug", "A1", "poor metabolizers", "Some words. No more words."]]), "c").rows[0]
    assert one.fingerprint == two.fingerprint != other.fingerprint
    assert one.key == two.key == pair_key("newdrug", "a1")


@needs_data
def test_the_coded_edition_itself_differs_in_nothing(at, capsys):
    code, out, _ = run(capsys, REFERENCE, "--into", at / "pack")
    assert code == 0
    assert out.splitlines()[1:5] == [
        "against the edition of 2021-03-22 coded here: 111 the same",
        "added: 0",
        "changed: 0",
        "no longer there: 0",
    ]
    assert [path.name for path in (at / "pack").rglob("*.yaml")] == ["fda-associations-2021-03-22.yaml"]


@needs_data
def test_a_newer_edition_against_the_coded_one(at, capsys):
    content = json.loads(REFERENCE.read_bytes())
    rows = content["table"]
    rows.remove(next(row for row in rows if row["Drug"] == "Thioridazine"))
    moved = next(row for row in rows if row["Drug"] == "Tamsulosin")
    moved["table"] = "recommendation"  # the same words in another section
    rows.remove(next(row for row in rows if row["Drug"] == "Codeine" and row["table"] == "impact"))  # one of two rows
    turned = next(row for row in rows if row["Drug"] == "Azathioprine")
    turned["Gene"] = "NUDT15 and/or TPMT"
    code, out, _ = run(capsys, put(at, json.dumps(content | {"collectedOn": "2024-10-26"}).encode()), "--into", at / "pack")
    assert code == 0 and "108 the same\nadded: 0\nchanged: 1\n  Tamsulosin, CYP2D6 (section 1)" in out
    assert "no longer there: 2\n  thioridazine, CYP2D6 (section 1)\n  codeine, CYP2D6 (section 2)" in out
    gap = notes(at / "pack")["thioridazine.CYP2D6.yaml"]["gap"]
    assert "no such row" in gap and "may be outdated" in gap


@needs_data
def test_a_file_without_a_section_says_nothing_of_its_rows(at, capsys):
    content = json.loads(REFERENCE.read_bytes())
    content["table"] = [row for row in content["table"] if row["table"] != "pk"]
    _, out, _ = run(capsys, put(at, json.dumps(content).encode()), "--into", at / "pack")
    assert "74 the same" in out and "no longer there: 0" in out


@needs_data
def test_a_part_of_the_table_is_refused_unless_it_is_said_to_be_one(at, capsys):
    content = json.loads(REFERENCE.read_bytes())
    content["table"] = content["table"][:40]
    file = put(at, json.dumps(content).encode())
    code, out, err = run(capsys, file, "--into", at / "pack")
    assert (code, out) == (2, "") and not (at / "pack").exists()
    assert err.count("\n") == 1 and "of the 111 rows coded here" in err and "--partial" in err
    code, out, _ = part(capsys, file, "--into", at / "pack")
    assert code == 0 and "40 the same\nadded: 0\nchanged: 0\nno longer there: 0" in out


def test_another_table_is_refused(at, capsys):
    code, _, err = run(capsys, put(at, as_json()), "--into", at / "pack")
    assert code == 2 and "table has 1 of the 111 rows coded here" in err and not (at / "pack").exists()


NO_TABLE = b"Drug,Gene\nA,B\n"
BAD = {
    "empty": (b"", "row 1: not the table's header"),
    "other columns": (NO_TABLE, "row 1: not the table's header; expected Drug, Gene, Affected Subgroups"),
    "header only": (as_text(",", []), "no row of the table"),
    "no utf-8": ("Drug,Gêne".encode("latin-1"), "byte 6: not UTF-8"),
    "binary": (b"PK\x03\x04" + bytes(range(256)), "not UTF-8"),
    "json broken off": (as_json()[:-20], "no JSON"),
    "json of another thing": (b'{"resourceType": "Bundle"}', "no list of rows under 'table'"),
    "json row of numbers": (b'{"table": [{"Drug": 7}]}', "row 1: no text under 'drug'"),
    "json deep": (b"[" * 100_000, "no JSON"),
    "page without table": (b"<html><body><p>Just a moment...</p></body></html>", "no row of the table"),
    "page broken": (b"<html><![bad[x]]>", "no "),
    "ragged": (as_text(",") + b"Drug9,CYP9\n", "row 5: 2 cells; expected 4"),
    "no drug": (as_json([["", *NEW[1:]]]), "row 1: no drug"),
    "no words": (as_json([[*NEW[:3], "  "]]), "row 1: no description"),
    "path as drug": (as_json([["..\\..\\x", *NEW[1:]]]), "row 1: drug '..\\\\..\\\\x' is no name of a drug"),
    "long": (as_json([[*NEW[:3], "x" * 5000]]), "row 1: a description of 5000 letters"),
    "two wrong": (as_json([["", *NEW[1:]], ["", *NEW[1:]]]), "row 1: no drug; mend the row (and 1 more)"),
    "no date": (as_json(when=""), "names no date; say of which day it is with --date"),
    "older": (as_json(when="2020-01-01"), "older than the edition coded here (2021-03-22)"),
    "unclosed quote": (as_text(",") + b'"Drug9,', "no table"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_one_line_and_leave_nothing(name, at, capsys):
    data, message = BAD[name]
    code, out, err = run(capsys, put(at, data), "--into", at / "pack")
    assert code == 2 and out == "" and message in err, err
    assert err.count("\n") == 1 and err.startswith("nof1: table")
    assert sorted(path.name for path in at.iterdir()) == ["table"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--date", "1 May 2025"], "--date is '1 May 2025'; write YYYY-MM-DD"),
        (["--date", "2025-02-30"], "--date is '2025-02-30'; write YYYY-MM-DD"),
    ],
)
def test_bad_dates(arguments, message, at, capsys):
    code, _, err = run(capsys, put(at, as_text(",")), *arguments)
    assert code == 2 and message in err and err.count("\n") == 1


@pytest.mark.parametrize("name", ["absent", "."])
def test_no_file(name, at, capsys):
    code, _, err = run(capsys, at / name)
    assert code == 2 and "cannot be read" in err and err.count("\n") == 1


def test_the_option_dates_a_file_without_a_date(at, capsys):
    code, out, _ = part(capsys, put(at, as_text("\t")), "--date", "2025-03-04")
    assert code == 0 and (at / "data/nof1/packs/fda-associations-2025-03-04/sources").is_dir()
    assert "Newdrug, CYP2C19\n" in out  # no section is made up
    assert "section not stated" in notes(at / "data/nof1/packs/fda-associations-2025-03-04")["newdrug.CYP2C19.yaml"]["gap"]


def test_again_is_no_change_and_another_content_is_not_overwritten(at, capsys):
    file, pack = put(at, as_json()), at / "pack"
    part(capsys, file, "--into", pack)
    before = {path: path.read_bytes() for path in pack.rglob("*.yaml")}
    code, out, _ = part(capsys, file, "--into", pack)
    assert code == 0 and "already there, unchanged" in out
    code, _, err = part(capsys, put(at, as_json([NEW])), "--into", pack)
    assert code == 2 and "holds something else" in err
    assert {path: path.read_bytes() for path in pack.rglob("*.yaml")} == before


def test_a_write_that_fails_leaves_nothing(at, capsys, monkeypatch):
    file = put(at, as_json())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nof1.jobs.fda_table.os.replace", full)
    code, _, err = part(capsys, file, "--into", at / "deep/pack")
    assert code == 2 and "No space left on device" in err and err.count("\n") == 1
    assert list((at / "deep").iterdir()) == []


def test_a_file_in_the_way(at, capsys):
    code, _, err = part(capsys, put(at, as_json()), "--into", put(at, b"", "pack"))
    assert code == 2 and "is a file" in err


def test_signs_a_terminal_obeys_are_not_kept(at, capsys):
    part(capsys, put(at, as_json([[*NEW[:3], "Words \x1b[31m\u202eand more"]])), "--into", at / "pack")
    assert notes(at / "pack")["newdrug.CYP2C19.yaml"]["gap"].endswith("Words [31mand more")
