"""Wrong gene models are refused at load, each with its place and remedy."""

from __future__ import annotations

import msgspec
import pytest

from nof1.knowledge.check_gene_models import check
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.gene_models import GeneModels, TranscriptRow


def told(models: GeneModels) -> str:
    problems: list[str] = []
    check(models, knowledge().sources, problems.append)
    return "\n".join(problems)


def changed(**more: object) -> GeneModels:
    known = knowledge().gene_models
    row: TranscriptRow = msgspec.structs.replace(known.transcripts[0], **more)
    return msgspec.structs.replace(known, transcripts=[row])


def test_what_is_shipped_is_right() -> None:
    assert told(knowledge().gene_models) == ""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"accession": "NC_000001.10"}, "is no GRCh38 chromosome of chromosomes.tsv"),
        ({"accession": "NC_1"}, "is no GRCh38 chromosome of chromosomes.tsv"),
        ({"exons": "5-1"}, "write ascending first-last pairs"),
        ({"exons": "1-9,5-12"}, "write ascending first-last pairs"),
        ({"exons": "1-9,x-12"}, "write ascending first-last pairs"),
        ({"exons": "1-30", "coding": "4-33"}, "is not one stretch within the exons"),
        ({"exons": "1-30", "coding": "4-6,10-12"}, "is not one stretch within the exons"),
        ({"exons": "1-30", "coding": "4-8"}, "5 coding bases are no whole codons"),
        ({"exons": "1-30", "coding": "4-9", "untranslated": "no"}, "so untranslated is yes"),
        ({"exons": "1-999999999", "coding": "4-9"}, "beyond the 156040895 bases of chrX"),
        ({"source": "nobody#x"}, "'nobody#x' is not in sources/"),
        ({"exons_source": "mane-1.5"}, "names no place"),
        ({"checked": "26.11.2026"}, "write YYYY-MM-DD"),
    ],
)
def test_transcripts(more: dict[str, object], words: str) -> None:
    assert words in told(changed(**more))


def test_what_is_written_twice_or_missing() -> None:
    known = knowledge().gene_models
    twice = msgspec.structs.replace(known, transcripts=known.transcripts[:1] * 2, chromosomes=known.chromosomes[:1] * 2)
    assert "is written twice; remove one" in told(twice) and "chromosome chr1 of GRCh38: is written twice" in told(twice)
    assert "rules.yaml is missing" in told(msgspec.structs.replace(known, rules=None))
    assert known.rules is not None
    wrong = msgspec.structs.replace(known.rules, splice=msgspec.structs.replace(known.rules.splice, site=9))
    assert "the site within the region" in told(msgspec.structs.replace(known, rules=wrong))
