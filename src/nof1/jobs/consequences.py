"""Consequences of one person's variants: sequence out of the reference, transcripts out of the knowledge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nof1.errors import KnowledgeError
from nof1.genomics.fasta import Fasta
from nof1.knowledge.gene_models import GeneModels
from nof1.model.transcripts import Transcript
from nof1.model.variants import Consequence, ObservedVariant
from nof1.variants.consequence import Rules, not_assessed
from nof1.variants.decay import DecayDistances
from nof1.variants.reading import Reading, read
from nof1.variants.regions import Distances
from nof1.variants.together import observed_consequences

_MARGIN = 5_000  # bases on either side of a transcript, so that a change at its end can be moved and named


def rules_of(models: GeneModels) -> Rules:
    """The distances of ``gene_models/rules.yaml``. Raises ``KnowledgeError`` where there is none."""
    if models.rules is None:
        raise KnowledgeError(["gene_models/rules.yaml is missing; add it to the knowledge in use"])
    splice, decay = models.rules.splice, models.rules.decay
    return Rules(
        Distances(splice.site, splice.region_exon, splice.region_intron), DecayDistances(decay.junction, decay.start)
    )


def reading_of(transcript: Transcript, fasta: Fasta | None) -> Reading | str:
    """``transcript`` with its sequence, or why it has none."""
    if fasta is None:
        return "no reference sequence was given"
    window = fasta.window(transcript.chromosome, max(1, transcript.start - _MARGIN), transcript.end + _MARGIN)
    reading = read(transcript, window)
    if reading is None:
        return f"{fasta.path.name} lacks the sequence of {transcript.gene}"
    trouble = reading.trouble()
    return f"{fasta.path.name} does not fit {transcript.id}: {trouble}" if trouble else reading


def consequences_on(
    transcripts: Iterable[Transcript], observed: Sequence[ObservedVariant], fasta: Fasta | None, models: GeneModels
) -> list[list[Consequence]]:
    """For each of ``observed``, its consequence on each transcript that it lies in, or the ``reason`` why none is told."""
    rules = rules_of(models)
    found: list[list[Consequence]] = [[] for _ in observed]
    for transcript in transcripts:
        inside = [number for number, one in enumerate(observed) if _is_in(transcript, one)]
        if not inside:
            continue
        reading = reading_of(transcript, fasta)
        here = [observed[number] for number in inside]
        if isinstance(reading, str):
            told = [not_assessed(transcript, reading) for _ in here]
        else:
            told = observed_consequences(reading, here, rules)
        for number, one in zip(inside, told, strict=True):
            found[number].append(one)
    return found


def _is_in(transcript: Transcript, one: ObservedVariant) -> bool:
    allele = one.allele
    last = allele.position + max(len(allele.ref) - 1, 0)
    return allele.chromosome == transcript.chromosome and transcript.is_near(allele.position, last)
