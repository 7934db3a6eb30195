"""Plain records taken as arrays give what records read one by one give."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from nof1.genomics import inflate, score_genotypes
from nof1.genomics.genomes import Reading
from nof1.genomics.plain_records import PlainReader
from nof1.genomics.score_genotypes import ScoreGenotypes, read_genotypes
from nof1.genomics.vcf import Quality
from nof1.model.allele_codes import place

HEADER = (
    '##fileformat=VCFv4.2\n##reference=GRCh38\n##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tother\tS\n"
)
FORMATS = ("GT", "GT:DP", "GT:AD:DP:GQ", "GT:GQ:MIN_DP", "DP:GT", "GT:FT:DP", "GT:RGQ", "GT:AD", "GT:PS:GQ")
VALUES = {
    "GT": ("0/0", "0/1", "1/1", "0|1", "1|0", "1/0", "./.", ".", "0", "1", "1/2", "0/1/1", "|0/1", "0/."),
    "DP": ("30", "7", "8", "0", ".", "", "12,3", "9.5", "1e9", "007"),
    "GQ": ("99", "19", "20", "19.9", ".", "x", "20.0"),
    "AD": ("10,12", "0,9", "9,0", "0,0", ".", "5", "3,4,5", "3,", "a,b", "12345678,3", ".,3"),
    "FT": ("PASS", "LowGQ", "."),
}
VALUES |= {"MIN_DP": VALUES["DP"], "RGQ": VALUES["GQ"], "PS": ("5", ".", "x1")}
ALTS = ("T", "g", "C", "A", "T,<NON_REF>", "<NON_REF>", "TA", "*", ".", "C,G", "N", "<DEL>")


def lines(rng: random.Random, count: int) -> list[str]:
    made, position = [], 100
    for _ in range(count):
        position += rng.choice([0, 0, 1, 1, 2, 5])
        form = rng.choice(FORMATS)
        is_usual = rng.random() < 0.7
        values = [rng.choice(VALUES[key][:3] if is_usual else VALUES[key]) for key in form.split(":")]
        told = ":".join(values[: rng.choice([len(values)] * 4 + [1])])
        info = f"END={position + 3}" if rng.random() < 0.1 else "."
        ref = "A" if is_usual else rng.choice(["A", "a", "C", "AC", "N"])
        flag = "PASS" if is_usual else rng.choice([".", "q10", "RefCall", "PAS"])
        chrom = "chr1" if position < 1200 else "22"
        made.append(
            f"{chrom}\t{position}\t.\t{ref}\t{rng.choice(ALTS[:3] if is_usual else ALTS)}\t.\t{flag}\t{info}\t{form}\t0/0\t{told}\n"
        )
    return made


def parts(found: ScoreGenotypes) -> list[object]:
    variants = found.variants
    arrays = (variants.place, variants.start, variants.allele, found.copies, found.ploidy, found.reference)
    return [*(each.tolist() for each in arrays), *(each.dtype for each in arrays), found.low, found.samples]


@pytest.mark.parametrize("quality", [Quality(), Quality(min_gq=19.95, min_dp=0, allele_depths=False)])
@pytest.mark.parametrize("seed", range(12))
def test_as_records_read_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, quality: Quality) -> None:
    monkeypatch.setattr(inflate, "PIECE", 4000)
    rng = random.Random(seed)
    files = []
    for number in range(rng.choice([1, 2])):
        files.append(tmp_path / f"{number}.vcf")
        files[-1].write_text(HEADER + "".join(lines(rng, 600)))
    places = np.array(sorted({place(chrom, at) for chrom in (1, 22) for at in rng.sample(range(90, 2600), 1200)}), np.int64)
    how = Reading(quality)

    def read() -> ScoreGenotypes:
        return read_genotypes(files, places, how, (), ["GRCh38"], sample="S")

    taken = []
    sift = PlainReader.sift

    def counted(self: PlainReader, *given: object) -> object:
        made = sift(self, *given)  # type: ignore[arg-type]
        taken.append(int(made[0].sum()))
        return made

    monkeypatch.setattr(PlainReader, "sift", counted)
    quick = parts(read())
    assert sum(taken) > 50
    monkeypatch.setattr(score_genotypes, "PlainReader", lambda *_: None)
    assert quick == parts(read())
