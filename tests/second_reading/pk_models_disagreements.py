"""What the second reader of population models and doses found apart from the files, and what came of it.

``TYPICAL`` and ``VARIANCES``: by model; ``DOSING``: by row. ``open`` as long as nobody decided; ``kept``: the file was right or says
what the reader has; ``changed``: the file was wrong; ``provisional``: two readings are possible, the row stays provisional.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Disagreement:
    """What the reader has and what the file has, at ``where`` in ``row`` (the id of a model, or drug/section/kind)."""

    row: str
    where: str
    reader: str
    file: str
    resolution: str


UNSCALED = (
    "kept: nlmixr2lib scales the peripheral volume by a sentence of the methods; table 2, PKPDsim, the supplement of Tong 2026 and two "
    "programs for mrgsolve made from the paper leave it as it is"
)
SIGN = "kept: the same number; the source writes the power with its minus, which the reader left to the formula"
NUMBERS: tuple[Disagreement, ...] = (
    Disagreement("busulfan-lawson-2022", "child_female_power", "1.1", "-1.1", SIGN),
    Disagreement("busulfan-lawson-2022", "child_male_power", "12.7", "-12.7", SIGN),
)
TYPICAL = (
    Disagreement("vancomycin-goti-2018", "A v2", "43.886", "38.4", UNSCALED),
    Disagreement("vancomycin-goti-2018", "B v2", "32.914", "38.4", UNSCALED),
)
VARIANCES = (
    Disagreement(
        "tacrolimus-andrews-2019",
        "eta_occasion",
        "0.018386",
        "0.018327",
        "kept: the restatement writes log(1 + 0.136^2) and misses its value by 0.3 %; the number 13.6 % agrees",
    ),
    Disagreement(
        "vancomycin-thomson-2009",
        "eta_cl eta_v",
        "0.01",
        "none",
        "kept: a covariance of the control stream in the supplement of Tong 2026; a restatement of table 2 of the paper has none, "
        "and the notes of the model say so",
    ),
)
DOSING = (
    Disagreement(
        "vancomycin/target/trough",
        "toxic",
        "15",
        "20",
        "provisional: the table cited says that toxicity is clearly more frequent above 15; the file counts harm from 20 by another "
        "study that its note names; the note now gives both",
    ),
    Disagreement(
        "voriconazole/target/trough_severe",
        "high",
        "5",
        "6",
        "provisional: the table lists ten studies; the reader took the largest (2 to 5, 401 people), the file the one it names (Ueda, "
        "above 2 and below 6, 34 people)",
    ),
    Disagreement(
        "voriconazole/target/trough_severe",
        "toxic",
        "5",
        "6",
        "provisional: as above; the first target counts harm from 5.5",
    ),
    Disagreement(
        "theophylline/ceiling/single",
        "value",
        "4.6",
        "16.8",
        "provisional: the reader took the load over 30 minutes, the file a day's infusion at 0.7 mg/kg an hour as one dose; a ceiling of "
        "0.7 mg/kg an hour was added, without which the file allowed 16.8 mg/kg in any time",
    ),
)
NOT_SEEN = {
    "phenytoin/target/total": "the reader saw the range, not what the source says of toxicity",
    "tobramycin/target/trough-conventional": "the reader saw the figure in texts of laboratories, not in the warning of the label",
}
PLACES = {
    "efavirenz/target/mid_dose": "changed: the range stands with intermediate and poor metabolizers (PA166297893, PA166297894), "
    "not with normal ones (PA166297892), as was cited"
}
# Agreed in every number, and provisional all the same, since nobody published them as a whole.
HELD_BACK = {"phenytoin-yukawa-1990": "joined from four papers: elimination, genotype, volumes and absorption"}
