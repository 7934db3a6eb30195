"""Relationships as records code them (HL7 v3 RoleCode): the way from a person to a relative, step by step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relationship:
    """How a relative is reached. ``words``: for a reader; ``sex``: where the relationship tells it.

    ``steps``, from the person on: ``m`` the mother, ``f`` the father, ``p`` a parent (which one is not said), ``s`` a full
    brother or sister, ``h`` a half one, ``c`` a child, ``x`` a partner. Empty: of the family, but by no blood or by a way
    that is not said. ``twins``: ``identical``, ``fraternal``, ``twins`` (which kind is not said) or empty.
    """

    words: str
    steps: str
    sex: str = ""
    twins: str = ""

    @property
    def is_by_blood(self) -> bool:
        """Whether the relative shares ancestors with the person."""
        return bool(self.steps) and "x" not in self.steps


_FEMALE, _MALE = "female", "male"
_ROWS = (
    ("MTH NMTH", "mother", "m", _FEMALE),
    ("FTH NFTH", "father", "f", _MALE),
    ("PRN NPRN", "parent", "p", ""),
    ("SIS NSIS", "sister", "s", _FEMALE),
    ("BRO NBRO", "brother", "s", _MALE),
    ("SIB NSIB", "brother or sister", "s", ""),
    ("HSIS", "half-sister", "h", _FEMALE),
    ("HBRO", "half-brother", "h", _MALE),
    ("HSIB", "half-sibling", "h", ""),
    ("DAU DAUC", "daughter", "c", _FEMALE),
    ("SON SONC", "son", "c", _MALE),
    ("CHILD NCHILD", "child", "c", ""),
    ("MGRMTH", "maternal grandmother", "mm", _FEMALE),
    ("MGRFTH", "maternal grandfather", "mf", _MALE),
    ("MGRPRN", "maternal grandparent", "mp", ""),
    ("PGRMTH", "paternal grandmother", "fm", _FEMALE),
    ("PGRFTH", "paternal grandfather", "ff", _MALE),
    ("PGRPRN", "paternal grandparent", "fp", ""),
    ("GRMTH", "grandmother", "pm", _FEMALE),
    ("GRFTH", "grandfather", "pf", _MALE),
    ("GRPRN", "grandparent", "pp", ""),
    ("MGGRMTH", "maternal great-grandmother", "mpm", _FEMALE),
    ("MGGRFTH", "maternal great-grandfather", "mpf", _MALE),
    ("MGGRPRN", "maternal great-grandparent", "mpp", ""),
    ("PGGRMTH", "paternal great-grandmother", "fpm", _FEMALE),
    ("PGGRFTH", "paternal great-grandfather", "fpf", _MALE),
    ("PGGRPRN", "paternal great-grandparent", "fpp", ""),
    ("GGRMTH", "great-grandmother", "ppm", _FEMALE),
    ("GGRFTH", "great-grandfather", "ppf", _MALE),
    ("GGRPRN", "great-grandparent", "ppp", ""),
    ("MAUNT", "maternal aunt", "ms", _FEMALE),
    ("MUNCLE", "maternal uncle", "ms", _MALE),
    ("PAUNT", "paternal aunt", "fs", _FEMALE),
    ("PUNCLE", "paternal uncle", "fs", _MALE),
    ("AUNT", "aunt", "ps", _FEMALE),
    ("UNCLE", "uncle", "ps", _MALE),
    ("MCOUSN", "maternal cousin", "msc", ""),
    ("PCOUSN", "paternal cousin", "fsc", ""),
    ("COUSN", "cousin", "psc", ""),
    ("NIECE", "niece", "sc", _FEMALE),
    ("NEPHEW", "nephew", "sc", _MALE),
    ("NIENEPH", "niece or nephew", "sc", ""),
    ("GRNDDAU", "granddaughter", "cc", _FEMALE),
    ("GRNDSON", "grandson", "cc", _MALE),
    ("GRNDCHILD", "grandchild", "cc", ""),
    ("WIFE", "wife", "x", _FEMALE),
    ("HUSB", "husband", "x", _MALE),
    ("SPS", "spouse", "x", ""),
    ("SIGOTHR DOMPART FMRSPS", "partner", "x", ""),
)
_TWINS = (
    ("TWINSIS", "twin sister", _FEMALE, "twins"),
    ("TWINBRO", "twin brother", _MALE, "twins"),
    ("TWIN", "twin", "", "twins"),
    ("FTWINSIS", "fraternal twin sister", _FEMALE, "fraternal"),
    ("FTWINBRO", "fraternal twin brother", _MALE, "fraternal"),
    ("FTWIN", "fraternal twin", "", "fraternal"),
    ("ITWINSIS", "identical twin sister", _FEMALE, "identical"),
    ("ITWINBRO", "identical twin brother", _MALE, "identical"),
    ("ITWIN", "identical twin", "", "identical"),
)
RELATIONSHIPS = {
    **{code: Relationship(words, steps, sex) for codes, words, steps, sex in _ROWS for code in codes.split()},
    **{code: Relationship(words, "s", sex, kind) for code, words, sex, kind in _TWINS},
}
"""By code of v3 RoleCode; adoptive, step, foster and in-law relationships are not here: they are not by blood."""

_WORDS = {row.words: row for row in RELATIONSHIPS.values()}


def by_words(words: str) -> Relationship | None:
    """The relationship that is called so, where a record has words and no code.

    >>> by_words("Maternal Aunt").steps
    'ms'
    """
    return _WORDS.get(" ".join(words.lower().replace("natural ", "").split()))
