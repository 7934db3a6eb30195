"""Damages a file with knowledge of its form: bytes, lines, fields, numbers, JSON, compression."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

MOST = 1 << 16  # bytes of an input; larger ones are cut
JUNK = [
    b"\t", b"\n", b"\r\n", b"\r", b"\0", b"|", b"/", b".", b",", b":", b";", b"=", b"<", b">", b"*", b"#", b"-",
    b"--", b"+", b"-1", b"0", b"1", b"2", b"127", b"128", b"255", b"32768", b"65536", b"2147483647", b"2147483648",
    b"4294967296", b"99999999999999999999", b"1e5", b"1e999", b"nan", b"inf", b"1_0", b" 7", b"0x1f", b"\xff",
    b"\xc3\xa9", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80\xae", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xd9\xa3",
    b"\xc2\xb2", b"\x1b[31m", b"\x85", b"\x0c", b"chr7", b"chr2", b"X", b"23", b"MT", b"chrM", b"GT", b"DP", b"GQ",
    b"END=1", b"END=99670000", b"END=99999999999", b"SVLEN=x", b"SVLEN=-99999999999", b"<DEL>", b"<NON_REF>", b"<*>",
    b"[chr7:1[", b"N", b"A", b"ACGT" * 40, b"./.", b"0/0", b"1/1", b"0|1", b"0/1/1", b"1/70000", b"ID=", b"##",
    b"##contig=<ID=chr7,length=0>", b"#CHROM", b'"', b"'", b"{", b"}", b"[", b"]", b"II", b"DD", b"I", b"D",
    b"rs776746", b"rs1", b"*1", b"*1/*1", b"*", b"x2", b"xN", b"+", b"(", b")", b" or ", b"None", b"HLA-", b"null",
    b"&a", b"*a", b"!!python/none", b": ", b"- ", b"", b" ",
]  # fmt: skip
Change = Callable[[bytearray, random.Random], bytearray]


def _flip(out: bytearray, rng: random.Random) -> bytearray:
    if out:
        out[rng.randrange(len(out))] = rng.randrange(256)
    return out


def _insert(out: bytearray, rng: random.Random) -> bytearray:
    place = rng.randrange(len(out) + 1)
    out[place:place] = rng.choice(JUNK) * rng.choice([1, 1, 1, 1, 2, 50])
    return out


def _cut(out: bytearray, rng: random.Random) -> bytearray:
    place = rng.randrange(len(out) + 1)
    del out[place : place + rng.choice([1, 1, 2, 10, 200])]
    return out


def _double(out: bytearray, rng: random.Random) -> bytearray:
    place = rng.randrange(len(out) + 1)
    out[place:place] = out[place : place + rng.choice([1, 5, 100])]
    return out


def _truncate(out: bytearray, rng: random.Random) -> bytearray:
    return out[: rng.randrange(len(out) + 1)]


def _lines(out: bytearray, rng: random.Random) -> bytearray:
    """Two lines swapped, one doubled, one lost, one moved, two joined."""
    lines = bytes(out).split(b"\n")
    one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(5)
    if kind == 0:
        lines[one], lines[two] = lines[two], lines[one]
    elif kind == 1:
        lines.insert(two, lines[one])
    elif kind == 2:
        del lines[one]
    elif kind == 3:
        lines.insert(two, lines.pop(one))
    elif one != two:
        lines[one : one + 1] = [lines[one] + lines[two]]
        del lines[two]
    return bytearray(b"\n".join(lines))


def _fields(out: bytearray, rng: random.Random) -> bytearray:
    """In one line: two fields swapped, one replaced by junk or by a field of another line, lost, or doubled."""
    lines = bytes(out).split(b"\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    present = [mark for mark in (b"\t", b"\t", b"\t", b",", b":", b" ", b";", b"/", b"|", b"=") if mark in lines[one]]
    if not present:
        return out
    mark = rng.choice(present)
    fields, others = lines[one].split(mark), lines[other].split(mark)
    left, right = rng.randrange(len(fields)), rng.randrange(len(fields))
    kind = rng.randrange(6)
    if kind == 0:
        fields[left], fields[right] = fields[right], fields[left]
    elif kind in (1, 2):
        fields[left] = rng.choice(JUNK)
    elif kind == 3:
        fields[left] = others[min(left, len(others) - 1)]
    elif kind == 4:
        del fields[left]
    else:
        fields.insert(left, fields[right])
    lines[one] = mark.join(fields)
    return bytearray(b"\n".join(lines))


def _number(out: bytearray, rng: random.Random) -> bytearray:
    """A number raised, lowered, turned or made large."""
    found = list(re.finditer(rb"\d+", bytes(out)))
    if not found:
        return out
    match = rng.choice(found)
    value = int(match[0][:30])
    chosen = rng.choice([value + 1, max(value - 1, 0), -value, value * 10, 0, 2**31, 2**63, value + rng.randrange(-40, 40)])
    out[match.start() : match.end()] = str(chosen).encode()
    return out


def _everywhere(out: bytearray, rng: random.Random) -> bytearray:
    """The whole file in other line ends, another encoding or case, or twice."""
    data = bytes(out)
    text = data.decode("utf-8", "replace")
    made: list[Callable[[], bytes]] = [
        lambda: data.replace(b"\n", b"\r\n"),
        lambda: data.replace(b"\n", b"\r"),
        lambda: b"\xef\xbb\xbf" + data,
        lambda: text.encode("utf-16"),
        lambda: data + data,
        lambda: data.replace(b"\t", rng.choice([b" ", b",", b"  ", b"\t\t"])),
        data.lower,
        lambda: data.rstrip(b"\n"),
        lambda: data.replace(b"chr", rng.choice([b"", b"CHR", b"Chr", b"chromosome", b"chr0"])),
    ]
    return bytearray(rng.choice(made)())


CHANGES: Sequence[Change] = (
    _flip, _insert, _insert, _cut, _double, _truncate, _lines, _lines, _fields, _fields, _fields, _fields, _number, _number,
    _everywhere,
)  # fmt: skip


def text(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """``data`` with one change, or its beginning with the end of another file."""
    if others and rng.random() < 0.02:
        other = rng.choice(others)
        return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]
    if data.lstrip()[:1] in (b"{", b"[") and rng.random() < 0.5:
        return _json(data, rng)
    return bytes(rng.choice(CHANGES)(bytearray(data), rng))[:MOST]


def _json(data: bytes, rng: random.Random) -> bytes:
    """One value of the tree replaced, one key renamed, or the tree put deep into others."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return bytes(rng.choice(CHANGES)(bytearray(data), rng))[:MOST]
    if rng.random() < 0.05:
        depth = rng.choice([3, 500, 20_000])
        return (b"[" * depth + data + b"]" * depth)[:MOST]
    odd: list[Any] = [
        None,
        True,
        0,
        -1,
        1e308,
        10**40,
        "",
        "*1/*1",
        [],
        {},
        [None],
        {"a": None},
        "\ud800",
        "\u202e",
        [[]],
        "x" * 500,
    ]
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else []
        for key in keys:
            places.append((node, key))
            waiting.append(node[key])
    if not places:
        return data
    node, key = rng.choice(places)
    if isinstance(node, dict) and rng.random() < 0.3:
        node[rng.choice(["", "CYP2D6", "HLA-B", key + "x", "\u202e"])] = node.pop(key)
    elif rng.random() < 0.3:
        other, name = rng.choice(places)
        node[key] = json.loads(json.dumps(other.get(name) if isinstance(other, dict) else None))
    else:
        node[key] = rng.choice(odd)
    return json.dumps(tree).encode("utf-8", "replace")[:MOST]


