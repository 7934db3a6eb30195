"""Changes since 2024 as a second reader coded them from the cited sources (``known_changes_blind.tsv``), against the rules.

The sources were opened and coded before the bodies of the rules were; the column ``opened`` says how far each could be read.
Whom "complete" and "partial" deficiency mean as scores, and whether "likely poor" is poor, was settled only afterwards, as
CPIC words it (scores 0 and 0.5: complete DPD deficiency). Every disagreement stands in ``DISAGREEMENTS``.
"""

from __future__ import annotations

import csv
import hashlib
import re
from functools import cache
from pathlib import Path

from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.lookup import accepts
from nof1.knowledge.schema import DrugFile, Rule
from nof1.knowledge.tables import read_yaml

TABLE = Path(__file__).with_name("known_changes_blind.tsv")
READ_ON = "2026-11-25"
SHA256 = "07508bb293a787f1e659caae51b46bbc612d819727061fdea501ee8c3f068f30"  # as it stood before the rules were opened
FOLDERS = {"cpic": "CPIC", "ema": "EMA", "fda_label": "FDA"}
WHOLE = "guidance file, whole entry"  # anything else in the column "opened" is an excerpt
ASPECTS = ("actions", "situations", "direction", "figures", "alternatives", "strength")
PEOPLE = {  # situations of labels -> values of the gene, each asked by itself
    "not tested": ["no_result"],
    "complete deficiency": ["0.0", "0.5"],
    "partial deficiency": ["1.0", "1.5"],
    "poor": ["Poor Metabolizer", "Likely Poor Metabolizer"],
    "intermediate, normal, rapid, ultrarapid": [
        "Intermediate Metabolizer",
        "Likely Intermediate Metabolizer",
        "Normal Metabolizer",
        "Rapid Metabolizer",
        "Ultrarapid Metabolizer",
    ],
    "not known": ["no_result", "Indeterminate"],
}
# (who is meant, aspect) -> (the second reader, the rules, what came of it)
DISAGREEMENTS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("CPIC/azathioprine/poor for one gene at least", "alternatives"): (
        "named",
        "",
        "a class and no drug: told in the advice",
    ),
    ("CPIC/mercaptopurine/poor for one gene at least", "alternatives"): (
        "named",
        "",
        "a class and no drug: told in the advice",
    ),
    ("CPIC/hydralazine/rapid, intermediate", "situations"): (
        "1",
        "2",
        "one rule for each of the two results, with the same advice",
    ),
    ("CPIC/hydralazine/poor", "figures"): (
        "200+40+75",
        "40+75",
        "200 mg is where caution begins, no dose: told in the advice",
    ),
    ("CPIC/metoprolol/score 0", "alternatives"): (
        "named",
        "",
        "a class and no drug: told in the advice",
    ),
    ("EMA/flucytosine/partial deficiency: 1.0", "actions"): (
        "avoid+monitor",
        "caution+monitor",
        "stopping at severe side effects is what the monitoring is for; caution for the stated risk",
    ),
    ("EMA/flucytosine/partial deficiency: 1.5", "actions"): (
        "avoid+monitor",
        "caution+monitor",
        "stopping at severe side effects is what the monitoring is for; caution for the stated risk",
    ),
    ("EMA/mavacamten/poor: Poor Metabolizer", "direction"): (
        "decrease",
        "limit",
        "half the usual start and a maximum: both words hold",
    ),
    ("EMA/mavacamten/poor: Likely Poor Metabolizer", "direction"): (
        "decrease",
        "limit",
        "half the usual start and a maximum: both words hold",
    ),
    ("EMA/mavacamten/intermediate, normal, rapid, ultrarapid: Intermediate Metabolizer", "figures"): (
        "15+5",
        "",
        "the usual dose is no change of dose; the advice tells its start",
    ),
    ("EMA/mavacamten/intermediate, normal, rapid, ultrarapid: Likely Intermediate Metabolizer", "figures"): (
        "15+5",
        "",
        "the usual dose is no change of dose; the advice tells its start",
    ),
    ("EMA/mavacamten/intermediate, normal, rapid, ultrarapid: Normal Metabolizer", "figures"): (
        "15+5",
        "",
        "the usual dose is no change of dose; the advice tells its start",
    ),
    ("EMA/mavacamten/intermediate, normal, rapid, ultrarapid: Rapid Metabolizer", "figures"): (
        "15+5",
        "",
        "the usual dose is no change of dose; the advice tells its start",
    ),
    ("EMA/mavacamten/intermediate, normal, rapid, ultrarapid: Ultrarapid Metabolizer", "figures"): (
        "15+5",
        "",
        "the usual dose is no change of dose; the advice tells its start",
    ),
    ("EMA/mavacamten/not known: no_result", "direction"): (
        "decrease",
        "limit",
        "half the usual start and a maximum: both words hold",
    ),
    ("EMA/mavacamten/not known: Indeterminate", "direction"): (
        "decrease",
        "limit",
        "half the usual start and a maximum: both words hold",
    ),
    ("FDA/capecitabine/not tested: no_result", "actions"): (
        "test_first+use",
        "test_first",
        "no advice to use: the exception is told in the advice",
    ),
    ("FDA/capecitabine/partial deficiency: 1.0", "actions"): (
        "dose",
        "dose+monitor",
        "changing the dose by how it is tolerated asks to watch for that",
    ),
    ("FDA/capecitabine/partial deficiency: 1.5", "actions"): (
        "dose",
        "dose+monitor",
        "changing the dose by how it is tolerated asks to watch for that",
    ),
    ("FDA/fluorouracil/not tested: no_result", "actions"): (
        "test_first+use",
        "test_first",
        "no advice to use: the exception is told in the advice",
    ),
    ("FDA/fluorouracil/partial deficiency: 1.0", "actions"): (
        "dose",
        "dose+monitor",
        "changing the dose by how it is tolerated asks to watch for that",
    ),
    ("FDA/fluorouracil/partial deficiency: 1.5", "actions"): (
        "dose",
        "dose+monitor",
        "changing the dose by how it is tolerated asks to watch for that",
    ),
}


