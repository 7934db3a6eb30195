"""The page: one person's assessment as a single printable HTML document that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.model.findings import Assessment
from nof1.model.genome import SiteNote
from nof1.report import tested, words
from nof1.report.cite import Citations, source_list
from nof1.report.classes import comparison_section
from nof1.report.drawing import sign_definitions
from nof1.report.drugs import at_a_glance, drug_sections, unknown_rows
from nof1.report.effective import effective_section, exposure_section
from nof1.report.exposed import exposed_section
from nof1.report.genes import gene_section
from nof1.report.head import head
from nof1.report.markup import Html, clean, readable, row, table, tag, together
from nof1.report.medicines import medicine_section
from nof1.report.pairs import interaction_section
from nof1.report.patient import patient_section
from nof1.report.recorded import record_section
from nof1.report.risks import risk_section
from nof1.report.scores import score_section
from nof1.report.secondary import secondary_section
from nof1.report.shown import Shown, shown_of
from nof1.report.urgent import urgent_section
from nof1.report.wanted import missing_section

_NOTES_SHOWN = 40
_HEADING = 200  # signs from the start of a section that hold its heading

_SECTIONS = {
    "now": "Must change now",
    "medicines": "Medicines",
    "missing": "What would help most",
    "effective": "Effective phenotypes",
    "interactions": "Interactions",
    "compared": "Classes compared",
    "exposure": "Exposure",
    "exposed": "Drugs given",
    "secondary": "Secondary findings",
    "prevention": "Prevention",
    "family": "Family",
    "risks": "Risks",
    "scores": "Polygenic scores",
    "record": "Facts of the record",
    "drugs": "Drugs",
    "genes": "Genes",
    "tested": "What was tested",
    "unknowns": "Unknowns",
    "sources": "Sources",
    "about": "Method and limits",
    "patient": "For the patient",
}
_WITH_RECORD = (
    "Other medicines, organ function, age, pregnancy and allergies are weighed as far as the record states them and this "
    "edition has rules for them; what is not recorded is unknown, not absent."
)
_WITHOUT_RECORD = (
    "No health record was given: advice follows published guidelines for the genes alone; other medicines, organ function, "
    "age, pregnancy and allergies are not weighed."
)
_LIMITS = (
    "Only the listed positions were looked at. Alleles whose positions were not seen are not excluded; "
    "they stand beside each gene.",
    "A rare or new variant outside these positions, a copy-number change or a rearrangement can change the result.",
    "A recommendation marked partial was reached although one of its genes is unknown.",
    "A pair of drugs that is not listed may still interact. A drug that is not listed has not been assessed; that it is "
    "missing does not make it safe.",
)


def page(assessment: Assessment) -> str:
    """The assessment as one HTML page: what must change now, the record, drugs, genes, sources; last a page for the patient.

    Text of files and knowledge is escaped; the page holds no script and loads nothing. Control characters and turned
    writing directions are shown as U+FFFD.
    """
    shown = shown_of(assessment)
    plan, family, to_stay_well = _beyond_drugs(assessment)
    sections = (
        urgent_section(assessment, shown),
        medicine_section(assessment, shown),
        missing_section(assessment, shown),
        effective_section(assessment, shown),
        interaction_section(assessment, shown),
        comparison_section(assessment, shown),
        exposure_section(assessment, shown),
        exposed_section(assessment, shown),
        secondary_section(assessment, shown.cite),
        plan,
        family,
        risk_section(assessment, shown.cite),
        score_section(assessment),
        record_section(assessment, shown),
        at_a_glance(assessment, shown),
        drug_sections(assessment, shown),
        gene_section(assessment, shown.cite),
        _tested(assessment),
        _unknowns(assessment, shown),
        _sources(assessment, shown.cite),
        _about(assessment),
    )
    patient = together([patient_section(assessment), to_stay_well])
    top = together([sign_definitions(), _header(assessment, (*sections, patient))])
    body = together([tag("main", *sections), _footer(assessment), patient])
    return readable(clean(f"{_head(assessment)}<body>{top}{body}</body></html>\n"))


def _beyond_drugs(assessment: Assessment) -> tuple[Html, Html, Html]:
    """The plan, the family and the plan in the patient's words; nothing is loaded where there is no record."""
    if assessment.pedigree is None:
        return Html(""), Html(""), Html("")
    from nof1.report.prevention import family_part, patient_part, prevention_section

    return prevention_section(assessment), family_part(assessment), patient_part(assessment)


def _head(assessment: Assessment) -> str:
    """The head; the person's name stands in the margin of every printed page."""
    title = f"{assessment.person} · {words.title(assessment).lower()} · {assessment.created}"
    return head(title, assessment.person, assessment.created, "prevention.css", "risk.css")


