"""Files of calls that cannot be used: one clear line each, exit 2."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from nof1.errors import OutsideCallError
from nof1.genomics.outside import content as contents
from nof1.genomics.outside_calls import parse_outside_calls, read_outside_calls
from nof1.jobs.one_person import outside_by_gene
from nof1.knowledge.compiled import knowledge

CYRIUS = b"Sample\tGenotype\tFilter\n"
RESULTS = "\tGenotype\tPhenotype\tHaplotype1\tHaplotype2\nA\t*1/*2\tNormal Metabolizer\t*1;\t*2;\n"
META = "Gene=CYP2D6\nSemanticType=SampleTable[Results]\n"


def packed(files: dict[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a": {"Genotype": "*1/*4", "Fil', "line 1: not complete JSON .*copy it again"),
        (b"[" * 100_000, "JSON"),
        (b'{"what": 1}', "JSON of no known tool; known are Cyrius table, .*"),
        (CYRIUS, "Cyrius table without a call"),
        (CYRIUS + b"A\t*1/*4\n", "line 2: 2 columns, Cyrius writes at least 3"),
        (CYRIUS + b"A\t*1/*4\tPASS\nA\t*1/*5\tPASS\n", "line 3: CYP2D6 of the same sample stands already at .* line 2"),
        (b"#Sample\tGene\tSolutionID\tMajor\tMinor\tCopy\n", "Aldy lists no solution"),
        (b"#Sample\tGene\tSolutionID\tMajor\tMinor\tCopy\nA\tCYP2D6\t1\t*1/\n", "line 2: 4 columns, Aldy writes at least 6"),
        (b"CYP2D6 Star Allele Calling with StellarPGx\nResult:\n", "ends without a line below 'Result:'"),
        (b'{"pbstarphase_version": "1", "gene_details": {"CYP2D6": {}}}', "gene_details/CYP2D6: no list of diplotypes"),
        (b'{"pbstarphase_version": "1", "gene_details": 3}', "gene_details: not an object"),
        (b'{"report_type": "hla_typing", "hla": {}}', "hla/alleles: no list of alleles"),
        (RESULTS.encode(), "does not name its gene; .*GENE=FILE"),
        (b"A\tHLA-A*24:02:01\t-\nB\tHLA-B*58:01\n", "line 2: 2 columns, HLA-HD writes at least 3"),
        (b"HLA-A\t1\tHLA-A*02:01\t1\t60\t.\t0\t-1\nHLA-B\t1\tx\n", "line 2: 3 columns, T1K"),
        (b"HLA-A\t1\tHLA-A*02:01\t1\t60\t.\t0\t-1\nHLA-B\t1\tx\t1\tgood\t.\t0\t-1\n", "line 2: quality 'good'"),
        (b"##fileformat=VCFv4.2\n", "a VCF; give it among the genomes"),
        (b"BAM\x01\x00\x00", "byte 4: not text"),
        (b"\x1f\x8b\x08\x00", "compressed with gzip; unpack it"),
        (b"PK\x03\x04nothing", "archive cannot be unpacked"),
        (packed({"x/other.tsv": "a"}), "the archive holds no data.tsv"),
        (packed({"x/data.tsv": RESULTS, "y/data.tsv": RESULTS}), "2 files named data.tsv"),
        (packed({"x/data.tsv": RESULTS, "x/metadata.txt": "SemanticType=Model[CNV]"}), r"holds 'Model\[CNV\]', expected"),
        (packed({"x/data.tsv": RESULTS[:-12], "x/metadata.txt": META}), "line 2: 3 columns, PyPGx writes at least 5"),
        (packed({"x/data.tsv": RESULTS, "x/metadata.txt": META})[:-30], "archive cannot be unpacked"),
    ],
)
def test_refused_in_one_line(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "calls.any"
    file.write_bytes(data)
    with pytest.raises(OutsideCallError, match=message) as refusal:
        read_outside_calls(file)
    assert str(refusal.value).startswith(str(file)) and "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 600


def test_a_large_file_and_a_small_archive_of_a_large_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb, large = tmp_path / "results.zip", tmp_path / "large.tsv"
    monkeypatch.setattr(contents, "MOST_BYTES", 1 << 20)
    bomb.write_bytes(packed({"x/data.tsv": "\0" * (2 << 20), "x/metadata.txt": META}))
    large.write_bytes(b"#" * ((1 << 20) + 1))
    assert bomb.stat().st_size < 1 << 14
    with pytest.raises(OutsideCallError, match=r"data\.tsv unpacks to more than 1 MB"):
        read_outside_calls(bomb)
    with pytest.raises(OutsideCallError, match="more than 1 MB"):
        read_outside_calls(large)


def test_a_folder_or_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(OutsideCallError, match="not a file"):
            read_outside_calls(path)


def test_another_person_and_unknown_genes() -> None:
    known = knowledge()
    other = parse_outside_calls("Sample\tGenotype\tFilter\nB\t*1/*4\tPASS\n", "f")
    with pytest.raises(OutsideCallError, match="f line 2: no line is for 'A'; the table is about B"):
        outside_by_gene(known, [other], "A")
    listed = parse_outside_calls('{"DPA1": ["DPA1*01:03:01", "DPA1*02:01"]}', "f")
    with pytest.raises(OutsideCallError, match="no gene here is in the knowledge"):
        outside_by_gene(known, [listed], "A")
    both = parse_outside_calls('{"DPA1": ["DPA1*01:03:01", "DPA1*02:01"], "B": ["B*57:01:01", "B*07:02:01"]}', "f")
    assert set(outside_by_gene(known, [both], "A")) == {"HLA-B"}


@pytest.mark.parametrize(
    "text",
    [
        "Sample\tGenotype\tFilter\nA\t*1/*4;*2/*10\tPASS\n",
        "A\tHLA-A*24:02:01\tHLA-A*33:03:01\nB\tHLA-B*58:01:01\t-\n",
        json.dumps({"pbstarphase_version": "1", "gene_details": {"CYP2D6": {"diplotypes": [{"diplotype": "*1/*4"}]}}}),
        RESULTS,
    ],
)
def test_a_file_broken_off_anywhere_never_raises_another_error(text: str) -> None:
    from nof1.pgx.outside import outside_call

    known = knowledge()
    refusals = []
    for end in range(len(text)):
        try:
            for symbol, calls in outside_by_gene(known, [parse_outside_calls(text[:end], "f", "CYP2D6")], "A").items():
                outside_call(known.genes[symbol], calls)
        except OutsideCallError as refusal:
            refusals.append(str(refusal))
    assert refusals and not any("\n" in refusal for refusal in refusals)
