"""Reads scoring files of the PGS Catalog and of others in its columns; every row gets a weight or the reason why not."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from pathlib import Path

from nof1.errors import RequestError
from nof1.knowledge.score_header import build_named, declared_number, split_header, stated, weights_taken
from nof1.knowledge.score_rows import DOSAGES, Rows
from nof1.model.scores import ScoreAbout, ScoringFile

_MOST_BYTES = 4 << 30
_EARLIER = {"reference_allele": "other_allele", "rsid": "rsID"}
_ASK = "give a scoring file of the PGS Catalog (with hm_chr and hm_pos), or one with its columns"


def read_score(path: Path, build: str = "") -> ScoringFile:
    """A scoring file, plain or gzip. ``build``: of its own positions, where the header does not say.

    Raises ``RequestError`` with the line, the value and the way out for a file that is none, is cut short, or has a row that
    says nothing usable. Rows that name what cannot be scored (haplotypes, interactions) are kept with their ``Fate``.
    """
    data = _bytes(path)
    try:
        text = unpacked(data, _MOST_BYTES) if data[:2] == b"\x1f\x8b" else data
        if len(text) > _MOST_BYTES:
            raise RequestError(f"{path}: more than {_MOST_BYTES >> 30} GB unpacked; {_ASK}")
        lines = iter(io.StringIO(text.decode("utf-8-sig")))
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise RequestError(
            f"{path}: is cut short or damaged (the compressed data ends early); copy the file again"
        ) from None
    except UnicodeDecodeError:
        raise RequestError(f"{path}: is no text; {_ASK}") from None
    said, names, number, rest = split_header(lines)
    if build and not build_named(build):
        raise RequestError(f"build of {path.name} is {build!r}; give GRCh37 or GRCh38")
    about = _about(path, said, build, hashlib.sha256(data).hexdigest())
    columns = _columns(path, names, number)
    _check_places(path, columns, about)
    return Rows(path, columns, about).all(rest, number)


def unpacked(data: bytes, most: int) -> bytes:
    """gzip ``data`` unpacked, one byte more than ``most`` at the longest."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        return file.read(most + 1)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RequestError(f"{path}: more than {_MOST_BYTES >> 30} GB; {_ASK}")
        data = path.read_bytes()
    except OSError as error:
        raise RequestError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    if not data:
        raise RequestError(f"{path}: is empty; {_ASK}")
    return data


def _about(path: Path, said: dict[str, str], build: str, digest: str) -> ScoreAbout:
    own = build_named(said.get("genome_build", ""))
    if build and own and build_named(build) != own:
        raise RequestError(f"{path.name}: is on {own} by its header, but {build!r} was declared; leave the build out")
    words, _ = weights_taken(stated(said.get("weight_type", "")))
    return ScoreAbout(
        id=stated(said.get("pgs_id", "")) or path.name.partition(".")[0],
        name=stated(said.get("pgs_name", "")),
        trait=stated(said.get("trait_reported", "")),
        build=own or build_named(build),
        harmonised=build_named(said.get("hm_build", "")),
        weight_type=stated(said.get("weight_type", "")),
        weights=words,
        citation=stated(said.get("citation", "")),
        licence=stated(said.get("licence", "")),
        version=said.get("format_version", ""),
        date=said.get("hm_date", ""),
        declared_variants=declared_number(said),
        digest=digest,
        file=path.name,
    )


def _columns(path: Path, names: str, number: int) -> dict[str, int]:
    listed = [name.strip().strip('"') for name in names.split("\t")]
    found = {_EARLIER.get(name, name): index for index, name in enumerate(listed) if name}
    if not names:
        raise RequestError(f"{path}: has no line of column names; {_ASK}")
    shown = ", ".join(listed)[:80]
    if "effect_allele" not in found:
        raise RequestError(f"{path} line {number}: no column effect_allele among {shown!r} (tab-separated); {_ASK}")
    if "effect_weight" not in found and not all(name in found for name in DOSAGES):
        raise RequestError(
            f"{path} line {number}: neither effect_weight nor {DOSAGES[0]}, {DOSAGES[1]} and {DOSAGES[2]} "
            f"among {shown!r}; {_ASK}"
        )
    if len(found) < len([name for name in listed if name]):
        raise RequestError(f"{path} line {number}: a column stands twice in {shown!r}; {_ASK}")
    return found


def _check_places(path: Path, columns: dict[str, int], about: ScoreAbout) -> None:
    own = "chr_name" in columns and "chr_position" in columns
    harmonised = "hm_chr" in columns and "hm_pos" in columns
    if not own and not harmonised:
        raise RequestError(
            f"{path}: has neither chr_name and chr_position nor hm_chr and hm_pos, so no row has a position; give the file "
            "that the PGS Catalog harmonised to GRCh37 or GRCh38"
        )
    if harmonised and not about.harmonised:
        raise RequestError(f"{path}: has hm_chr and hm_pos, but no HmPOS_build in its header; copy the file again")
    if not harmonised and not about.build:
        raise RequestError(
            f"{path}: its header names no genome_build; declare the build of its positions (--build where it is added, "
            "--score-build of nof1 score)"
        )