@cache
def readings() -> tuple[dict[str, str], ...]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file, delimiter="\t"))


@cache
def files() -> dict[tuple[str, str], DrugFile]:
    problems: list[str] = []
    found = {}
    for folder, body in FOLDERS.items():
        for path in sorted((SHIPPED / "guidelines" / folder).glob("*.yaml")):
            file = read_yaml(path, DrugFile, problems.append)
            if file is not None:
                found[body, file.drug] = file
    assert problems == []
    return found


def text(found: set[str]) -> str:
    return "+".join(sorted(found))


def read(row: dict[str, str]) -> dict[str, str]:
    """What the second reader says of each aspect."""
    actions = {action for action in row["unconditional"].split("+") if action}
    actions |= {part.split(" @ ")[0].strip() for part in row["conditional"].split(";") if " @ " in part}
    figures = " ".join(part for part in row["figures"].split(";") if "days a week" not in part)
    return {
        "actions": text(actions),
        "situations": str(row["conditional"].count(" @ ") if not row["unconditional"] else 1),
        "direction": row["direction"],
        "figures": text(set(re.findall(r"(?<![a-z])\d+(?:\.\d+)?", figures))),
        "alternatives": "named" if row["alternatives"] else "",
        "strength": row["strength"] or "not_applicable",
    }


def coded(rules: list[Rule]) -> dict[str, str]:
    """What rules say of each aspect, together."""
    doses = [rule.dose for rule in rules if rule.dose]
    values = [value for dose in doses for value in (dose.factor, *(amount.value for amount in dose.absolute)) if value]
    numbers = [number for value in values for number in (value if isinstance(value, list) else [value])]
    return {
        "actions": text({action for rule in rules for action in rule.actions}),
        "situations": str(len(rules)),
        "direction": text({dose.direction for dose in doses}),
        "figures": text({f"{number:g}" for number in numbers}),
        "alternatives": "named" if any(rule.alternatives for rule in rules) else "",
        "strength": text({rule.strength for rule in rules}),
    }


