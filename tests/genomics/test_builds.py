"""The same person on GRCh38 and on GRCh37: same answer; what a build cannot show is said, and builds are not mixed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nof1
from genomics.vcf_text import KNOWN, PANEL, Record, locus, seen, text, write_as
from nof1.errors import GenomeError, RequestError
from nof1.genomics.blocks import block
from nof1.genomics.builds import translated
from nof1.genomics.callable import read_bed
from nof1.genomics.genomes import GenomeSet, Reading
from nof1.genomics.site import Cells
from nof1.knowledge.panel import panel
from nof1.model.genome import CallCode, GenotypeBlock, Locus, SiteNote
from nof1.model.panel import Panel, PanelGene

PANEL_37 = panel(KNOWN, "GRCh37")
THERE = {place.id: place for place in PANEL_37.loci()}
BOTH = {gene.gene: [place for place in gene.loci if place.id in THERE] for gene in PANEL.genes}
DIFFERENT = [place for place in PANEL.loci() if place.id in THERE and THERE[place.id].ref != place.ref]
HG19 = "##contig=<ID=10,length=135534747>\n"
HG38 = "##contig=<ID=10,length=133797422>\n"
CHRM = "##contig=<ID=chrM,length={}>\n"
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def record(place: Locus, pair: Sequence[str], sep: str = "/") -> Record:
    """A record of one person with the bases ``pair``, numbered for the reference that ``place`` has."""
    texts = [place.ref, *place.alts]
    return Record(
        place.chromosome, place.position, place.ref, place.alts, (sep.join(str(texts.index(base)) for base in pair),)
    )


def write(folder: Path, name: str, records: Sequence[Record], extra: str, kind: str = "plain") -> Path:
    """A file whose header says of builds and lengths only what ``extra`` does."""
    ordered = sorted(records, key=lambda item: (item.chromosome, item.position))
    return write_as(folder / name, kind, text(ordered, with_lengths=False, extra=extra))


def read(paths: Sequence[Path], gene: str, bed: Path | None = None, **how: Any) -> tuple[GenotypeBlock, list[SiteNote]]:
    """The block of one gene, read on whichever build the files are on, and the notes."""
    reading = Reading(callable_regions=read_bed(bed) if bed else None, **how)
    genomes = GenomeSet(paths, PANEL.only({gene}), reading, also=[PANEL_37.only({gene})])
    found = block(genomes.names, genomes.sites(genomes.panel.genes[0]))
    genomes.check_builds()
    return found, genomes.notes


def shown(found: GenotypeBlock) -> dict[str, str]:
    """What a block says at every locus, without regard to the order of unphased alleles."""
    said = {place.id: seen(found, place.id) for place in found.loci}
    return {name: "/".join(sorted(each.split("/"))) for name, each in said.items()}


@st.composite
def people(draw: st.DrawFn) -> tuple[str, Mapping[str, tuple[str, str]], str]:
    """A gene, the two bases of a person at its loci, and whether they are phased."""
    gene = draw(st.sampled_from([gene.gene for gene in PANEL_37.genes]))
    loci = BOTH[gene]
    varied = set(draw(st.lists(st.sampled_from([place.id for place in loci]), max_size=6)))
    varied |= {place.id for place in loci if place in DIFFERENT and draw(st.booleans())}
    pairs = {}
    for place in loci:
        texts = [place.ref, *place.alts] if place.id in varied else [place.ref]
        pairs[place.id] = (draw(st.sampled_from(texts)), draw(st.sampled_from(texts)))
    return gene, pairs, draw(st.sampled_from("/|"))


@few
@given(people(), st.sampled_from(["plain", "indexed", "bcf"]))
def test_the_same_person_on_both_builds(person: tuple[str, Mapping[str, tuple[str, str]], str], kind: str) -> None:
    gene, pairs, sep = person
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chrom = BOTH[gene][0].chromosome
        here = [record(place, pairs[place.id], sep) for place in BOTH[gene]]
        there = [record(THERE[place.id], pairs[place.id], sep) for place in BOTH[gene]]
        contig = f"##contig=<ID={chrom}>\n"
        on_38 = write(folder, "a", here, contig + "##reference=GRCh38\n", kind)
        on_37 = write(folder, "b", there, contig + "##reference=hs37d5\n", kind)
        first, _ = read([on_38], gene)
        second, notes = read([on_37], gene)
        assert shown(first) == shown(second)
        assert first.loci == second.loci
        assert [texts[: 1 + len(place.alts)] for place, texts in zip(second.loci, second.alleles, strict=True)] == [
            (place.ref, *place.alts) for place in second.loci
        ]
        assert {note.kind for note in notes} <= {"grch38_only"}
        tables = [nof1.call([path], genes=[gene], knowledge=KNOWN) for path in (on_38, on_37)]
        for column in tables[0]:
            assert tables[0][column].tolist() == tables[1][column].tolist(), column


def test_some_references_differ() -> None:
    """Without any, the tests below would show nothing."""
    assert len(DIFFERENT) >= 3
    assert all(THERE[place.id].ref in place.alts and place.ref in THERE[place.id].alts for place in DIFFERENT)


@pytest.mark.parametrize("place", DIFFERENT, ids=lambda place: place.id)
@pytest.mark.parametrize("way", ["block", "one base", "callable", "absent"])
def test_reference_of_grch37_is_an_alternative_here(tmp_path: Path, place: Locus, way: str) -> None:
    """A block, a callable region or a declaration on GRCh37 says what the GRCh37 reference has, not the GRCh38 one."""
    gene = next(gene.gene for gene in PANEL.genes if place in gene.loci)
    there = THERE[place.id]
    low, high = there.position - 400_000, there.position + 400_000
    around = [Record(there.chromosome, position, "A", ("G",), ("0/1",)) for position in (low, high)]
    extra = f"##contig=<ID={there.chromosome}>\n##reference=hg19\n"
    bed = tmp_path / "regions.bed"
    bed.write_text(f"{there.chromosome}\t{there.position - 1}\t{there.position}\n")
    if way == "block":
        start = Record(
            there.chromosome, there.position, there.ref, ("<NON_REF>",), ("0/0",), info=f"END={there.position + 5}"
        )
        found, _ = read([write(tmp_path, "a", [start], extra)], gene)
    elif way == "one base":
        found, _ = read([write(tmp_path, "a", [record(there, (there.ref, there.ref))], extra)], gene)
    elif way == "callable":
        found, _ = read([write(tmp_path, "a", around, extra)], gene, bed)
    else:
        found, _ = read([write(tmp_path, "a", around, extra)], gene, absent="reference")
    assert seen(found, place.id) == f"{there.ref}/{there.ref}"


def test_the_grch37_reference_is_no_reference_allele(tmp_path: Path) -> None:
    """The GRCh37 assembly has the splice variant of *3 [pypgx-variants-0.27#CYP3A5]: its reference is *3/*3."""
    gene = "CYP3A5"
    loci = [THERE[place.id] for place in BOTH[gene]]
    start, end = loci[0].position - 10, loci[-1].end + 10
    whole = Record(loci[0].chromosome, start, "A", ("<NON_REF>",), ("0/0",), info=f"END={end}")
    extra = f"##contig=<ID={loci[0].chromosome}>\n##reference=GRCh37\n"
    found = nof1.call([write(tmp_path, "a", [whole], extra)], genes=[gene], knowledge=KNOWN, method="named-allele")
    assert found["diplotype"].tolist() == ["*3/*3"]
    here = [place.position for place in BOTH[gene]]
    whole = Record(loci[0].chromosome, here[0] - 10, "A", ("<NON_REF>",), ("0/0",), info=f"END={here[-1] + 10}")
    found = nof1.call(
        [write(tmp_path, "b", [whole], extra.replace("37", "38"))], genes=[gene], knowledge=KNOWN, method="named-allele"
    )
    assert found["diplotype"].tolist() == ["*1/*1"]


def test_positions_of_one_build_only_are_named(tmp_path: Path) -> None:
    for gene in PANEL.genes:
        only = [place.id for place in gene.loci if place.id not in THERE]
        records = [record(THERE[place.id], (place.ref, place.ref)) for place in BOTH[gene.gene]]
        extra = f"##contig=<ID={gene.chromosome}>\n##reference=b37\n"
        found, notes = read([write(tmp_path, gene.gene, records, extra)], gene.gene)
        assert [note.locus for note in notes if note.kind == "grch38_only"] == [gene.gene] * bool(only)
        assert [name for name, said in shown(found).items() if said == "not_covered"] == only
        if only:
            assert only[0] in next(note.message for note in notes if note.kind == "grch38_only")


def test_a_gene_of_one_build_only_is_not_covered(tmp_path: Path) -> None:
    gene = PANEL.only({"CYP2C9"})
    there = [THERE[place.id] for place in BOTH["CYP2C9"]]
    file = write(tmp_path, "a", [record(there[0], (there[0].ref, there[0].ref))], HG19)
    genomes = GenomeSet([file], gene, Reading(), also=[Panel("GRCh37", ())])
    found = block(genomes.names, genomes.sites(gene.genes[0]))
    assert set(found.code.ravel().tolist()) == {CallCode.NOT_COVERED}
    assert [note.kind for note in genomes.notes] == ["grch38_only"]


@pytest.mark.parametrize("gene", [name for name, gene in KNOWN.genes.items() if gene.positions])
def test_the_page_counts_the_rows(gene: str) -> None:
    rows = KNOWN.genes[gene].positions
    places = [row.from_37.partition("#") for row in rows if row.position_37]
    table, offset = (sum(place == wanted for *_, place in places) for wanted in ("table", "offset"))
    distances = {row.position_37 - row.position for row in rows if row.position_37}
    different = " ".join(row.id for row in rows if row.ref_37 not in ("", row.ref))
    listed = len(places) - table - offset
    assert len(distances) == 1
    line = f"| {gene} | {len(rows)} | {table} | {listed} | {offset} | {len(rows) - len(places)} | {distances.pop():+,} | {different} |"
    page = Path(__file__).resolve().parents[2] / "docs/methods/builds.md"
    assert line in page.read_text(encoding="utf-8"), line


# which build it is


def person(build: str, count: int = 8) -> list[Record]:
    """Some reference genotypes of a gene on chromosome 10, on ``build``."""
    places = [THERE[place.id] if build == "GRCh37" else place for place in BOTH["CYP2C9"][:count]]
    return [record(place, (place.ref, place.ref)) for place in places]


def test_files_of_two_builds_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path, "a", person("GRCh38"), HG38)
    two = write(tmp_path, "b", person("GRCh37"), HG19)
    with pytest.raises(GenomeError, match=r"b\.vcf: is on GRCh37 .*a\.vcf on GRCh38 .*; give files of one build"):
        read([one, two], "CYP2C9")
    silent = write(tmp_path, "c", person("GRCh37"), "##contig=<ID=chr10>\n")
    with pytest.raises(GenomeError, match=r"c\.vcf: its header names no build, but its reference bases fit GRCh37"):
        read([one, silent], "CYP2C9")
    found, _ = read([two, silent], "CYP2C9")
    assert "no_call" not in shown(found).values()