def _header(assessment: Assessment, sections: Sequence[str]) -> Html:
    """Who, when, by what; what must be read first; links to the sections that there are."""
    facts = {
        "Date": assessment.created,
        "Software": assessment.software,
        "Knowledge": f"edition {assessment.knowledge_edition[:12]} of {assessment.knowledge_date}",
        "Scope": f"{words.counted(len(assessment.drugs), 'drug')}, {words.counted(len(assessment.genes), 'gene')}",
    }
    shown = [tag("div", tag("dt", name), tag("dd", text)) for name, text in facts.items()]
    title = tag("h1", tag("span", words.title(assessment), class_="kicker"), " ", tag("bdi", assessment.person))
    begun = [part[:_HEADING] for part in sections]
    there = {name: text for name, text in _SECTIONS.items() if any(f' id="{name}"' in part for part in begun)}
    nav = tag("nav", *[tag("a", text, href=f"#{name}") for name, text in there.items()], aria_label="Sections")
    support = tag("p", assessment.disclaimer, class_="disclaimer", role="note")
    first = together([*_first(assessment), _warning(assessment)])
    return tag("header", first, title, tag("dl", *shown, class_="meta"), support, nav, class_="top")


def _first(assessment: Assessment) -> list[Html]:
    """What must be read first: that a file lists variants only, doubts about identity, results to be confirmed."""
    line = tested.first_line(assessment)
    shown = [tag("p", tag("b", line), class_="headline", role="note")] if line else []
    for title, text in tested.alarms(assessment):
        shown.append(tag("p", "⚠ ", tag("b", title), " ", text, class_="alarm", role="note"))
    return shown


def _tested(assessment: Assessment) -> Html:
    """What was tested, what was not, by whom, and under which populations it was weighed."""
    rows = [
        tag("div", tag("dt", name), tag("dd", text), class_="strong" if name == "Confirm" or "DISAGREES" in text else "")
        for name, text in tested.facts(assessment)
    ]
    body = tag("dl", *rows, class_="settings") if rows else tag("p", "Nothing is stated about the test.")
    return tag("section", tag("h2", "What was tested, what was not", id="tested"), body)


def _warning(assessment: Assessment) -> Html:
    """What was not seen, or that all was."""
    lines = words.warnings(assessment)
    if lines:
        first = tag("p", "⚠ ", tag("b", lines[0]))
        return tag("div", first, *[tag("p", line) for line in lines[1:]], class_="warning", role="note")
    asked = words.unseen(assessment)[1]
    return tag("p", f"All {words.counted(asked, 'position')} asked for were seen.", class_="seen-all") if asked else Html("")


def _unknowns(assessment: Assessment, shown: Shown) -> Html:
    parts = [tag("h2", "Unknowns", id="unknowns")]
    if assessment.unknown:
        parts.append(unknown_rows(assessment.unknown, shown))
    else:
        parts.append(tag("p", "No gene was left without an answer."))
    if assessment.site_notes:
        parts += [tag("h3", "Notes on single sites ", tag("span", str(len(assessment.site_notes)), class_="n"))]
        parts.append(_site_notes(assessment.site_notes))
    return tag("section", *parts)


def _site_notes(notes: tuple[SiteNote, ...]) -> Html:
    rows = [row(note.locus or note.place, note.message, _kind(note)) for note in notes[:_NOTES_SHOWN]]
    left = len(notes) - _NOTES_SHOWN
    more = tag("p", f"{left:,} more are in the JSON file of this assessment.", class_="quiet") if left > 0 else Html("")
    return together([table("compact notes-table", ("Site", "What was found", "Kind"), rows, "Notes on single sites"), more])


def _kind(note: SiteNote) -> str:
    kind = note.kind.replace("_", " ")
    return f"{kind}, {note.place}" if note.locus and note.place else kind


def _sources(assessment: Assessment, cite: Citations) -> Html:
    key = (
        "Status of a fact: provisional, entered once; machine-read, derived again from the source by someone who had "
        "not entered it; clinically-reviewed, confirmed by a named clinician."
    )
    return tag("section", tag("h2", "Sources", id="sources"), tag("p", key, class_="quiet"), source_list(assessment, cite))


def _about(assessment: Assessment) -> Html:
    """Edition, settings, files read and what the page cannot say."""
    rows = [
        row(tag("code", file.path), file.kind, f"{file.build} by {file.build_from}", f"{file.records:,}")
        for file in assessment.files
    ]
    files = (
        table("compact files", ("File", "Kind", "Build", "Records used"), rows, "Genome files read") if rows else Html("")
    )
    stated = {
        "Software": assessment.software,
        "Knowledge edition": assessment.knowledge_edition,
        "Knowledge date": assessment.knowledge_date,
        "Form of the data": f"schema {assessment.schema_version}",
        **assessment.settings,
    }
    settings = [tag("div", tag("dt", name), tag("dd", text)) for name, text in stated.items()]
    return tag(
        "section",
        tag("h2", "Method and limits", id="about"),
        tag("h3", "Files read"),
        files or tag("p", "No genome file was read."),
        tag("h3", "Edition and settings"),
        tag("dl", *settings, class_="settings"),
        tag("h3", "Limits"),
        tag("ul", *[tag("li", line) for line in (_WITH_RECORD if assessment.record else _WITHOUT_RECORD, *_LIMITS)]),
    )


def _footer(assessment: Assessment) -> Html:
    knowledge = f"knowledge {assessment.knowledge_edition[:12]} of {assessment.knowledge_date}"
    made = tag("p", f"{assessment.software}, {knowledge}, {assessment.created}.")
    return tag("footer", tag("p", assessment.disclaimer), made)
