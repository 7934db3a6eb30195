"""What is said of one gene of the list: whether enough was read to call it negative, and everything against that."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nof1.knowledge.secondary import SecondaryGene, SitePolicy
from nof1.model.secondary import GeneLooked, GeneStatus
from nof1.model.variants import GeneCoverage
from nof1.variants.onset import Disclosure

_NOBODY_SAYS = "no file says which of its bases were read"
_NO_ROWS = "no table that was looked up has an allele of this gene that could count"
_DISCREET = "not everything that the files say of it could be assessed"
_NO_COPIES = "copy number was not assessed"


def looked_at(
    gene: SecondaryGene,
    seen: GeneCoverage | None,
    has_finding: bool,
    told: Disclosure,
    policy: SitePolicy,
    kept_out: Sequence[str] = (),
    *,
    is_discreet: bool = False,
) -> GeneLooked:
    """The line of ``gene``. ``kept_out``: what was found and is not told as a finding, in words.

    ``is_discreet``: one copy is no finding and carrier states were not asked for, so what is carried is not named.
    It is negative only where enough of it was read, and every place of an allele that would be a finding.
    """
    if told.is_withheld and not has_finding:
        return GeneLooked(gene.gene, GeneStatus.WITHHELD, math.nan, "", False, told.reason)
    seen = seen or GeneCoverage(gene.gene, math.nan)
    gaps = _gaps(seen, is_discreet=is_discreet)
    if has_finding:
        return _line(seen, GeneStatus.FINDING, [*gaps, *kept_out])
    if math.isnan(seen.share):
        return _line(seen, GeneStatus.NOT_ASSESSED, [_NOBODY_SAYS, *gaps, *kept_out])
    read = f"{seen.share:.1%} of its coding bases were read"
    if seen.share < policy.assessed_share:
        asked = f"{read}; {policy.assessed_share:.0%} are asked for"
        return _line(seen, GeneStatus.NOT_ASSESSED, [asked, *gaps, *kept_out])
    if seen.known == 0:
        return _line(seen, GeneStatus.NOT_ASSESSED, [read, _NO_ROWS, *gaps, *kept_out])
    copies = [] if seen.copy_number_assessed else [_NO_COPIES]
    status = GeneStatus.PARTLY_ASSESSED if gaps else GeneStatus.ASSESSED_NEGATIVE
    return _line(seen, status, [read, *gaps, *copies, *kept_out])


def _line(seen: GeneCoverage, status: GeneStatus, words: Sequence[str]) -> GeneLooked:
    return GeneLooked(
        seen.gene, status, seen.share, seen.basis, seen.copy_number_assessed, "; ".join(words), seen.sites,
        seen.unread_sites, seen.first_unread,
    )  # fmt: skip


def _gaps(seen: GeneCoverage, *, is_discreet: bool) -> list[str]:
    """What stands against calling the gene negative, in words."""
    found = []
    if seen.unread_sites:
        more = seen.unread_sites - len(seen.first_unread)
        named = ", ".join(seen.first_unread) + (f" and {more} more" if more > 0 else "")
        found.append(f"not read at {seen.unread_sites} of {seen.sites} places of known disease-causing alleles: {named}")
    if is_discreet and (seen.nameless or seen.unassessed):
        return [*found, _DISCREET]
    if seen.nameless:
        found.append(f"carries what no file tells the sequence of: {_first(seen.nameless)}")
    if seen.unassessed:
        found.append(f"carries alleles that no table knows and whose effect was not assessed: {_first(seen.unassessed)}")
    return found


def _first(texts: Sequence[str], shown: int = 3) -> str:
    return ", ".join(texts[:shown]) + (f" and {len(texts) - shown} more" if len(texts) > shown else "")
