"""No gene or drug is named in code: what the knowledge names must not stand in an identifier or a string literal."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from nof1.knowledge.load import load

SOURCE = Path(__file__).parents[2] / "src" / "nof1"
# word -> why it may stand in code although the knowledge has it as a name
ALLOWED: dict[str, str] = {
    "MAX": "the greatest of something, in names of constants and in formulas; also the symbol of a gene"
}
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_SOURCE_ID = re.compile(r"\[[a-z0-9.-]+#[^\]]+\]")


@pytest.fixture(scope="module")
def names() -> frozenset[str]:
    known = load()
    words = set(known.genes) | set(known.secondary.genes)
    for drug in known.drugs.values():
        words |= {drug.drug, *drug.also_named}
        words |= {alternative for rule in drug.rules for alternative in rule.alternatives}
    return frozenset(word for word in words if len(word) > 2)


def literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Constant(value=str(text)):
                yield line, _SOURCE_ID.sub("", text)
            case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield line, name.replace("_", " ")
            case ast.Attribute(attr=name):
                yield line, name.replace("_", " ")


def found_in(text: str, names: frozenset[str]) -> set[str]:
    found = names.intersection(_WORD.findall(text))
    return found | {name for name in phrases(names) if name in text} if " " in text else found


@cache
def phrases(names: frozenset[str]) -> tuple[str, ...]:
    """The names of more than one word."""
    return tuple(name for name in names if " " in name)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_gene_or_drug_is_named(path: Path, names: frozenset[str]) -> None:
    hits = [
        f"{path.name}:{line} {name}"
        for line, text in literals(ast.parse(path.read_text()))
        for name in found_in(text, names)
        if name not in ALLOWED
    ]
    assert hits == []


def test_the_check_can_fail(names: frozenset[str]) -> None:
    gene, drug = sorted(names)[0], "clopidogrel"
    tree = ast.parse(f"x = 'about {drug}'\ndef {gene.replace('-', '_')}(): pass\n")
    assert {name for _, text in literals(tree) for name in found_in(text, names)} >= {drug}


def test_sizes_of_functions_and_modules() -> None:
    long = []
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        if text.count("\n") > 400:
            long.append(f"{path.name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 60:
                long.append(f"{path.name} {node.name}: {(node.end_lineno or 0) - node.lineno} lines")
    assert long == []
