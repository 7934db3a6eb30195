"""The bytes of a resource stay as they came, but for id, version and time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.errors import RecordError
from nof1.store.body import instant, with_meta
from nof1.store.texts import kept

_NUMBERS = st.sampled_from(
    [b"1.50", b"-0.0", b"1e400", b"1E-7", b"0.10000000000000000000000001", b"12345678901234567890123"]
)
_TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
_RAW = st.one_of(
    _NUMBERS,
    _TEXT.map(msgspec.json.encode),
    st.sampled_from([b"null", b"true", b"[ 1.0,\n 2.00 ]", b'{ "value" : 3.000 , "value2":{} }', b'"\\u00e9\\/"']),
)
_MEMBERS = st.dictionaries(_TEXT.filter(lambda key: key not in ("resourceType", "id", "meta")), _RAW, max_size=5)


def _object(members: dict[str, bytes]) -> bytes:
    return b"{ " + b" ,\n".join(msgspec.json.encode(key) + b" : " + value for key, value in members.items()) + b" }"


def _raw(body: bytes) -> dict[str, bytes]:
    return {key: bytes(value) for key, value in msgspec.json.decode(body, type=dict[str, msgspec.Raw]).items()}


@given(before=_MEMBERS, meta=st.none() | _MEMBERS, after=_MEMBERS, vid=st.integers(1, 2**31), at=st.integers(0, 4 * 10**15))
def test_other_members_keep_their_bytes_and_order(
    before: dict[str, bytes], meta: dict[str, bytes] | None, after: dict[str, bytes], vid: int, at: int
) -> None:
    members = {
        **before,
        "id": b'"old"',
        "resourceType": b'"Basic"',
        **({"meta": _object(meta)} if meta is not None else {}),
        **after,
    }
    made = with_meta(_object(members), "new", vid, at)
    found, kept_meta = _raw(made), _raw(_raw(made)["meta"])
    others = {key: value for key, value in members.items() if key not in ("id", "meta", "resourceType")}
    assert list(found) == ["resourceType", "id", "meta", *others]
    assert {key: found[key] for key in others} == others
    assert (found["id"], kept_meta["versionId"]) == (b'"new"', b'"%d"' % vid)
    assert list(kept_meta)[:2] == ["versionId", "lastUpdated"]
    assert {key: value for key, value in kept_meta.items() if key not in ("versionId", "lastUpdated")} == {
        key: value for key, value in (meta or {}).items() if key not in ("versionId", "lastUpdated")
    }
    time = datetime.fromisoformat(msgspec.json.decode(kept_meta["lastUpdated"]))
    assert round((time - datetime.fromisoformat("1970-01-01T00:00:00Z")).total_seconds() * 10**6) == pytest.approx(at, abs=1)
    assert with_meta(made, "new", vid, at) == made


@pytest.mark.parametrize("body", [b"[]", b"", b'{"meta": 3}', b'{"meta": []}', b'{"a": ', b"\xff"])
def test_what_is_no_resource(body: bytes) -> None:
    with pytest.raises(RecordError, match="no JSON object"):
        with_meta(body, "a", 1, 1)


@given(at=st.integers(0, 250_000_000_000_000_000))
def test_instants_are_exact(at: int) -> None:
    text = instant(at)
    seconds = datetime.fromisoformat(text[:19] + "+00:00").timestamp()
    assert int(seconds) * 10**6 + int(text[20:26]) == at and text[19] + text[26:] == ".Z"


@given(texts=st.sets(st.text(st.sampled_from("aΩ\0"), max_size=30).map(lambda text: text * 60), max_size=8))
def test_long_texts_are_kept_apart_and_short_ones_whole(texts: set[str]) -> None:
    clean = {text.replace("\0", "\ufffd") for text in texts}
    assert len({kept(text) for text in texts}) == len(clean)
    for text in clean:
        assert len(kept(text).encode()) <= 1000
        assert kept(kept(text)) == kept(text)
        if len(text.encode()) <= 1000:
            assert kept(text) == text
        else:
            assert text.startswith(kept(text)[:-32])


def test_times_sort_as_texts() -> None:
    times: list[Any] = [0, 1, 999_999, 10**6, 10**15, 2 * 10**15]
    assert [instant(at) for at in times] == sorted(instant(at) for at in times)
