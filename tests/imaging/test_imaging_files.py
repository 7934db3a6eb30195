"""Files: one at a time, without pixels; whatever is wrong with one is told in one line, and the rest is read."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import pytest
from imaging_objects import SERIES, Obj, ejection_and_calcium, group, image, item, of, report

from nof1.errors import RequestError
from nof1.imaging.read import Imported, read_dicom


def reasons(found: Imported) -> list[str]:
    return [row.reason for row in found.left_out]


def test_the_package_needs_no_pydicom_until_something_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code = "import sys, nof1.imaging.read; print('pydicom' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(RequestError, match=r"install nof1\[server\]"):
        read_dicom(tmp_path)


def test_a_folder_is_walked_and_the_unreadable_is_told(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    image(tmp_path / "deep" / "er" / "a.dcm")
    (tmp_path / "notes.txt").write_text("x" * 300)
    (tmp_path / "empty.dcm").touch()
    found = read_dicom(tmp_path)
    assert [tuple(row) for row in found.left_out] == [
        ("empty.dcm", "the file is empty"),
        ("notes.txt", "no DICOM file: the mark DICM at byte 128 is missing"),
    ]
    assert len(found.resources) == 1


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is no file or folder"):
        read_dicom(tmp_path / "nowhere")


def test_an_object_that_comes_again_counts_once(tmp_path: Path) -> None:
    first = image(tmp_path / "a.dcm")
    (tmp_path / "b.dcm").write_bytes(first.read_bytes())
    image(tmp_path / "c.dcm", StudyDescription="another")
    found = read_dicom(tmp_path)
    assert of(found.resources, "ImagingStudy")[0]["numberOfInstances"] == 1
    assert reasons(found)[0] == "the same object as a.dcm, counted once"
    assert reasons(found)[1].startswith("has the SOP instance UID of a.dcm but another content; the first is kept")


def test_a_report_cut_anywhere_is_told_or_says_nothing_else(tmp_path: Path) -> None:
    whole = ejection_and_calcium(tmp_path / "a.dcm")
    content, path = whole.read_bytes(), tmp_path / "cut.dcm"
    full = {one["id"]: one for one in of(read_dicom(whole).resources, "Observation")}
    assert len(full) == 2
    for size in range(0, len(content), 7):
        path.write_bytes(content[:size])
        found = read_dicom(path)
        assert found.left_out, size
        kept = {one["id"]: one for one in of(found.resources, "Observation")}
        assert kept in ({}, full), size  # never a part of the measurements as if it were all


def test_an_image_cut_in_its_pixels_is_told(tmp_path: Path) -> None:
    pixels: Obj = {"Rows": 8, "Columns": 8, "BitsAllocated": 8, "PixelData": bytes(64), "PixelRepresentation": 0}
    path = image(tmp_path / "a.dcm", **pixels)
    assert read_dicom(path).left_out == []
    path.write_bytes(path.read_bytes()[:-3])
    assert reasons(read_dicom(path)) == ["the file is cut off; get it again"]


def test_any_byte_changed_is_no_traceback(tmp_path: Path) -> None:
    content = bytearray(ejection_and_calcium(tmp_path / "a.dcm").read_bytes())
    path = tmp_path / "changed.dcm"
    for at in range(128, len(content), 11):
        before, content[at] = content[at], 0xFF
        path.write_bytes(content)
        found = read_dicom(path)
        assert found.resources or found.left_out, at
        content[at] = before


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"SOPInstanceUID": None}, "SOPInstanceUID is absent"),
        ({"StudyInstanceUID": "not.a.uid"}, "StudyInstanceUID is no UID: 'not.a.uid'"),
        ({"SeriesInstanceUID": "1." + "2" * 64}, "SeriesInstanceUID is no UID"),
        ({"Modality": None}, "no modality"),
    ],
)
def test_an_object_without_its_place_is_left_out(tmp_path: Path, elements: Obj, words: str) -> None:
    path = image(tmp_path / "a.dcm", **elements)
    assert reasons(read_dicom(path))[0].startswith(words)
    assert read_dicom(path).resources == []


def test_a_character_set_that_is_none_is_told(tmp_path: Path) -> None:
    path = image(tmp_path / "a.dcm", SpecificCharacterSet="ISO_IR 100")
    path.write_bytes(path.read_bytes().replace(b"ISO_IR 100", b"ISO_IR 999"))
    (reason,) = reasons(read_dicom(path))
    assert "ISO_IR 999" in reason


def test_a_name_that_is_not_in_its_character_set_is_told(tmp_path: Path) -> None:
    path = image(tmp_path / "a.dcm", SpecificCharacterSet="ISO_IR 192", PatientName="Müller^Jane")
    (person,) = read_dicom(path).people
    assert person.patient["name"] == [{"family": "Müller", "given": ["Jane"]}]
    path.write_bytes(path.read_bytes().replace("ü".encode(), b"\xfc\xfc"))
    (reason,) = reasons(read_dicom(path))
    assert "cannot be read in the character set" in reason


@pytest.mark.parametrize("charset", ["ISO_IR 144", "ISO 2022 IR 87", "GB18030"])
def test_names_in_other_scripts(tmp_path: Path, charset: str) -> None:
    name = {"ISO_IR 144": "Люкceмбypг^Анна", "ISO 2022 IR 87": "Yamada^Tarou=山田^太郎", "GB18030": "王^小东"}[charset]
    sets = ["", charset] if "2022" in charset else charset
    (person,) = read_dicom(image(tmp_path / "a.dcm", SpecificCharacterSet=sets, PatientName=name)).people
    assert person.patient["name"][0]["family"] == name.split("=")[0].split("^")[0]


def test_a_report_without_content_is_told(tmp_path: Path) -> None:
    found = read_dicom(report(tmp_path / "a.dcm", ContentSequence=None))
    assert reasons(found) == ["a structured report without content (0040,A730)"]


def test_a_report_nested_beyond_reason_is_told(tmp_path: Path) -> None:
    inner = group()
    for _ in range(60):
        inner = item("CONTAINS", "CONTAINER", None, inner)
    assert reasons(read_dicom(report(tmp_path / "a.dcm", inner))) == ["its content is nested more than 40 deep"]


def test_a_data_set_without_a_file_header_is_read(tmp_path: Path) -> None:
    path = image(tmp_path / "a.dcm")
    content = path.read_bytes()
    path.write_bytes(content[content.index(b"\x08\x00\x16\x00UI") :])
    found = read_dicom(path)
    assert found.left_out == []
    assert found.resources[0]["series"][0]["instance"][0]["uid"] == f"{SERIES}.1"


def test_deflated_content_is_read_and_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ejection_and_calcium(tmp_path / "a.dcm", syntax="1.2.840.10008.1.2.1.99")
    assert len(of(read_dicom(path).resources, "Observation")) == 2
    monkeypatch.setattr("nof1.imaging.files._LONGEST_INFLATED", 1 << 20)
    pack = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    content = path.read_bytes()
    head = content[: 144 + int.from_bytes(content[140:144], "little")]
    path.write_bytes(head + pack.compress(bytes(4 << 20)) + pack.flush())
    assert reasons(read_dicom(path)) == ["its deflated content is longer than 1 MiB"]


def test_memory_stays_flat(tmp_path: Path) -> None:
    size = 32 << 20
    image(tmp_path / "a.dcm", Rows=4096, Columns=8192, BitsAllocated=8, PixelRepresentation=0, PixelData=bytes(size))
    read_dicom(tmp_path)
    tracemalloc.start()
    found = read_dicom(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.resources
    assert peak < size / 8
