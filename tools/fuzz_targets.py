"""What is fuzzed: each target takes a file's bytes through its reader to an answer, and judges the answer."""

from __future__ import annotations

import re
import signal
import struct
import traceback
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import fuzz_mutate
import fuzz_oracle
import fuzz_seeds as seeds
from fuzz_seeds import PANEL, PANEL_37
from genomics import array_files, vcf_text

from nof1.cli.pgx import _samples
from nof1.errors import InputError, KnowledgeError, Nof1Error
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

SECONDS = 2
KNOWN = vcf_text.KNOWN
CALLERS = {name: chosen(KNOWN).caller(KNOWN.genes[name]) for name in seeds.GENES}
LOCI_37 = {locus.id: locus for locus in PANEL_37.loci()}
Mutate = Callable[[bytes, Any, Sequence[bytes]], bytes]


_OBEYED = ("Cc", "Zl", "Zp", "Cs")  # categories of signs that a terminal does not show as they are
_TURNING = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


class Hang(BaseException):
    """A case took longer than it may."""


class SilentReference(AssertionError):
    """A reader said "reference" where the file does not."""


class UnclearError(AssertionError):
    """An error is not one clear line."""


@dataclass(frozen=True)
class Target:
    """A reader with its settings: files to start from, how they are damaged, and what is done with one."""

    seeds: Callable[[], Sequence[bytes]]
    mutate: Mutate
    run: Callable[[bytes, Path], None]


@dataclass(frozen=True)
class Finding:
    """What went wrong: its kind, and where or what, equal for cases with one cause."""

    kind: str
    where: str
    detail: str = ""


def finding(name: str, data: bytes, folder: Path) -> Finding | None:
    """What is wrong with how target ``name`` takes ``data``; ``None`` when it ends well."""
    target = TARGETS[name]
    try:
        with _at_most(SECONDS):
            target.run(data, folder)
    except KnowledgeError as error:
        return _unclear(error.problems)
    except InputError as error:
        return _unclear([str(error)])
    except SilentReference as error:
        return Finding("silent reference", re.sub(r"[^a-z ]+", " ", str(error).split("(")[0].split(":")[0]).strip(), str(error))
    except Hang:
        return Finding("hang", f"over {SECONDS} s", traceback.format_exc(limit=-4))
    except Nof1Error as error:
        return Finding("error", type(error).__name__, str(error))
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "nof1" in frame.filename]
        where = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "?"
        return Finding("exception", f"{type(error).__name__} in {where}", traceback.format_exc(limit=-6))
    return None


def _unclear(messages: Sequence[str]) -> Finding | None:
    """An error has to be one line that a terminal shows as it is."""
    for message in messages:
        odd = next((char for char in message if unicodedata.category(char) in _OBEYED or char in _TURNING), "")
        if odd:
            words = re.sub(r"'[^']*'|\"[^\"]*\"|\S*/\S*|\d+", "", message)
            return Finding("unclear error", re.sub(r"[^A-Za-z ]+", " ", words)[:60].strip(), repr(message[:300]))
    return None


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# genomes


Judge = Callable[[bytes, str, Locus, CallCode, GenomeSet], str]


def _read(path: Path, how: Reading, judge: Judge | None, data: bytes, samples: Sequence[str] = ()) -> None:
    """Read, call and judge: every genotype that is reference has to be borne out by the file."""
    made = GenomeSet([path], PANEL, how, samples, [PANEL_37])
    made.stream()
    blocks = [block(made.names, made.sites(gene)) for gene in PANEL.genes]
    made.check_builds()
    made.described()
    for found in blocks:
        for row, column in _references(found):
            locus, code = found.loci[column], CallCode(int(found.code[row, column]))
            there = LOCI_37.get(locus.id) if made.build == PANEL_37.build else locus
            if judge is not None and there is not None and there.ref == locus.ref:
                why = judge(data, made.names[row], there, code, made)
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


def _vcf(absent: str = "unknown") -> Callable[[bytes, Path], None]:
    def judge(data: bytes, sample: str, locus: Locus, code: CallCode, made: GenomeSet) -> str:
        return fuzz_oracle.against_vcf(data, sample, locus, code, absent)

    def run(data: bytes, folder: Path) -> None:
        path = _put(folder, "a.vcf", data)
        _read(path, Reading(absent=absent), judge, data)  # type: ignore[arg-type]

    return run


def _packed_vcf(data: bytes, folder: Path) -> None:
    inner = fuzz_mutate.unpacked(data)

    def judge(text: bytes, sample: str, locus: Locus, code: CallCode, made: GenomeSet) -> str:
        return "" if inner is None else fuzz_oracle.against_vcf(inner, sample, locus, code, "unknown")

    _read(_put(folder, "a.vcf.gz", data), Reading(), judge, data)


def _bcf(data: bytes, folder: Path) -> None:
    _read(_put(folder, "a.bcf", data), Reading(), None, data)


def _indexed(absent: str) -> Callable[[bytes, Path], None]:
    """A text with its own index, where one can be made; tabix refuses what is not sorted."""

    def judge(data: bytes, sample: str, locus: Locus, code: CallCode, made: GenomeSet) -> str:
        return fuzz_oracle.against_vcf(data, sample, locus, code, absent)

    def run(data: bytes, folder: Path) -> None:
        index = _own_index(data)
        path = _put(folder, "a.vcf.gz", vcf_text.bgzf(data))
        _put(folder, "a.vcf.gz.tbi", index or vcf_text.tabix(seeds.vcf()[0]))
        _read(path, Reading(absent=absent), judge if index else None, data)  # type: ignore[arg-type]

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
    _read(path, Reading(), None, data)


def _array(name: str, strand: str = "") -> Callable[[bytes, Path], None]:
    def judge(data: bytes, sample: str, locus: Locus, code: CallCode, made: GenomeSet) -> str:
        other = LOCI_37.get(locus.id)
        return fuzz_oracle.against_array(data, locus, {locus.position, *([other.position] if other else [])})

    def run(data: bytes, folder: Path) -> None:
        path = _put(folder, name, data)
        if data[:2] in (b"##", b"BC"):  # a VCF by now: that is another target
            return
        _read(path, Reading(strand=strand), judge, data)  # type: ignore[arg-type]

    return run


def _bed(data: bytes, folder: Path) -> None:
    regions = read_bed(_put(folder, "a.bed", data))

    def judge(data: bytes, sample: str, locus: Locus, code: CallCode, made: GenomeSet) -> str:
        return fuzz_oracle.against_bed(data, locus)

    _read(_put(folder, "a.vcf", seeds.spoken_for()), Reading(callable_regions=regions), judge, data)


def _assay(data: bytes, folder: Path) -> None:
    listed = read_assay(_put(folder, "a.tsv", data)).bound([PANEL, PANEL_37])

    def judge(data: bytes, sample: str, locus: Locus, code: CallCode, made: GenomeSet) -> str:
        return fuzz_oracle.against_assay(data, locus, LOCI_37.get(locus.id))

    _read(_put(folder, "a.vcf", seeds.spoken_for()), Reading(assay=listed), judge, data)


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


def _knowledge(shape: Any, use: Callable[[Any, Callable[[str], None]], None], is_table: bool) -> Callable[[bytes, Path], None]:
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
    check_drugs.check({drug.drug: drug}, KNOWN.genes, KNOWN.sources, problem)


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
    "tbi": Target(lambda: seeds.index("tbi"), fuzz_mutate.binary, _index),
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