def asked(row: dict[str, str]) -> list[tuple[str, list[Rule]]]:
    """Who is meant, with the rules: by the cited rows, or by the value a person of a label's situation has."""
    file = files()[row["body"], row["drug"]]
    name = f"{row['body']}/{row['drug']}/{row['situation']}"
    if row["body"] == "CPIC":
        return [(name, [rule for rule in file.rules if set(row["place"].split()) & set(rule.rows)])]
    gene = row["gene"]
    return [
        (
            f"{name}: {value}",
            [rule for rule in file.rules if any(any(accepts(one, value) for one in case[gene]) for case in rule.when)],
        )
        for value in PEOPLE[row["situation"]]
    ]


@cache
def compared() -> dict[tuple[str, str], tuple[str, str]]:
    found = {}
    for row in readings():
        mine = read(row)
        for name, rules in asked(row):
            theirs = coded(rules)
            found |= {(name, aspect): (mine[aspect], theirs[aspect]) for aspect in ASPECTS}
    return found


@cache
def agreed() -> frozenset[tuple[str, str, str]]:
    """The rules, by body, drug and id, on which both readings agree in every aspect and whose source was read whole."""
    apart = {name for (name, _), (mine, theirs) in compared().items() if mine != theirs}
    is_whole: dict[tuple[str, str, str], bool] = {}
    for row in readings():
        for name, rules in asked(row):
            for rule in rules:
                key = row["body"], row["drug"], rule.id
                is_whole[key] = is_whole.get(key, True) and name not in apart and row["opened"] == WHOLE
    return frozenset(key for key, whole in is_whole.items() if whole)


def test_the_reading_is_the_one_made_without_sight_of_the_rules():
    assert hashlib.sha256(TABLE.read_bytes()).hexdigest() == SHA256


def test_every_file_was_read():
    assert {(row["body"], row["drug"]) for row in readings()} == set(files())


def test_every_row_of_a_guideline_has_the_place_the_second_reader_gave_it():
    for row in readings():
        if row["body"] != "CPIC":
            continue
        ((name, rules),) = asked(row)
        assert {place for rule in rules for place in rule.rows} == set(row["place"].split()), name


def test_every_disagreement_is_known_and_every_known_one_stands():
    apart = {key: pair for key, pair in compared().items() if pair[0] != pair[1]}
    assert apart == {key: (mine, theirs) for key, (mine, theirs, _) in DISAGREEMENTS.items()}
    assert all(resolution for *_, resolution in DISAGREEMENTS.values())


def test_a_rule_with_a_disagreement_or_read_from_an_excerpt_is_not_called_machine_read():
    read = {(*key, rule.id) for key, file in files().items() for rule in file.rules if rule.status == "machine-read"}
    assert read and read <= agreed()


def test_agreement(capsys):
    """Prints the agreement; on actions and strengths of CPIC's rows it is complete."""
    total = len({name for name, _ in compared()})
    apart = {one: sum(1 for (_, aspect), (a, b) in compared().items() if aspect == one and a != b) for one in ASPECTS}
    with capsys.disabled():
        said = ", ".join(f"{aspect} {total - number}/{total}" for aspect, number in apart.items())
        still = sum(1 for *_, resolution in DISAGREEMENTS.values() if resolution == "open")
        print(f"\nKnown changes, second reading of {READ_ON}: {said}; {still} open")
    cpic = {
        key: pair for key, pair in compared().items() if key[0].startswith("CPIC/") and key[1] in ("actions", "strength")
    }
    assert all(mine == theirs for mine, theirs in cpic.values())
