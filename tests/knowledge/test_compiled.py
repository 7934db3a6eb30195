"""The compiled form equals the files, is found by digest and is rebuilt when a file changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nof1.knowledge import compiled
from nof1.knowledge.edition import SHIPPED, digest, packs
from nof1.knowledge.load import load


def test_compiled_equals_loaded(tmp_path: Path) -> None:
    built = load()
    compiled.write(built, tmp_path / "k.msgpack")
    assert compiled.read(tmp_path / "k.msgpack") == built


def test_damaged_cache_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "k.msgpack").write_bytes(b"\x93\x00nonsense")
    assert compiled.read(tmp_path / "k.msgpack") is None
    assert compiled.read(tmp_path / "absent") is None


def test_cache_is_rebuilt_when_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pack = tmp_path / "pack"
    shutil.copytree(SHIPPED / "sources", pack / "sources")
    (pack / "sources" / "data_and_methods.yaml").write_bytes(
        (pack / "sources" / "data_and_methods.yaml").read_bytes() + b"# another edition\n"
    )
    first = compiled.knowledge((pack,))
    assert compiled.cached(first.edition.digest).exists()
    (pack / "sources" / "cpic_guidelines.yaml").write_text(
        (pack / "sources" / "cpic_guidelines.yaml").read_text() + "\n# x\n"
    )
    compiled._knowledge.cache_clear()
    second = compiled.knowledge((pack,))
    assert second.edition.digest == digest((SHIPPED, pack)) != first.edition.digest


def test_missing_pack_folder_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from nof1.errors import KnowledgeError

    monkeypatch.setenv("NOF1_KNOWLEDGE", str(tmp_path / "nowhere"))
    with pytest.raises(KnowledgeError, match="nowhere"):
        packs()


def test_a_pack_of_an_installed_package_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it becomes importable after packs were looked for."""
    before = packs()
    (tmp_path / "own_pack.py").write_text("from pathlib import Path\nFOLDER = Path(__file__).parent / 'pack'\n")
    about = tmp_path / "own_pack-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: own-pack\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[nof1.knowledge]\nown = own_pack:FOLDER\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert set(packs()) - set(before) == {tmp_path / "pack"}


def test_start_up_parses_no_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    compiled.knowledge()
    compiled._knowledge.cache_clear()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("YAML was parsed")

    monkeypatch.setattr(yaml, "load", refuse)
    assert compiled.knowledge().genes
