"""Text of a record on the pages of an assessment and of risks: whatever it is, it stays text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from nof1.cli.main import main

RECORD = Path(__file__).parents[2] / "examples" / "example-5-prevention" / "record.json"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;\u202eabc\x1b[31m]]></desc><svg onload=alert(1)>"
_FREE = ("text", "display", "name", "description", "onsetString", "given", "family", "div")


class Page(HTMLParser):
    """Elements and attributes that a page of ours never has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "iframe", "object", "embed", "link", "form"):
            self.found.append(tag)
        self.found += [name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "").lower()]


def with_evil(told: Any, key: str = "") -> Any:
    """Free text of a resource with what means something in HTML added."""
    if isinstance(told, dict):
        return {name: with_evil(value, name) for name, value in told.items()}
    if isinstance(told, list):
        return [with_evil(value, key) for value in told]
    return told + EVIL if isinstance(told, str) and key in _FREE else told


def resources() -> Iterator[dict[str, Any]]:
    for entry in json.loads(RECORD.read_text())["entry"]:
        one = with_evil(entry["resource"])
        if one["resourceType"] == "FamilyMemberHistory":
            one["name"], one["note"] = EVIL, [{"text": EVIL}]
            one["condition"] = [*one.get("condition", []), {"code": {"text": EVIL}, "onsetString": EVIL}]
        yield one
    patient = {"reference": "Patient/example-5"}
    yield {"resourceType": "FamilyMemberHistory", "id": "odd", "status": "completed", "patient": patient,
           "relationship": {"text": EVIL}, "name": EVIL}  # fmt: skip


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources()]}))
    return path


def clean(path: Path) -> str:
    text = path.read_text()
    assert Page(text).found == []
    assert not {sign for sign in text if sign in "\u202e\x1b"}
    return text


def test_free_text_of_a_record_is_text_on_the_page(record: Path, tmp_path: Path) -> None:
    assert main(["assess", "--record", str(record), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in clean(tmp_path / "out" / "report.html")


def test_free_text_of_a_record_is_text_on_the_page_of_risks(record: Path, tmp_path: Path) -> None:
    page = tmp_path / "risks.html"
    assert main(["risk", "findrisc", "--record", str(record), "--html", str(page), "--quiet"]) == 0
    clean(page)


def test_names_of_genes_and_curators_and_samples_are_text(record: Path, tmp_path: Path) -> None:
    """A table of assertions, a genome file, its sample and a curation file bring names too."""
    example = RECORD.parent
    table = (example / "assertions.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in table]
    gene = rows[0].index("gene")
    for row in rows[1:]:
        row[gene] += "|" + EVIL.replace("\x1b", "")
    rows = [[*row, "conditions" if not number else EVIL.replace("\x1b", "")] for number, row in enumerate(rows)]
    lines = "\n".join("\t".join(row) for row in rows) + "\n"
    (tmp_path / "t<b>'.tsv").write_text(lines)
    into = tmp_path / "tables"
    added = ["knowledge", "add", "clinvar", str(tmp_path / "t<b>'.tsv"), "--edition", "1", "--build", "GRCh38"]
    assert main([*added, "--into", str(into)]) == 0
    genome = tmp_path / "g<img src=x onerror=alert(1)>.vcf"
    text = (example / "genome.vcf").read_text()
    (header,) = [line for line in text.splitlines() if line.startswith("#CHROM")]
    sample = header.split("\t")[9]
    genome.write_text(text.replace(header, header.replace(sample, "<script>alert(1)</script>")))
    (tmp_path / "c.yaml").write_text(
        "schema: 1\nbuild: GRCh38\nvariants:\n- allele: {chromosome: chr2, position: 47408445, ref: G, alt: T}\n"
        "  gene: MSH2\n  signed: {classification: pathogenic, by: '<script>alert(1)</script>', decided: '2026-11-01', "
        "why: '<svg onload=alert(1)>'}\n"
    )
    (compiled,) = into.iterdir()
    asked = ["--tables", str(compiled), "--curation", str(tmp_path / "c.yaml"), "--secondary-findings", EVIL[:60], "--quiet"]
    words = ["assess", str(genome), "--record", str(record), "--out", str(tmp_path / "out"), "--fhir", *asked]
    assert main(words) == 0
    clean(tmp_path / "out" / "report.html")
