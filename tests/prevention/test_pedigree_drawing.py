"""The drawn pedigree: nothing overlaps, children stand below their parents, couples side by side; symbols; words."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from families import DEMO, TODAY, drawn_at_random, ill, member, record_of
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.model.pedigree import Pedigree, Person
from nof1.report.pedigree import drawing, section, shown, summary, words
from nof1.report.pedigree_layout import boxes, layout
from nof1.risk.family_tree import family_tree
from nof1.risk.own import own_person

TITLES = {"breast_cancer": "breast cancer", "ovarian_cancer": "ovarian cancer", "colorectal_cancer": "colorectal cancer"}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6))
def test_ordinary_families_are_laid_out(seed: int) -> None:
    pedigree = drawn_at_random(seed)
    found = layout(pedigree)
    places = list(boxes(found).items())
    assert {name for name, _ in places} == set(pedigree.persons)
    for number, (name, one) in enumerate(places):
        assert one[0] >= 0 and one[2] <= found.width and one[3] <= found.height
        for other_name, other in places[:number]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1], (name, other_name)
    for person in pedigree.persons.values():
        for parent in person.parents:
            assert found.centres[parent][1] < found.centres[person.id][1]
    for a, b in pedigree.couples():
        row = next(row for row in found.rows if a in row)
        assert b in row and abs(row.index(a) - row.index(b)) == 1, (a, b, row)


def test_parents_who_are_cousins_stand_side_by_side() -> None:
    persons = [
        Person("g", sex="male"),
        Person("h", sex="female"),
        Person("a", sex="male", father="g", mother="h"),
        Person("b", sex="female", father="g", mother="h"),
        Person("x", sex="female"),
        Person("y", sex="male"),
        Person("c", sex="male", father="a", mother="x"),
        Person("d", sex="female", father="y", mother="b"),
        Person("me", father="c", mother="d"),
    ]
    pedigree = Pedigree("me", {one.id: one for one in persons})
    row = next(row for row in layout(pedigree).rows if "c" in row)
    assert abs(row.index("c") - row.index("d")) == 1
    double = re.findall(r'class="couple" d="M([\d.]+) ([\d.]+)', drawing(pedigree, {}))
    heights = [float(y) for x, y in double if double.count((x, y)) == 1]
    assert any(abs(one - other) == 4 for one in heights for other in heights)


def demo() -> Pedigree:
    record = record_of(DEMO)
    return family_tree(record.family, own_person(record, TODAY))


def test_symbols_say_what_they_stand_for() -> None:
    pedigree = demo()
    conditions = shown(pedigree, TITLES)
    assert list(conditions) == ["breast_cancer", "ovarian_cancer", "colorectal_cancer"]
    svg = ElementTree.fromstring(
        drawing(pedigree, conditions).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    )
    ns = {"s": "http://www.w3.org/2000/svg"}
    groups = {group.find("s:title", ns).text.split(",")[0]: group for group in svg.findall("s:g", ns)}  # type: ignore[union-attr]
    fills = {name: [rect.get("fill") for rect in group.findall("s:rect", ns)] for name, group in groups.items()}
    assert fills["mother"] == ["#1a4f93"]
    assert fills["maternal aunt"] == ["#8f4300"]
    assert fills["father"] == []
    paths = {name: [path.get("d") for path in group.findall("s:path", ns)] for name, group in groups.items()}
    assert paths["father"][0].startswith("M-14.0 -14.0h28")  # type: ignore[union-attr]
    assert "a14.0" in paths["mother"][0]  # type: ignore[operator]
    assert any(path == "M-20.0 20.0L20.0 -20.0" for path in paths["maternal aunt"])  # dead
    assert not any(path == "M-20.0 20.0L20.0 -20.0" for path in paths["mother"])
    assert len(paths["this person"]) == len(paths["father"]) + 1  # the arrow


def test_colours_have_contrast() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    from nof1.report.pedigree import _COLOURS

    assert all(1.05 / (light(colour) + 0.05) >= 5 for colour in _COLOURS)


def test_the_same_in_words() -> None:
    assert words(demo()) == [
        "this person, female, 43 years: Migraine",
        "mother, female, 70 years: code 254837009 at 44",
        "father, male, 72 years: no illness recorded",
        "brother, male: no illness recorded",
        "daughter, female, 12 years: no illness recorded",
        "maternal grandmother, female, died at 81: no illness recorded",
        "maternal grandfather, male, died at 71: code 363406005 at 68",
        "paternal grandmother, female, dead: no illness recorded",
        "paternal grandfather, male, dead: no illness recorded",
        "maternal aunt, female, died at 55: code 363443007 at 52",
    ]
    assert summary(demo(), {"breast_cancer": "breast cancer"}) == "9 relatives. breast cancer: mother."


def test_who_cannot_be_placed_is_in_words_only() -> None:
    pedigree = family_tree([member("GRMTH", ill("breast_cancer", 50))], Person("this person", sex="female"))
    assert any("not in the drawing" in line for line in words(pedigree))
    assert "grandmother" not in layout(pedigree).centres


def test_hostile_names_are_text() -> None:
    pedigree = Pedigree("me", {"me": Person("me", father="f"), "f": Person("f", name='<script>"x"</script>', sex="male")})
    page = section(pedigree, {})
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