@pytest.mark.parametrize("kind", ["plain", "indexed", "bcf"])
@pytest.mark.parametrize(("build", "other"), [("GRCh37", "GRCh38"), ("GRCh38", "GRCh37")])
def test_a_silent_file_on_another_build_is_not_read(tmp_path: Path, kind: str, build: str, other: str) -> None:
    file = write(tmp_path, "a", person(build), "##contig=<ID=chr10>\n", kind)
    with pytest.raises(GenomeError, match=rf"its header names no build, but .* fit {build}; pass --build {build}"):
        read([file], "CYP2C9", build=other)
    found, _ = read([file], "CYP2C9", build=build)
    assert "=" not in "".join(shown(found).values())
    assert sum("/" in said for said in shown(found).values()) == 8


def test_a_header_that_says_another_build_than_its_bases(tmp_path: Path) -> None:
    file = write(tmp_path, "a", person("GRCh38"), HG19)
    with pytest.raises(GenomeError, match=r"is on GRCh37 \(length of chr10 .*fit GRCh38; correct the header"):
        read([file], "CYP2C9")


@pytest.mark.parametrize(("asked", "header"), [("GRCh37", HG38), ("hg38", HG19)])
def test_build_asked_against_header(tmp_path: Path, asked: str, header: str) -> None:
    file = write(tmp_path, "a", person("GRCh38"), header)
    with pytest.raises(GenomeError, match=rf"is on GRCh3[78] \(length .*but --build is '{asked}'; leave --build out"):
        read([file], "CYP2C9", build=asked)
    for build in ("hg18", "36", "T2T"):
        with pytest.raises(RequestError, match=f"--build is '{build}'; files on GRCh38 or GRCh37 can be read"):
            read([file], "CYP2C9", build=build)


