"""Secondary findings within the assessment of one person: whether they are asked for, and what an error means then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nof1.errors import InputError, RequestError
from nof1.genomics.vcf import Quality
from nof1.knowledge.schema import Knowledge
from nof1.model.record import Record
from nof1.model.secondary import CARRIERS, FINDINGS, SecondaryReport

if TYPE_CHECKING:
    from nof1.jobs.one_person import Asked, Gathered
    from nof1.jobs.secondary_ahead import Ahead, Unasked


def look_for(
    genomes: Sequence[Path | str], asked: Asked, day: date, secondary: Unasked | None, known: Knowledge,
    record: Record | None, sex: str,
) -> Ahead | SecondaryReport | None:  # fmt: skip
    """What the report on secondary findings rests on, where the record or the caller speaks of them.

    DNA of a tumour says nothing of the person's own genes. Where only the record asks, what cannot be looked at is told in
    the report, and the rest of the assessment stands.
    """
    if secondary is None and not (record and any(one.code in (FINDINGS, CARRIERS) for one in record.opt_ins)):
        return None
    if asked.specimen == "tumour" and secondary is None:
        return None
    if asked.specimen == "tumour":
        raise RequestError("secondary findings are of the person's own genes; DNA of a tumour does not tell them")
    from nof1.jobs.secondary_ahead import Unasked, look_ahead, not_analysed  # loaded only where it is asked for

    try:
        return look_ahead(known, [Path(path) for path in genomes], record, day, secondary or Unasked(), sex)
    except InputError as error:
        if secondary is not None:
            raise
        return not_analysed(known, str(error))


def reported(
    found: Gathered, genomes: Sequence[Path | str], asked: Asked, identity: Mapping[str, Any], *, has_to: bool
) -> SecondaryReport | None:  # fmt: skip
    """The report. ``has_to``: what cannot be looked at is an error.

    ``identity``: whether X and Y fit the person; of a genome that seems to be somebody else's nothing is told.
    """
    if found.ahead is None or isinstance(found.ahead, SecondaryReport):
        return found.ahead
    from nof1.jobs.secondary import Genome, report_of
    from nof1.jobs.secondary_ahead import not_analysed

    if identity.get("verdict") == "disagree":
        shown = f"declared {identity['declared_sex']}, X and Y show {identity['observed_sex']}"
        return not_analysed(found.known, f"the genome may be another person's ({shown}); settle whose it is first")
    bed = Path(asked.callable_bed) if asked.callable_bed else None
    how = asked.quality or Quality()
    paths, is_reference = [Path(path) for path in genomes], asked.absent == "reference"
    try:
        return report_of(found.ahead, Genome(paths, found.person.name, how, bed, is_reference, asked.build, found.shares))
    except InputError as error:
        if has_to:
            raise
        return not_analysed(found.known, str(error))
