"""What the parts of the page share: numbers of sources, settings said once, genes, drugs; and links to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nof1.model.findings import Assessment, DrugAdvice, GeneCall, Interaction
from nof1.report import words
from nof1.report.cite import Citations, citations
from nof1.report.markup import Html, link, tag
from nof1.report.reading import record_names


@dataclass(frozen=True, slots=True)
class Shown:
    """Numbers of sources, the setting said once for all, genes and drugs by name, the order of bodies, interactions.

    ``names``: facts of the record in words.
    """

    cite: Citations
    setting: dict[str, str]
    calls: Mapping[str, GeneCall]
    drugs: Mapping[str, DrugAdvice]
    policy: str
    pairs: tuple[Interaction, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def drug(self, name: str) -> Html:
        """The drug's name, linked to its advice where the page has it."""
        return link("d", name, tag("bdi", name)) if name in self.drugs else tag("bdi", name)

    def gene(self, name: str) -> Html:
        """A gene's symbol, linked to its call; another name in bold."""
        return link("g", name) if name in self.calls else tag("b", name)


def shown_of(assessment: Assessment) -> Shown:
    """What the parts of the page of ``assessment`` share."""
    stated = assessment.settings.get("order of bodies", "")
    return Shown(
        citations(assessment),
        words.shared_setting(assessment),
        {call.gene: call for call in assessment.genes},
        {drug.drug: drug for drug in assessment.drugs},
        stated or "the order that this edition's policy gives them",
        assessment.interactions,
        record_names(assessment),
    )