def test_the_file_says_which_build_was_read(tmp_path: Path) -> None:
    file = write(tmp_path, "a", person("GRCh37", 40), HG19)
    found = nof1.assess([file], knowledge=KNOWN)
    assert [each.build for each in found.files] == ["GRCh37"]
    place = next(each for gene in found.genes for each in gene.positions if each.id == BOTH["CYP2C9"][0].id)
    assert (place.state, place.position) == ("called", BOTH["CYP2C9"][0].position)


# the mitochondrion

RRNA = Locus("m.1555", "chrM", 1555, "A", ("G",))
MITOCHONDRION = Panel("GRCh37", (PanelGene("made up", "chrM", (RRNA,), "haploid"),))


@pytest.mark.parametrize(("length", "said"), [(16571, "no_call"), (16569, "G"), (0, "G")])
@pytest.mark.parametrize("regions", [False, True])
def test_the_mitochondrion_of_hg19_is_not_read(tmp_path: Path, length: int, said: str, regions: bool) -> None:
    extra = "##reference=hg19\n" + (CHRM.format(length) if length else "##contig=<ID=chrM>\n")
    file = write(tmp_path, "a", [Record("chrM", 1555, "A", ("G",), ("1",))], extra)
    bed = tmp_path / "all.bed"
    bed.write_text("chrM\t0\t16571\n")
    genomes = GenomeSet([file], MITOCHONDRION, Reading(callable_regions=read_bed(bed) if regions else None))
    found = block(genomes.names, genomes.sites(MITOCHONDRION.genes[0]))
    assert seen(found, RRNA.id) == said
    assert [note.kind for note in genomes.notes] == ["not_rcrs"] * (length == 16571)
    genomes.check_builds()


def test_alleles_that_nobody_documented_keep_their_text() -> None:
    """Numbers change, texts do not: also of alleles only seen in the file, and of missing strands."""
    place = locus("rs3758581")
    there = THERE[place.id]
    extra = "T" if "T" not in (place.ref, *place.alts) else "C"
    cells = Cells(
        there,
        [there.ref, *there.alts, extra, "*"],
        np.array([0, 1, 2, 3, -1, 0], np.int16),
        np.array([1, 1, 0, -2, -1, 0], np.int16),
        np.zeros(6, bool),
        np.zeros(6, np.int32),
        np.zeros(6, np.float32),
        np.zeros(6, np.int32),
        np.array([3, 3, 3, 3, 1, 2], np.uint8),
    )
    before = [(cells.alleles[one] if one >= 0 else one) for one in cells.first.tolist()]
    after = translated(cells, place)
    assert after.locus == place
    assert after.alleles[:2] == [place.ref, place.alts[0]]
    assert [(after.alleles[one] if one >= 0 else one) for one in after.first.tolist()] == before
    assert after.second.tolist()[3:5] == [-2, -1]
    assert after.code.tolist() == [3, 3, 3, 3, 1, 3]
