"""Reads the public tables that the drug terms are made from: RxCUIs by name, FDA's names of substances, ATC codes."""

from __future__ import annotations

import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent / "drug_terms"
KNOWS_RXNORM = {"cpic", "ndfrt", "unii"}
CHAPTERS = ("A", "B", "C", "G", "H", "J", "L", "M", "N", "P", "R", "V08")
OFFICIAL = re.compile(r"INN|USAN|ORANGE BOOK|VANDF|EMA EPAR|WHO-DD|JAN|MART\.|EP MONOGRAPH|USP MONOGRAPH|BAN|WHO-IP")
SALTS = set((HERE / "salt_words.txt").read_text(encoding="utf-8").split())
MINERALS = set((HERE / "minerals.txt").read_text(encoding="utf-8").split())
NAME = re.compile(r"[a-z][a-z'-]+(?: [a-z0-9'-]+){0,3}")
BRAND = re.compile(r"[a-z]{5,}")


def table(path: Path, delimiter: str = "\t") -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def tidy(text: str) -> str:
    return " ".join(text.lower().split())


def stated_codes(reference: Path) -> dict[str, dict[str, set[str]]]:
    """Table -> name -> RxCUIs."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    terms, ddi = reference / "terms/drug_terms", reference / "terms/ddi"
    for row in table(terms / "ndfrt_rxnorm_names_2014.tsv.gz"):
        name = row["drugname"].removesuffix(" [Chemical/Ingredient]")
        if "[" not in name:
            found["ndfrt"][tidy(name)].add(row["rxcui"])
    for row in table(terms / "fda_unii_rxcui_drugbank_chebi_2014.tsv.gz"):
        found["unii"][tidy(row["FDA_PreferredTerm"])].add(row["RxNorm_CUI"])
    for row in table(terms / "cpic_drugs_2020.tsv"):
        found["cpic"][tidy(row["name"])].add(row["rxnormid"])
    for row in table(reference / "pgx/pypgx_tables/cpic-table.csv", ","):
        found["cpic"][tidy(row["Drug"])].update(part.strip() for part in row["RxNorm"].split(","))
    for row in table(ddi / "worldvista_ansm_groups_2016.tsv"):
        found["worldvista"][tidy(row["Drug Name"])].add(row["RxNorm"].strip())
    for row in table(terms / "ansm_substances_rxnorm.tsv"):
        found["ansm"][tidy(row["substance"])].add(row["RxNorm"].strip())
    return {
        name: {key: {code for code in codes if code.isdigit()} for key, codes in rows.items()}
        for name, rows in found.items()
    }


def agreed_codes(stated: dict[str, dict[str, set[str]]]) -> dict[str, dict[str, set[str]]]:
    """RxCUI -> name -> tables that agree on it."""
    support: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for source, rows in stated.items():
        for name, codes in rows.items():
            for code in codes:
                support[name][code].add(source)
    agreed: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for name, codes_of in support.items():
        good = [code for code, sources in codes_of.items() if len(sources) > 1]
        rivals = set().union(*(sources for code, sources in codes_of.items() if code not in good))
        if len(good) == 1 and not rivals & KNOWS_RXNORM:
            agreed[good[0]][name] = codes_of[good[0]]
    return agreed


class Unii:
    """Names by FDA's substance identifier: the preferred name, other official names, brand names, parts of products."""

    def __init__(self, path: Path) -> None:
        self.shown: dict[str, str] = {}
        self.official: dict[str, set[str]] = defaultdict(set)
        self.brands: dict[str, set[str]] = defaultdict(set)
        self.parts: dict[str, set[str]] = defaultdict(set)  # product -> identifiers
        self.medicines: set[str] = set()
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                self._take(row["Name"], row["TYPE"], row["UNII"], tidy(row["Display Name"]))
        self.by_name: dict[str, str] = {}
        for code, name in self.shown.items():
            self.by_name[name] = code
        for code, names in self.official.items():
            for name in names:
                self.by_name.setdefault(name, code)

    def _take(self, raw: str, kind: str, code: str, shown: str) -> None:
        self.shown[code] = shown
        tagged = re.fullmatch(r"(.*?) \[([^\]]+)\]", raw)
        name, tag = (tidy(tagged[1]), tagged[2]) if tagged else (tidy(raw), "")
        if tag in ("INN", "ORANGE BOOK"):
            self.medicines.add(code)
        product, _, part = name.partition(" component ")
        if part:
            self.parts[product].add(code)
        elif (kind == "of" or OFFICIAL.fullmatch(tag)) and NAME.fullmatch(name):
            self.official[code].add(name)
        elif kind == "bn" and BRAND.fullmatch(name):
            self.brands[code].add(name)


def base_of(name: str, known: Iterable[str]) -> str:
    """The name without its salt words, where what is left is a known name; else empty."""
    words = name.split()
    while len(words) > 1 and words[-1] in SALTS and words[0] not in MINERALS:
        words = words[:-1]
        if " ".join(words) in known:
            return " ".join(words)
    return ""


def bare(name: str) -> str:
    """The name without its salt words; the salts of minerals are names of their own."""
    words = name.split()
    while len(words) > 1 and words[-1] in SALTS and words[0] not in MINERALS:
        words = words[:-1]
    return " ".join(words)


def atc_codes(path: Path, moved: list[tuple[str, str]]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Name -> codes, of the list as it holds today, and of what was read in the newer index."""
    gone = {code for code, name in moved if not name}
    listed: dict[str, set[str]] = defaultdict(set)
    for code, name, *_ in csv.reader(path.read_text(encoding="utf-8").splitlines()):
        if len(code) == 7 and code.startswith(CHAPTERS) and code not in gone and "," not in name:
            listed[tidy(re.sub(r" \(vit.*\)| \(levorotatory\)| \(citrate\)", "", name, flags=re.I))].add(code)
    newer: dict[str, set[str]] = defaultdict(set)
    for code, name in moved:
        if name:
            newer[name].add(code)
    return listed, newer
