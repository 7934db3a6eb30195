"""What is fuzzed: each target takes a file's bytes through its reader to an answer, and judges the answer."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import fuzz_mutate
import fuzz_oracle
import fuzz_seeds as seeds
from fuzz_case import LAST, Finding, SilentReference, Target, judged
from fuzz_seeds import PANEL, PANEL_37

from genomics import vcf_text
from nof1.cli.pgx import _samples
from nof1.errors import KnowledgeError
from nof1.genomics.assay import read_assay
from nof1.genomics.blocks import block
from nof1.genomics.callable import read_bed
from nof1.genomics.genomes import GenomeSet, Reading
from nof1.genomics.outside_calls import read_outside_calls
from nof1.jobs.method import chosen
from nof1.jobs.one_person import outside_by_gene
from nof1.knowledge import check_drugs, check_frequencies, check_genes, schema, tables
from nof1.knowledge.compiled import read as read_compiled
from nof1.knowledge.load import _Sources
from nof1.model.genome import CallCode, GenotypeBlock, Locus
from nof1.pgx.outside import outside_call
from nof1.pgx.table import gene_caller

KNOWN = vcf_text.KNOWN
CALLERS = {name: chosen(KNOWN).caller(KNOWN.genes[name]) for name in seeds.GENES}
LOCI_37 = {locus.id: locus for locus in PANEL_37.loci()}


__all__ = ["LAST", "TARGETS", "finding"]


def finding(name: str, data: bytes, folder: Path) -> Finding | None:
    """What is wrong with how target ``name`` takes ``data``; ``None`` when it ends well."""
    return judged(TARGETS[name], data, folder)


# genomes


@dataclass(frozen=True)
class Said:
    """A genotype that a reader gave as reference: of whom, where, and how it is marked."""

    sample: str
    locus: Locus
    code: CallCode


Judge = Callable[[Said], str]


def _read(path: Path, how: Reading, judge: Judge | None) -> None:
    """Read, call and judge: every genotype that is reference has to be borne out by the file."""
    made = GenomeSet([path], PANEL, how, (), [PANEL_37])
    made.stream()
    blocks = [block(made.names, made.sites(gene)) for gene in PANEL.genes]
    made.check_builds()
    made.described()
    for found in blocks:
        for row, column in _references(found):
            locus, code = found.loci[column], CallCode(int(found.code[row, column]))
            there = LOCI_37.get(locus.id) if made.build == PANEL_37.build else locus
            if judge is not None and there is not None and there.ref == locus.ref:
                why = judge(Said(made.names[row], there, code))
                if why:
                    raise SilentReference(f"{why} at {there.id} {there.chromosome}:{there.position}")
        if found.loci[0].chromosome != PANEL.genes[-1].chromosome:
            _call(found)


def _references(found: GenotypeBlock) -> Iterator[tuple[int, int]]:
    """Row and column of each genotype that is reference on every strand it has."""
    for row in range(min(found.patients, 3)):
        for column in range(len(found.loci)):
            one, two = found.genotype[row, column].tolist()
            if found.code[row, column] >= CallCode.HOM_REF and one == 0 and two in (0, -2):
                yield row, column


def _call(found: GenotypeBlock) -> None:
    """The pharmacogenomic call of every person."""
    gene = next(gene.gene for gene in PANEL.genes if gene.chromosome == found.loci[0].chromosome)
    for row in range(min(found.patients, 2)):
        key = (gene, found.code[row].tobytes(), found.genotype[row].tobytes(), found.phased[row].tobytes(),
               found.phase_set[row].tobytes(), found.alleles)  # fmt: skip
        if key not in _CALLED:
            CALLERS[gene].answer_row(found, row)
            if len(_CALLED) > 20_000:
                _CALLED.clear()
            _CALLED.add(key)


_CALLED: set[tuple[object, ...]] = set()


def _of_vcf(data: bytes, absent: str = "unknown") -> Judge:
    return lambda said: fuzz_oracle.against_vcf(data, said.sample, said.locus, said.code, absent)


def _vcf(absent: str = "unknown") -> Callable[[bytes, Path], None]:
    def run(data: bytes, folder: Path) -> None:
        _read(_put(folder, "a.vcf", data), Reading(absent=absent), _of_vcf(data, absent))  # type: ignore[arg-type]

    return run


def _packed_vcf(data: bytes, folder: Path) -> None:
    inner = fuzz_mutate.unpacked(data)
    _read(_put(folder, "a.vcf.gz", data), Reading(), None if inner is None else _of_vcf(inner))


def _bcf(data: bytes, folder: Path) -> None:
    _read(_put(folder, "a.bcf", data), Reading(), None)


def _indexed(absent: str) -> Callable[[bytes, Path], None]:
    """A text with its own index, where one can be made; tabix refuses what is not sorted."""

    def run(data: bytes, folder: Path) -> None:
        index = _own_index(data)
        path = _put(folder, "a.vcf.gz", vcf_text.bgzf(data))
        _put(folder, "a.vcf.gz.tbi", index or vcf_text.tabix(seeds.vcf()[0]))
        judge = _of_vcf(data, absent) if index else None
        _read(path, Reading(absent=absent), judge)  # type: ignore[arg-type]

    return run


def _own_index(data: bytes) -> bytes:
    """The tabix index of a VCF text; empty where tabix would make none."""
    if re.search(rb"\d{10}", data) or not fuzz_oracle.is_sorted(data):
        return b""
    try:
        return vcf_text.tabix(data)
    except (ValueError, IndexError, OverflowError, struct.error):
        return b""


def _index(data: bytes, folder: Path) -> None:
    """A whole file beside a damaged index."""
    path = _put(folder, "a.vcf.gz", vcf_text.bgzf(seeds.vcf()[0]))
    _put(folder, "a.vcf.gz.tbi", vcf_text.bgzf(data))
    _read(path, Reading(), None)


def _array(name: str, strand: str = "") -> Callable[[bytes, Path], None]:
    def run(data: bytes, folder: Path) -> None:
        def judge(said: Said) -> str:
            other = LOCI_37.get(said.locus.id)
            places = {said.locus.position, *([other.position] if other else [])}
            return fuzz_oracle.against_array(data, said.locus, places)

        _read(_put(folder, name, data), Reading(strand=strand), judge)  # type: ignore[arg-type]

    return run


def _bed(data: bytes, folder: Path) -> None:
    regions = read_bed(_put(folder, "a.bed", data))

    _read(
        _put(folder, "a.vcf", seeds.spoken_for()),
        Reading(callable_regions=regions),
        lambda said: fuzz_oracle.against_bed(data, said.locus),
    )


def _assay(data: bytes, folder: Path) -> None:
    listed = read_assay(_put(folder, "a.tsv", data)).bound([PANEL, PANEL_37])

    _read(
        _put(folder, "a.vcf", seeds.spoken_for()),
        Reading(assay=listed),
        lambda said: fuzz_oracle.against_assay(data, said.locus, LOCI_37.get(said.locus.id)),
    )


def _sample_list(data: bytes, folder: Path) -> None:
    wanted = _samples(f"@{_put(folder, 'people.txt', data)}")
    path = _put(folder, "a.vcf", seeds.vcf()[1])
    made = GenomeSet([path], PANEL, Reading(), wanted, [PANEL_37])
    if set(made.names) - {"S1", "S2"}:
        raise AssertionError(f"people {made.names}")


# calls made elsewhere


def _outside(gene: str = "") -> Callable[[bytes, Path], None]:
    def run(data: bytes, folder: Path) -> None:
        path = _put(folder, "calls.txt", data)
        calls = read_outside_calls(Path(f"{gene}={path}") if gene else path)
        text = fuzz_oracle.array_text(data)
        for sample in list(dict.fromkeys(call.sample for call in calls))[:3]:
            for symbol, mine in outside_by_gene(KNOWN, [calls], sample).items():
                called = outside_call(KNOWN.genes[symbol], mine)
                why = fuzz_oracle.against_outside(_unescaped(text), [item.name for item in called.diplotypes])
                if why:
                    raise SilentReference(f"{symbol} {why}")

    return run


def _unescaped(text: str) -> str:
    """The text with the numbers of copies written out, as ``*1x2`` is ``*1+*1``."""
    return text + "".join(chr(int(code, 16)) for code in re.findall(r"\\u00([0-7][0-9a-f])", text))


# knowledge


@cache
def _gene() -> schema.Gene:
    return KNOWN.genes[seeds.GENES[0]]


def _knowledge(
    shape: Any, use: Callable[[Any, Callable[[str], None]], None], is_table: bool
) -> Callable[[bytes, Path], None]:
    def run(data: bytes, folder: Path) -> None:
        problems: list[str] = []
        path = _put(folder, "a.tsv" if is_table else "a.yaml", data)
        read = tables.read_tsv if is_table else tables.read_yaml
        found = read(path, shape, problems.append)
        if found is not None and not problems:
            use(found, problems.append)
        if problems:
            raise KnowledgeError(problems)

    return run


def _try_gene(gene: schema.Gene, problem: Callable[[str], None]) -> None:
    told: list[str] = []
    check_genes.check({gene.file.gene: gene}, KNOWN.sources, told.append)
    check_frequencies.check({gene.file.gene: gene}, KNOWN.certainty, KNOWN.sources, told.append)
    if not told:
        gene_caller(gene, KNOWN.certainty)
    for line in told:
        problem(line)


def _compiled(data: bytes, folder: Path) -> None:
    read_compiled(_put(folder, "a.msgpack", data))


def _compiled_seeds() -> Sequence[bytes]:
    import msgspec

    one = replace_knowledge({seeds.GENES[0]: _gene()})
    return (msgspec.msgpack.encode(one),)


def replace_knowledge(genes: Mapping[str, schema.Gene]) -> schema.Knowledge:
    """The knowledge with some of its genes only, and no drugs."""
    return schema.Knowledge(KNOWN.edition, {}, dict(genes), {}, KNOWN.certainty)


def _put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


_FOLDER = f"genes/{seeds.GENES[0]}/"


def _file(name: str, shape: Any, use: Callable[[Any, Callable[[str], None]], None]) -> Target:
    return Target(lambda: seeds.knowledge(name), fuzz_mutate.text, _knowledge(shape, use, name.endswith(".tsv")))


def _try_sources(found: Any, problem: Callable[[str], None]) -> None:
    check_genes.check({_gene().file.gene: _gene()}, {source.id: source for source in found.sources}, problem)


def _try_drug(drug: Any, problem: Callable[[str], None]) -> None:
    check_drugs.check([drug], KNOWN.genes, KNOWN.sources, problem)


def _with(**changed: Any) -> schema.Gene:
    gene = _gene()
    fields = {"file": gene.file, "positions": gene.positions, "alleles": gene.alleles, "frequencies": gene.frequencies,
              "haplotypes": gene.haplotypes}  # fmt: skip
    return schema.Gene(**(fields | changed))


def _table(field: str) -> Callable[[Any, Callable[[str], None]], None]:
    return lambda found, problem: _try_gene(_with(**{field: found}), problem)


TARGETS: dict[str, Target] = {
    "vcf": Target(seeds.vcf, fuzz_mutate.text, _vcf()),
    "vcf-absent": Target(seeds.vcf, fuzz_mutate.text, _vcf("reference")),
    "vcf-gzip": Target(lambda: seeds.packed("gzip"), fuzz_mutate.in_gzip, _packed_vcf),
    "vcf-bgzip": Target(lambda: seeds.packed("bgzip"), fuzz_mutate.in_bgzf, _packed_vcf),
    "vcf-indexed": Target(seeds.vcf, fuzz_mutate.text, _indexed("unknown")),
    "vcf-indexed-absent": Target(seeds.vcf, fuzz_mutate.text, _indexed("reference")),
    "tbi": Target(seeds.index, fuzz_mutate.binary, _index),
    "bcf": Target(lambda: seeds.packed("bcf"), fuzz_mutate.in_bgzf, _bcf),
    "array": Target(seeds.array, fuzz_mutate.text, _array("a.txt")),
    "array-per-row": Target(seeds.array, fuzz_mutate.text, _array("a.txt", "per-row")),
    "array-packed": Target(seeds.array_packed, fuzz_mutate.in_zip, _array("a.zip")),
    "bed": Target(seeds.bed, fuzz_mutate.text, _bed),
    "assay": Target(seeds.assay, fuzz_mutate.text, _assay),
    "outside": Target(seeds.outside, fuzz_mutate.in_zip, _outside()),
    "outside-named": Target(lambda: [seeds.tools.PYPGX.encode(), seeds.tools.SUMMARY.encode()], fuzz_mutate.text,
                            _outside("CYP2D6")),
    "samples": Target(seeds.samples, fuzz_mutate.text, _sample_list),
    "knowledge-gene": _file(f"{_FOLDER}gene.yaml", schema.GeneFile, _table("file")),
    "knowledge-positions": _file(f"{_FOLDER}positions.tsv", schema.Position, _table("positions")),
    "knowledge-alleles": _file(f"{_FOLDER}alleles.tsv", schema.Allele, _table("alleles")),
    "knowledge-frequencies": _file(f"{_FOLDER}frequencies.yaml", schema.Frequencies, _table("frequencies")),
    "knowledge-haplotypes": _file(f"{_FOLDER}haplotypes.tsv", schema.HaplotypeCount, _table("haplotypes")),
    "knowledge-drug": _file("drugs/codeine.yaml", schema.DrugFile, _try_drug),
    "knowledge-sources": _file("sources/data_and_methods.yaml", _Sources, _try_sources),
    "knowledge-compiled": Target(_compiled_seeds, fuzz_mutate.binary, _compiled),
}  # fmt: skip
