"""Files: bundles, NDJSON, gzip, folders, and what is broken in them."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from small_record import PATIENT, TERMS, TODAY, kinds, lab, left, order

from nof1.errors import RecordError
from nof1.model.record import Record
from nof1.record.facts import read_record

RESULT = lab("2160-0", 88, "umol/L")
BUNDLE = {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": PATIENT}, {"resource": RESULT}]}
LINES = "\n".join(json.dumps(one) for one in (PATIENT, RESULT, order("warfarin"))) + "\n"


def read(*paths: Path, patient: str = "") -> Record:
    return read_record(paths, TERMS, today=TODAY, patient=patient)


def written(path: Path, content: Any) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "a.txt"])
@pytest.mark.parametrize("kind", ["transaction", "batch", "searchset", "history", "document", "collection", None, 7])
def test_bundles_of_any_type(tmp_path: Path, name: str, kind: object) -> None:
    record = read(written(tmp_path / name, {**BUNDLE, "type": kind}))
    assert (record.person, len(record.facts), record.sources) == ("p", 1, (name,))
    assert record.facts[0].place == f"{name} Observation/1"


@pytest.mark.parametrize("name", ["a.ndjson", "a.ndjson.gz", "a.json", "a.jsonl"])
def test_lines_of_json_under_any_name(tmp_path: Path, name: str) -> None:
    record = read(written(tmp_path / name, LINES))
    assert (len(record.facts), len(record.medications)) == (1, 1)


def test_a_folder_and_a_single_resource(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    written(tmp_path / "Patient.ndjson", PATIENT)
    written(tmp_path / "deep" / "Observation.ndjson.gz", RESULT)
    written(tmp_path / "readme.txt", "not a record")
    record = read(tmp_path)
    assert (record.person, len(record.facts), record.sources) == ("p", 1, ("Patient.ndjson", "Observation.ndjson.gz"))


def test_bundles_in_bundles_lists_and_parameters(tmp_path: Path) -> None:
    nested = {"resourceType": "Bundle", "entry": [{"resource": BUNDLE}, {"request": {"method": "DELETE"}}]}
    assert len(read(written(tmp_path / "a.json", nested)).facts) == 1
    assert len(read(written(tmp_path / "b.json", [PATIENT, RESULT])).facts) == 1
    output = {"resourceType": "Parameters", "parameter": [{"name": "return", "resource": BUNDLE}]}
    assert len(read(written(tmp_path / "c.json", output)).facts) == 1
    deep: dict[str, Any] = BUNDLE
    for _ in range(30):
        deep = {"resourceType": "Bundle", "entry": [{"resource": deep}, {"resource": PATIENT}]}
    assert "not_a_resource" in kinds(read(written(tmp_path / "d.json", deep)))


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(BUNDLE).encode())
    assert read(tmp_path / "a.json").person == "p"


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_truncated_json_is_one_clear_line(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, json.dumps(BUNDLE)[:-40])
    with pytest.raises(
        RecordError, match=rf"record: {name}: the JSON is cut off after \d+ bytes; get the whole file"
    ) as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_truncated_gzip(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(json.dumps(BUNDLE).encode())[:-30])
    with pytest.raises(RecordError, match=r"a.json.gz: the file cannot be read to its end: it is cut off"):
        read(path)
    path = tmp_path / "b.ndjson.gz"
    data = gzip.compress(("".join(f"{json.dumps(lab('2160-0', 88, 'umol/L', str(at)))}\n" for at in range(3000))).encode())
    path.write_bytes(data[: len(data) // 2])
    record = read(path)
    assert 100 < len(record.facts) < 3000
    assert left(record, "file_broken")


def test_the_broken_line_is_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    record = read(written(tmp_path / "a.ndjson", LINES + '{"resourceType": "Observation", "id": "x'))
    assert (len(record.facts), len(record.medications)) == (1, 1)
    (line,) = record.left_out
    assert (line.kind, line.place) == ("line_broken", "a.ndjson line 4")


def test_the_broken_file_is_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    written(tmp_path / "a.json", BUNDLE)
    written(tmp_path / "b.json", '{"resourceType": ')
    written(tmp_path / "c.json", "")
    (tmp_path / "d.json").write_bytes("{}".encode("utf-16"))
    record = read(tmp_path)
    assert len(record.facts) == 1
    assert [line.place for line in left(record, "file_broken")] == ["b.json", "c.json", "d.json"]


@pytest.mark.parametrize("content", ["", "   ", "[", "nonsense", "{}", "[]", "null", "17", '"x"', "[" * 5000])
def test_files_that_hold_nothing_are_one_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(RecordError) as caught:
        read(written(tmp_path / "a.json", content))
    assert str(caught.value).startswith("record: ") and "\n" not in str(caught.value)


def test_paths_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="there is no file"):
        read(tmp_path / "gone.json")
    with pytest.raises(RecordError, match=r"holds no \.json or \.ndjson file"):
        read(tmp_path)


def test_entries_of_a_wrong_shape_are_listed(tmp_path: Path) -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"resource": PATIENT}, 7, {"resource": "x"}, {"resource": None}, {}, {"resource": {}}],
    }
    record = read(written(tmp_path / "a.json", bundle))
    assert [(line.kind, line.place) for line in record.left_out] == [
        ("wrong_type", "a.json entry 2 and 2 more"),
        ("not_a_resource", "a.json entry 6"),
    ]
    with pytest.raises(RecordError, match="entry is no list"):
        read(written(tmp_path / "b.json", {"resourceType": "Bundle", "entry": "x"}))


def test_one_person_out_of_many_files_in_flat_memory(tmp_path: Path) -> None:
    for number in range(40):
        rows = [json.dumps({"resourceType": "Patient", "id": f"p{number}"})]
        for at in range(200):
            row = {**lab("2160-0", 88, "umol/L", f"{number}-{at}"), "subject": {"reference": f"Patient/p{number}"}}
            rows.append(json.dumps(row))
        written(tmp_path / f"{number:02d}.ndjson", "\n".join(rows))
    read(tmp_path / "07.ndjson")
    peaks = []
    for wanted in (tmp_path / "07.ndjson", tmp_path):
        tracemalloc.start()
        record = read(wanted, patient="p7")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(record.facts) == 200
    assert peaks[1] < peaks[0] + 300_000
