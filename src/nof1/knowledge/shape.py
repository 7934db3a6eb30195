"""What every shape of a knowledge file shares: the strict base, and the codes that several files use."""

from __future__ import annotations

from typing import Literal

import msgspec

ActionCode = Literal[
    "contraindicated", "avoid", "alternative", "test_first", "dose", "caution", "monitor", "use", "no_recommendation"
]
Status = Literal["provisional", "machine-read", "clinically-reviewed"]


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of every shape in a knowledge file."""


class DoseSpec(Spec, frozen=True):
    """A change of dose; ``factor`` is a fraction of ``basis``, one number or [low, high]."""

    direction: Literal["", "decrease", "increase", "limit"] = ""
    factor: float | list[float] | None = None
    basis: Literal["", "starting dose", "maintenance dose", "target dose", "normal dose"] = ""
    absolute: list[AbsoluteDose] = []
    interval: str = ""
    if_used: bool = False


class AbsoluteDose(Spec, frozen=True):
    """A dose with its unit; ``kind`` says what it is; ``below`` excludes the value itself."""

    value: float | list[float]
    unit: str
    kind: Literal["start", "target", "maximum", "below"]
