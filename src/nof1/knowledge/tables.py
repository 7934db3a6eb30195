"""Reads one knowledge file into its shape, or says what is wrong with it: file, row, value, remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from nof1.knowledge.permitted import remedy
from nof1.knowledge.schema import SCHEMA

Shape = TypeVar("Shape", bound=msgspec.Struct)
Problem = Callable[[str], None]

MAX_BYTES = 256 * 1024


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that refuses a key written twice."""


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    for key in keys:
        if isinstance(key, dict | list | set):
            raise yaml.MarkedYAMLError(problem="a key is no plain word", problem_mark=node.start_mark)
        if keys.count(key) > 1:
            raise yaml.MarkedYAMLError(problem=f"key {key!r} is written twice", problem_mark=node.start_mark)
    return {key: loader.construct_object(value, deep=True) for key, (_, value) in zip(keys, node.value, strict=True)}


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path, shape: type[Shape], problem: Problem) -> Shape | None:
    """The file as ``shape``; ``None`` after telling ``problem`` what is wrong."""
    text = _read(path, problem)
    if text is None:
        return None
    try:
        raw = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" line {mark.line + 1}" if mark else ""
        said = " ".join(str(getattr(error, "problem", error)).split())
        problem(f"{path.name}{place}: {said}; mend the YAML")
        return None
    except (ValueError, OverflowError) as error:  # a date or number that does not exist
        problem(f"{path.name}: {error}; mend the YAML")
        return None
    if isinstance(raw, dict) and raw.get("schema") != SCHEMA:
        problem(f"{path.name}: schema is {raw.get('schema')!r}; this version reads schema: {SCHEMA}")
        return None
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        problem(f"{path.name}: {error}; {remedy(str(error), shape)}")
        return None


def read_tsv(path: Path, shape: type[Shape], problem: Problem) -> list[Shape]:
    """Every row of a table as ``shape``; rows that do not fit are told and left out.

    The columns are the fields of ``shape`` in order. Those with a default may be left out, all of them together; an
    empty cell is then the default.
    """
    text = _read(path, problem)
    if text is None:
        return []
    lines = text.split("\n")
    fields = msgspec.structs.fields(shape)
    columns = lines[0].split("\t")
    optional = {field.name for field in fields if not field.required}
    everything = [field.name for field in fields]
    if columns not in (everything, [name for name in everything if name not in optional]):
        problem(f"{path.name} row 1: columns are {lines[0]!r}; expected {' '.join(everything)} separated by tabs")
        return []
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if line == "":
            if number != len(lines):
                problem(f"{path.name} row {number}: empty; remove the line")
            continue
        cells = line.split("\t")
        if len(cells) != len(columns):
            problem(f"{path.name} row {number}: {len(cells)} cells; expected {len(columns)}")
            continue
        raw: dict[str, Any] = {name: cell for name, cell in zip(columns, cells, strict=True) if cell or name not in optional}
        if "alts" in raw:
            raw["alts"] = raw["alts"].split(",")
        try:
            rows.append(msgspec.convert(raw, shape, strict=False))
        except msgspec.ValidationError as error:
            problem(f"{path.name} row {number}: {error}; {remedy(str(error), shape)}")
    return rows


def _read(path: Path, problem: Problem) -> str | None:
    try:
        data = path.read_bytes()
    except OSError as error:
        problem(f"{path.name}: cannot be read ({error.strerror}); every gene needs gene.yaml, positions.tsv, alleles.tsv")
        return None
    if len(data) > MAX_BYTES:
        problem(f"{path.name}: {len(data)} bytes; keep a knowledge file below {MAX_BYTES}, split it")
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        problem(f"{path.name} byte {error.start}: not UTF-8; save it as UTF-8")
        return None
