"""Whose advice changes between two editions of the knowledge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nof1.errors import RequestError
from nof1.jobs.one_person import assess
from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.load import load
from nof1.knowledge.schema import Knowledge
from nof1.model.findings import Action, Assessment, DrugAdvice, Recommendation
from nof1.report.words import dose

ABSENT = "not in the knowledge"
_COMPLETE = "certainty.yaml"  # a folder that has it is knowledge of its own; others are laid over what is shipped
_GENOMES = (".vcf", ".vcf.gz", ".bcf", ".g.vcf.gz")
_CALLS, _RECORD = "outside_calls", "record"
_Told = tuple[str, str]  # id and advice; what is asked for


@dataclass(frozen=True, slots=True)
class Changed:
    """One drug of one person: headline before and after (``ABSENT`` for none), and advice that comes and goes."""

    person: str
    drug: str
    before: str
    after: str
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def is_listing(self) -> bool:
        """Whether the drug only becomes listed, or is no longer listed, without any advice on it."""
        return {self.before, self.after} == {ABSENT, Action.NO_RECOMMENDATION.value}


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything that changes: edition names, people looked at, each difference of advice, drugs that are only listed."""

    before: str
    after: str
    people: int
    changes: tuple[Changed, ...]
    listed: tuple[Changed, ...] = ()


def differences(
    old: Path, new: Path, people: Path, *, today: date | None = None, progress: Callable[[int], None] | None = None
) -> Compared:
    """The advice of everybody in the folder ``people`` under the knowledge in ``old`` and ``new``.

    Each person is a folder with genome files, a ``record.*`` or both. A knowledge folder without certainty.yaml is laid over
    what is shipped. Raises ``RequestError`` for a folder that is none, ``KnowledgeError`` for files that are wrong.
    """
    for folder in (old, new, people):
        if not folder.is_dir():
            raise RequestError(f"{str(folder)!r} is no folder; give two knowledge folders and a folder of people")
    before, after = edition(old), edition(new)
    found: list[Changed] = []
    count = 0
    for folder in sorted(path for path in people.iterdir() if path.is_dir()):
        genomes, record, calls = contents(folder)
        if not genomes and record is None:
            continue
        count += 1
        made = [_assessed(known, genomes, record, calls, today) for known in (before, after)]
        found += between(folder.name, *made)
        if progress:
            progress(1)
    if not count:
        raise RequestError(f"{str(people)!r} holds no person; each is a folder with genome files or a {_RECORD} file")
    listed = tuple(item for item in found if item.is_listing)
    changes = tuple(item for item in found if not item.is_listing)
    return Compared(before.edition.digest, after.edition.digest, count, changes, listed)


def edition(folder: Path) -> Knowledge:
    """The knowledge in ``folder``, alone or laid over what is shipped."""
    return load((folder,) if (folder / _COMPLETE).exists() else (SHIPPED, folder))


def contents(folder: Path) -> tuple[list[Path], Path | None, list[Path]]:
    """The genome files, the record and the outside calls in a person's folder."""
    files = sorted(folder.iterdir())
    genomes = [path for path in files if path.name.endswith(_GENOMES)]
    records = [path for path in files if path.name.split(".")[0] == _RECORD]
    return genomes, records[0] if records else None, [path for path in files if path.name.startswith(_CALLS)]


def _assessed(
    known: Knowledge, genomes: Sequence[Path], record: Path | None, calls: Sequence[Path], today: date | None
) -> Assessment:
    return assess(genomes, record=record, outside_calls=calls or None, knowledge=known, today=today)


def between(person: str, before: Assessment, after: Assessment) -> Iterator[Changed]:
    """What differs in the advice on each drug."""
    old, new = ({item.drug: item for item in made.drugs} for made in (before, after))
    for drug in sorted({*old, *new}):
        first, second = _told(old.get(drug)), _told(new.get(drug))
        heads = _headline(old.get(drug)), _headline(new.get(drug))
        added = tuple(_words(one, first) for one in second if one not in first)
        removed = tuple(_words(one, second) for one in first if one not in second)
        if added or removed or heads[0] != heads[1]:
            yield Changed(person, drug, *heads, added, removed)


def _told(item: DrugAdvice | None) -> list[_Told]:
    return [(f"{made.id}: {made.advice}", _asked(made)) for made in item.recommendations] if item else []


def _asked(made: Recommendation) -> str:
    """What a recommendation asks for, whatever its words."""
    parts = [action.value.replace("_", " ") for action in made.actions]
    parts += [dose(made.dose)] if made.dose else []
    parts += [f"instead {', '.join(made.alternatives)}"] if made.alternatives else []
    parts += [f"monitor {', '.join(made.monitor)}"] if made.monitor else []
    return "; ".join(parts)


def _words(one: _Told, others: Sequence[_Told]) -> str:
    """The advice; what it asks for too, where only that differs."""
    text, asked = one
    return f"{text} [{asked}]" if any(text == other for other, _ in others) else text


def _headline(item: DrugAdvice | None) -> str:
    return item.headline.value if item else ABSENT
