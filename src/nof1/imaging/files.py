"""DICOM files of folders, one at a time and without their pixels: what an object says, or one line why it is not read."""

from __future__ import annotations

import filecmp
import logging
import threading
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from nof1.errors import RecordError, RequestError
from nof1.imaging.people import Said, said_of, unfit
from nof1.imaging.reports import Document, document, is_document, no_report
from nof1.imaging.studies import Header, header

if TYPE_CHECKING:
    from pydicom import FileDataset

_MARK_AT, _MARK = 128, b"DICM"
# how a data set begins that older devices write without a file header: group 0008, little endian, or the header's group
_BARE = (*(bytes((8, 0, element, 0)) for element in (0x00, 0x01, 0x05, 0x08, 0x12, 0x16)), b"\x02\x00\x00\x00")
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_LONGEST_INFLATED = 1 << 28
_UNDEFINED = 0xFFFFFFFF
_READ = (
    "SpecificCharacterSet SOPClassUID SOPInstanceUID StudyDate SeriesDate ContentDate StudyTime SeriesTime ContentTime "
    "AccessionNumber IssuerOfAccessionNumberSequence Modality CodingSchemeIdentificationSequence "
    "TimezoneOffsetFromUTC StudyDescription SeriesDescription ProcedureCodeSequence AnatomicRegionSequence PatientName "
    "PatientID IssuerOfPatientID IssuerOfPatientIDQualifiersSequence PatientBirthDate PatientSex "
    "PatientSpeciesDescription PatientSpeciesCodeSequence QualityControlSubject BodyPartExamined StudyInstanceUID "
    "SeriesInstanceUID SeriesNumber InstanceNumber Laterality ImageLaterality ValueType ConceptNameCodeSequence "
    "VerifyingObserverSequence PredecessorDocumentsSequence CurrentRequestedProcedureEvidenceSequence "
    "PertinentOtherEvidenceSequence CompletionFlag VerificationFlag PreliminaryFlag ContentSequence DirectoryRecordSequence"
)
_LOCK = threading.Lock()