def binary(data: bytes, rng: random.Random, _others: Sequence[bytes] = ()) -> bytes:
    """``data`` with bytes or a little-endian number changed."""
    out = bytearray(data)
    if len(out) >= 8 and rng.random() < 0.5:
        place = rng.randrange(len(out) - 7)
        size = rng.choice([1, 2, 4, 8])
        kind = {1: "<b", 2: "<h", 4: "<i", 8: "<q"}[size]
        (value,) = struct.unpack_from(kind, out, place)
        top = 1 << (8 * size - 1)
        new = rng.choice([value + 1, value - 1, 0, -1, top - 1, -top, value * 2, value ^ (1 << rng.randrange(8 * size))])
        struct.pack_into(kind, out, place, (new + top) % (2 * top) - top)
        return bytes(out)
    return bytes(rng.choice([_flip, _insert, _cut, _double, _truncate])(out, rng))[:MOST]


def in_gzip(data: bytes, rng: random.Random, _others: Sequence[bytes] = ()) -> bytes:
    """A compressed text damaged within, or its compressed bytes damaged."""
    inner = unpacked(data)
    if inner is None or rng.random() < 0.3:
        return binary(data, rng)
    return gzip.compress(text(inner, rng, ()), 1)


def in_bgzf(data: bytes, rng: random.Random, _others: Sequence[bytes] = ()) -> bytes:
    """The same with blocks of bgzip."""
    inner = unpacked(data)
    if inner is None or rng.random() < 0.2:
        return binary(data, rng)
    return bgzf((binary if inner.startswith(b"BCF") else text)(inner, rng, ()))


def in_zip(data: bytes, rng: random.Random, others: Sequence[bytes]) -> bytes:
    """An archive with a damaged member, another member, or damaged bytes; a gzip file as such."""
    if data[:2] != b"PK":
        return in_gzip(data, rng) if data[:2] == b"\x1f\x8b" else text(data, rng, others)
    if rng.random() < 0.3:
        return binary(data, rng)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            members = {item.filename: opened.read(item) for item in opened.infolist()[:4]}
    except Exception:  # already damaged
        return binary(data, rng)
    if members and rng.random() < 0.9:
        name = rng.choice(list(members))
        members[name] = text(members[name], rng, ())
    else:
        members[rng.choice(["", "x/data.tsv", "__MACOSX/a", "metadata.txt", "b.txt"])] = b"x"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name or "a", content)
    return held.getvalue()


def unpacked(data: bytes) -> bytes | None:
    """Gzip members of ``data`` unpacked; ``None`` where that is not possible."""
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return None


def bgzf(data: bytes) -> bytes:
    """``data`` in blocks of bgzip, with the block that ends a file."""
    out = b""
    for start in range(0, len(data), 0xFF00):
        piece = data[start : start + 0xFF00]
        packer = zlib.compressobj(1, zlib.DEFLATED, -15)
        body = packer.compress(piece) + packer.flush()
        out += struct.pack("<4BI2BH2BHH", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(body) + 25)
        out += body + struct.pack("<II", zlib.crc32(piece), len(piece))
    return out + bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
