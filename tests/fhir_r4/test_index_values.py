"""Laws of what is compared in a search: dates as intervals, texts without case and accents."""

from __future__ import annotations

import sys
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.fhir.indexing import indexed, interval, normalised

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(*parts: int) -> int:
    return (datetime(*parts, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


def written(draw: st.DrawFn) -> tuple[str, datetime]:
    at = draw(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))
    length = draw(st.sampled_from([4, 7, 10, 16, 19, 22, 23, 26]))
    zone = draw(st.sampled_from([0, 60, -300, 330, 840])) if length > 10 else 0
    text = at.isoformat(timespec="microseconds")[:length]
    if length > 10:
        text += "Z" if zone == 0 else f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02}:{abs(zone) % 60:02}"
    return text, at.replace(tzinfo=UTC) - timedelta(minutes=zone)


dates = st.composite(written)()


@given(dates)
def test_a_dates_interval_contains_it_and_is_as_long_as_its_precision(pair: tuple[str, datetime]) -> None:
    text, at = pair
    low, high = interval(text)
    assert low <= (at - EPOCH) // timedelta(microseconds=1) < high
    lengths = {4: (365, 366), 7: (28, 29, 30, 31), 10: (1,)}
    if len(text) in lengths:
        assert (high - low) / 86_400_000_000 in lengths[len(text)]
    else:
        assert high - low in (60_000_000, 1_000_000, 10_000, 1_000, 1)


@given(dates, dates)
def test_shorter_dates_contain_longer_ones(one: tuple[str, datetime], other: tuple[str, datetime]) -> None:
    for text, longer in ((one[0][:4], one[0][:7]), (one[0][:7], one[0][:10])):
        (low, high), (first, last) = interval(text), interval(longer)
        assert low <= first < last <= high
    a, b = sorted(at.date().isoformat() for _, at in (one, other))
    assert interval(a) <= interval(b)  # days in order of their text


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("9999", moment(9999, 1, 1), moment(9999, 12, 31) + 86_400_000_000),
        ("2016-12-31T23:59:60Z", moment(2017, 1, 1), moment(2017, 1, 1, 0, 0, 1)),
        ("2016-02-29", moment(2016, 2, 29), moment(2016, 3, 1)),
        ("2016-02-29T12:00:00.1234567Z", moment(2016, 2, 29, 12, 0, 0, 123456), moment(2016, 2, 29, 12, 0, 0, 123457)),
        ("2016-01-01T00:00:00", moment(2016, 1, 1), moment(2016, 1, 1, 0, 0, 1)),
        ("2016-01-01T00:30+01:00", moment(2015, 12, 31, 23, 30), moment(2015, 12, 31, 23, 31)),
    ],
)
def test_intervals(text: str, low: int, high: int) -> None:
    assert interval(text) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "201",
        "2015-13",
        "2015-02-30",
        "0000",
        "2015-1-1",
        "2015-01-01T24:00:00Z",
        "2015-01-01T10",
        "20150101",
        "٢٠١٥",
        "2015\n",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        interval(text)
    assert not indexed({"resourceType": "Patient", "birthDate": text}).dates


@given(st.text())
def test_normalising_again_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
    assert normalised(text.upper().lower()) == normalised(normalised(text.upper().lower()))


def test_every_sign_is_normalised_once_and_for_all() -> None:
    for number in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(number))
        is_assigned = category not in ("Cn", "Co")  # of the million others, which have no parts, some
        if category != "Cs" and (is_assigned or number % 101 == 0):
            norm = normalised.__wrapped__(chr(number))
            assert normalised.__wrapped__(norm) == norm
            assert not any(unicodedata.combining(sign) for sign in norm)