class LeftOut(NamedTuple):
    """What is not read: the file (and the item in it), and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """How objects are to be read: the policy for people, issuer -> identifier system, and the zone of local times."""

    policy: str
    issuers: Mapping[str, str]
    zone: tzinfo | None


@dataclass(frozen=True, slots=True)
class Found:
    """One object: its file, header, person, its document where it is a structured report, and what in it is malformed."""

    place: str
    header: Header
    who: Said
    document: Document | None
    malformed: tuple[str, ...]


def objects(paths: Iterable[Path | str], wanted: Wanted) -> Iterator[Found | LeftOut]:
    """Every object of files and folders, in the order of their names; an object that comes again is told and passed over.

    Raises ``RequestError`` for a path that does not exist, and where pydicom is not installed.
    """
    _need_pydicom()
    first: dict[str, Path] = {}
    for path, place in _files(paths):
        found = _object(path, place, wanted)
        if isinstance(found, Found) and (before := first.setdefault(found.header.uid, path)) is not path:
            yield LeftOut(place, _again(before, path))
        else:
            yield found


def _need_pydicom() -> None:
    try:
        import pydicom  # noqa: F401
    except ImportError as error:
        raise RequestError("imaging: reading DICOM needs pydicom; install nof1[server]") from error


def _files(paths: Iterable[Path | str]) -> Iterator[tuple[Path, str]]:
    """Each file with its name for the reader: within a folder, the path from there."""
    for path in map(Path, paths):
        if path.is_dir():
            for file in sorted(one for one in path.rglob("*") if one.is_file()):
                yield file, str(file.relative_to(path))
        elif path.is_file():
            yield path, path.name
        else:
            raise RequestError(f"imaging: there is no file or folder {path}; check the path")


def _again(before: Path, path: Path) -> str:
    if filecmp.cmp(before, path, shallow=False):
        return f"the same object as {before.name}, counted once"
    return f"has the SOP instance UID of {before.name} but another content; the first is kept, look which is right"


def _object(path: Path, place: str, wanted: Wanted) -> Found | LeftOut:
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            if why := _no_dicom(stream):
                return LeftOut(place, why)
            with _quietly():
                return _understood(stream, size, place, wanted)
    except RecordError as error:
        return LeftOut(place, str(error))
    except Exception as error:  # the edge to files that anyone may have written: whatever is wrong with one stays its own
        return LeftOut(place, f"it cannot be read: {_told(error)}")


def _told(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:160] or type(error).__name__


def _no_dicom(stream: BinaryIO) -> str:
    """Why the file is no DICOM file that is read here; leaves the stream at its start."""
    stream.seek(0)
    start = stream.read(_MARK_AT + 4)
    head = stream.read(1024)
    stream.seek(0)
    if not start:
        return "the file is empty"
    if start[_MARK_AT:] != _MARK and start[:4] not in _BARE:
        return f"no DICOM file: the mark DICM at byte {_MARK_AT} is missing"
    if _DEFLATED in head and _is_too_long_inflated(stream):
        return f"its deflated content is longer than {_LONGEST_INFLATED >> 20} MiB"
    return ""


def _is_too_long_inflated(stream: BinaryIO) -> bool:
    """Whether a deflated data set unpacks to more than any report or header needs; leaves the stream at its start."""
    from pydicom.filereader import _read_file_meta_info, read_preamble

    read_preamble(stream, True)
    _read_file_meta_info(stream)
    unpack, total = zlib.decompressobj(-zlib.MAX_WBITS), 0
    while total <= _LONGEST_INFLATED and (data := unpack.unconsumed_tail or stream.read(1 << 16)):
        total += len(unpack.decompress(data, 1 << 20))
    stream.seek(0)
    return total > _LONGEST_INFLATED


@contextmanager
def _quietly() -> Iterator[None]:
    """pydicom without its checks of values and its warnings: both are settings of the whole process, so one at a time."""
    from pydicom import config

    log = logging.getLogger("pydicom")
    with _LOCK, warnings.catch_warnings(), config.disable_value_validation():
        warnings.simplefilter("ignore")
        level = log.level
        log.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            log.setLevel(level)


def _understood(stream: BinaryIO, size: int, place: str, wanted: Wanted) -> Found | LeftOut:
    """The object of a stream as plain values."""
    from pydicom import dcmread

    dataset = dcmread(stream, force=True, stop_before_pixels=True, specific_tags=list(_READ.split()))
    if why := _unreadable(dataset, stream, size):
        return LeftOut(place, why)
    head = header(dataset, wanted.zone)
    if isinstance(head, str):
        return LeftOut(place, head)
    found, malformed = head
    who = said_of(dataset, wanted.issuers)
    if why := unfit(dataset, who, wanted.policy):
        return LeftOut(place, why)
    told = document(dataset, who.key, place, wanted.zone) if is_document(found.sop_class) else None
    if told is not None and not told.root.children:
        malformed.append("a structured report without content (0040,A730)")
    if what := no_report(found.sop_class):
        malformed.append(f"it is {what}; it counts for its study, nothing is taken from its content")
    return Found(place, found, who, told, tuple(malformed))


def _unreadable(dataset: FileDataset, stream: BinaryIO, size: int) -> str:
    """Why what was parsed cannot be trusted as one object."""
    if "DirectoryRecordSequence" in dataset:
        return "an index (DICOMDIR): the objects it lists are read from their own files"
    if _is_cut_off(dataset, stream, size):
        return "the file is cut off; get it again"
    if not dataset:
        return "a DICOM file without any element that is needed"
    if unknown := _unknown_charset(dataset):
        return f"the character set {unknown!r} is none that DICOM defines (0008,0005)"
    return ""


def _is_cut_off(dataset: FileDataset, stream: BinaryIO, size: int) -> bool:
    """Whether the file ends before its last element does: pydicom takes what is there for the whole."""
    for tag in list(dataset.keys()):
        element: Any = dataset.get_item(tag)  # as read: looking at it in any other way converts it
        raw = getattr(element, "value", None)
        if isinstance(raw, bytes) and getattr(element, "length", _UNDEFINED) not in (_UNDEFINED, len(raw)):
            return True
    syntax = str(dataset.file_meta.get("TransferSyntaxUID", ""))
    if syntax.encode() == _DEFLATED:  # the stream was unpacked in memory, and a cut one cannot be
        return False
    at = stream.tell()
    return at > size or at + _pixels(stream, dataset) > size


def _pixels(stream: BinaryIO, dataset: FileDataset) -> int:
    """The length of the pixel data element that the reading stopped at, with its head; 0 where it names no length."""
    head = stream.read(12)
    is_implicit, is_little = dataset.original_encoding
    if len(head) < 8:
        return len(head)
    long = head[4:6] in (b"OB", b"OW", b"OF", b"OD", b"UN")
    field = head[4:8] if is_implicit else head[8:12] if long else head[6:8]
    length = int.from_bytes(field, "little" if is_little else "big")
    return 0 if length == _UNDEFINED else length + (12 if long and not is_implicit else 8)


def _unknown_charset(dataset: FileDataset) -> str:
    from pydicom.charset import python_encoding

    value: Any = dataset.get("SpecificCharacterSet") or ""
    names = [value] if isinstance(value, str) else list(value)
    return next((str(name) for name in names if str(name) not in python_encoding), "")
