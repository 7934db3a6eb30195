"""What an assessment gains beyond drugs: secondary findings, risks, the family, and a plan of prevention."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec

from nof1.assessment.cited import sources
from nof1.knowledge.schema import Knowledge
from nof1.model.findings import Assessment
from nof1.model.record import Record
from nof1.model.secondary import SecondaryReport


def joined(
    made: Assessment, known: Knowledge, record: Record | None, today: date, report: SecondaryReport | None
) -> Assessment:
    """``made`` with the sections ``variants``, ``secondary``, ``risks``, ``family`` and ``plan``, and their sources.

    Risks and the plan need a record, and somebody who lives.
    """
    found = report.findings if report is not None else ()
    if record is None or record.died is not None or record.details.get("is_dead"):
        whole = replace(made, variants=found, secondary=report)
    else:
        from nof1.jobs.prevention import prevented  # loaded only where there is a record
        from nof1.jobs.risks import risks_of

        risks = risks_of(known, record, today, is_brief=True)
        told = prevented(known, record, today, risks, found)
        whole = replace(
            made,
            variants=found,
            secondary=report,
            risks=risks,
            pedigree=told.pedigree,
            family_rules=tuple(msgspec.json.decode(msgspec.json.encode(one)) for one in told.rules),
            plan=told.plan.actions,
        )
    return replace(whole, sources=sources(known, whole))
