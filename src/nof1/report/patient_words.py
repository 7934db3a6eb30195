"""Words for the patient: no symbol or code gets in, and what sounds like an order becomes a question to ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nof1.model.findings import Action, Assessment, DrugAdvice
from nof1.report.reading import NOW

_CODE = re.compile(r"\*\d|\brs\d|\b[A-Z]{2,}-?[A-Z]*\d|#\w|\bhttps?:")
_CLAUSE = re.compile(r"(?<=[.;!])\s+")
_NOT_TO_TAKE = re.compile(r"(?:do not|don't|never) (?:take|use|give) (it|both|this|them|these)\b[^.;]*", re.I)
_TO_CHANGE = re.compile(r"(?:stop|halve|double|skip|pause|reduce|lower|increase|take (?:half|less|more|only)) [^.;]*", re.I)
_ASK = {"both": "Ask today whether you should take both"}
_ASK_FIRST = "Ask today whether it is right for you"
_ASK_CHANGE = "Ask before you change anything"
_WORDS = re.compile(r"[A-Za-z][\w-]*")

_QUESTIONS = {
    Action.CONTRAINDICATED: "Is there another medicine that suits me better than {}?",
    Action.AVOID: "Is there another medicine that suits me better than {}?",
    Action.ALTERNATIVE: "Is there another medicine that suits me better than {}?",
    Action.TEST_FIRST: "Do I need a test before I take {}, or while I take it?",
    Action.DOSE: "Is my dose of {} right for me?",
    Action.CAUTION: "What should I look out for with {}?",
    Action.MONITOR: "Which checks do I need with {}?",
}


def questions(drugs: Iterable[tuple[DrugAdvice, str]]) -> list[str]:
    """What to ask about the drugs, each with its name, by the most urgent action; one question for all it fits."""
    asked: dict[str, list[str]] = {}
    for drug, name in drugs:
        if drug.headline in _QUESTIONS:
            asked.setdefault(_QUESTIONS[drug.headline], []).append(name)
    return [text.format(_listed(list(dict.fromkeys(names)))) for text, names in asked.items()]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


@dataclass(frozen=True, slots=True)
class Words:
    """How the record calls each drug, and the symbols that must not reach the patient."""

    names: Mapping[str, str]
    symbols: frozenset[str]

    @classmethod
    def of(cls, assessment: Assessment) -> Words:
        """The words of one assessment; the name of a drug is that of a medication taken now."""
        taken = [item for item in assessment.record.get("medications", ()) if item.get("course") in NOW]
        names = {drug: item.get("text") or drug for item in reversed(taken) for drug in item.get("drugs", ())}
        return cls(names, frozenset(call.gene for call in assessment.genes))

    def name(self, drug: str) -> str:
        """The drug as the record writes it."""
        return self.names.get(drug, drug)

    def safe(self, text: str) -> str:
        """The wording with every order made a question; empty where it holds a symbol or a code.

        >>> Words({}, frozenset({"ABC"})).safe("Do not take both; speak to your doctor.")
        'Ask today whether you should take both; speak to your doctor.'
        >>> Words({}, frozenset({"ABC"})).safe("Your ABC is slow.")
        ''
        """
        if not text or _CODE.search(text) or self.symbols & set(_WORDS.findall(text)):
            return ""
        return " ".join(_asked(clause) for clause in _CLAUSE.split(text))


def _asked(clause: str) -> str:
    """A clause that tells to leave out or to change a medicine as advice to ask; any other as it is."""
    end = clause[-1] if clause[-1] in ".;!" else ""
    if found := _NOT_TO_TAKE.match(clause):
        return _ASK.get(found[1].lower(), _ASK_FIRST) + end
    return _ASK_CHANGE + end if _TO_CHANGE.match(clause) else clause
