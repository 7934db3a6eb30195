"""Random texts: what the arrays say of each record and alternative is what the VCF library reads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from cyvcf2 import VCF
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nof1.genomics.columns import Contigs, Malformed, records
from nof1.genomics.contigs import chromosome
from nof1.genomics.file_alleles import Reason, alleles_of
from nof1.genomics.genotypes import genotype, has_reference_alone
from nof1.genomics.inflate import VcfText
from nof1.genomics.normalize import is_plain, trim
from nof1.model.allele_arrays import AlleleArrays, keys, same, seed, trimmed

from .made import GRCH38, genome

SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BASES = st.text("ACGT", min_size=1, max_size=5) | st.text("ACGTacgtN", min_size=1, max_size=90)
ALT = BASES | st.sampled_from(["*", "<NON_REF>", "<*>", "<DEL>", "A[chr1:5[", "]chr2:9]T", "N"])
CONTIG = st.sampled_from(["chr1", "chr2", "chrX", "HLA-A*01:01:01:01", "HLA-A*01:01:01:02N", "chrUn_KI270302v1"])
RECORD = st.tuples(CONTIG, st.integers(1, 240_000_000), BASES, st.lists(ALT, min_size=1, max_size=4, unique=True))


def text_of(rows: list[tuple[str, int, str, list[str]]]) -> str:
    lines = [f"{c}\t{p}\t.\t{r}\t{','.join(a)}\t.\tPASS\tAC=1\tGT:DP\t0/1:3" for c, p, r, a in rows]
    odd = {name: 5_000_000 for name, *_ in rows if not name[3:].isdigit()}
    return genome(lines, {**GRCH38, **odd})


@SOME
@given(st.lists(RECORD, min_size=1, max_size=30), st.booleans())
@example([("chr1", 5, "A" * 70 + "C", ["A" * 70 + "G", "A" * 69])], False)
def test_as_the_library_reads_it(tmp_path: Path, rows: list[tuple[str, int, str, list[str]]], crlf: bool) -> None:
    path = tmp_path / "random.vcf"
    text = text_of(rows)
    path.write_text(text)
    theirs = [(v.CHROM, v.POS, v.REF, list(v.ALT)) for v in VCF(str(path))]
    assert theirs == rows
    if crlf:
        path.write_bytes(text.replace("\n", "\r\n").encode())
    contigs = Contigs("GRCh38")
    with ThreadPoolExecutor(1) as pool:
        found = [alleles_of(records(piece, 10), contigs) for piece in VcfText(path).pieces(pool)]
    ours = [
        (contigs.names[each.alleles.contig[one]], *each.alleles.written(one), int(each.record[one]), int(each.number[one]))
        for each in found for one in range(len(each.alleles))
    ]  # fmt: skip
    wanted = [
        (chromosome(c), *trim(p, ref.upper(), alt.upper()), at, number)
        for at, (c, p, ref, alts) in enumerate(rows) for number, alt in enumerate(alts, 1)
        if is_plain(ref.upper()) and is_plain(alt.upper()) and ref.upper() != alt.upper()
    ]  # fmt: skip
    assert ours == wanted
    assert sum(int(each.excluded.sum()) for each in found) + len(ours) == sum(len(alts) for *_, alts in rows)


def arrays(rows: list[tuple[int, str, str]]) -> AlleleArrays:
    text = "".join(ref + alt for _, ref, alt in rows).encode()
    lengths = np.array([(len(ref), len(alt)) for _, ref, alt in rows], np.int64).reshape(-1, 2)
    starts = np.cumsum(lengths.sum(axis=1)) - lengths.sum(axis=1)
    position = np.array([row[0] for row in rows], np.int64)
    contig = np.zeros(len(rows), np.int32)
    return AlleleArrays(
        np.frombuffer(text, np.uint8), contig, position, starts, lengths[:, 0], starts + lengths[:, 0], lengths[:, 1]
    )


PLAIN = st.text("ACGT", min_size=1, max_size=5) | st.text("AC", min_size=1, max_size=90)
CHANGE = st.tuples(st.integers(1, 300), PLAIN, PLAIN)


@SOME
@given(st.lists(CHANGE, min_size=1, max_size=20))
@example([(7, "A" * 200 + "C" + "G" * 200, "A" * 200 + "T" + "G" * 200), (9, "ACGT" * 40, "ACGT" * 39)])
def test_trimming_and_keys_of_arrays_are_those_of_single_ones(rows: list[tuple[int, str, str]]) -> None:
    found = trimmed(arrays(rows))
    assert [found.written(one) for one in range(len(rows))] == [trim(*row) for row in rows]
    seeds = np.array([seed("GRCh38", "chr1")], np.uint64)
    whole = keys(found, seeds)
    alone = [int(keys(trimmed(arrays([row])), seeds)[0]) for row in rows]
    assert whole.tolist() == alone
    for one, row in enumerate(rows):
        other = arrays([row] * len(rows))
        alike = same(found, trimmed(other))
        assert alike.tolist() == [trim(*each) == trim(*row) for each in rows]
        assert [int(key) == int(whole[one]) for key in whole] == alike.tolist()


def test_a_key_depends_on_build_and_contig() -> None:
    assert len({seed(build, name) for build in ("GRCh37", "GRCh38") for name in ("chr1", "chr11", "chrM")}) == 6


def test_reasons_are_counted() -> None:
    alts = "*,<NON_REF>,<DEL>,A[chr1:5[,.A,N,A,C"
    text = np.frombuffer(f"chr1\t5\t.\tA\t{alts}\t.\t.\t.\nchr1\t6\t.\tG\t.\t.\t.\t.\n".encode(), np.uint8)
    found = alleles_of(records(text, 8), Contigs("GRCh38"))
    assert {Reason(at).name: int(count) for at, count in enumerate(found.excluded) if count} == {
        "SPANNING_DELETION": 1, "ANY_OTHER": 1, "SYMBOLIC": 1, "BREAKEND": 2, "OTHER_LETTERS": 1, "SAME_AS_REF": 1, "NO_ALTERNATIVE": 1,
    }  # fmt: skip
    assert found.number.tolist() == [8]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("chr1\t12x\t.\tA\tC\t.\t.\t.", "POS is '12x'"),
        ("chr1\t12\t.\tA\tC\t.\t.", "7 columns, expected 8"),
        ("chr1\t12\t.\tA\tC\t.\t.\t.\t.", "9 columns, expected 8"),
        ("chr1\t12\t.\t\tC\t.\t.\t.", "cannot be read"),
        ("\t12\t.\tA\tC\t.\t.\t.", "cannot be read"),
        ("#hr1\t12\t.\tA\tC\t.\t.\t.", "cannot be read"),
    ],
)
def test_a_bad_line_is_named(line: str, words: str) -> None:
    good = "chr1\t5\t.\tA\tC\t.\t.\t.\n"
    text = np.frombuffer((good + "\n" + good + line + "\n" + good).encode(), np.uint8)
    with pytest.raises(Malformed, match=words) as caught:
        alleles_of(records(text, 8), Contigs("GRCh38"))
    assert caught.value.line == 3


def test_empty_lines_do_not_count_as_records() -> None:
    good = b"chr1\t5\t.\tA\tC\t.\t.\t.\n"
    found = records(np.frombuffer(good + b"\n\r\n" + good, np.uint8), 8)
    assert (len(found), found.read, found.lines.tolist()) == (2, 4, [0, 3])


@SOME
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["GT", "GT:DP", "DP:GT", "GTX", "DP", "GT:GQ:DP"]),
            st.text("01./|:9", min_size=1, max_size=7)
            | st.sampled_from(["0/0", "0|0", "0/0:3", "0|0:0/1", "0/00", "0/0/1", "0"]),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_those_with_the_reference_alone_carry_nothing(rows: list[tuple[str, str]]) -> None:
    text = "".join(f"chr1\t{at}\t.\tA\tT\t.\t.\t.\t{form}\t{value}\n" for at, (form, value) in enumerate(rows, 1))
    found = records(np.frombuffer(text.encode(), np.uint8), 10)
    alone = has_reference_alone(found, np.arange(len(rows)), 9)
    for is_alone, (form, value) in zip(alone.tolist(), rows, strict=True):
        if is_alone:
            assert genotype(form.encode(), value.encode()).alleles == (0, 0)
        elif form == "GT":
            assert value not in ("0/0", "0|0")
