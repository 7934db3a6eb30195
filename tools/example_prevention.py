"""A synthetic example person who opted in to secondary findings: record, gVCF and a table of assertions. Nobody."""

from __future__ import annotations

from typing import Any

from example_resources import SNOMED, UCUM, collection, found, has, measured, taken

from nof1.knowledge.gene_models import GeneModels

ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
WHO = {"reference": "Patient/example-5"}
# genes whose coding parts the file speaks about: all of them, or (of the last one) the first half only
READ = ("APC", "APOB", "BRCA1", "BRCA2", "MLH1", "MSH2", "MSH6", "PALB2", "PCSK9", "PTEN", "TP53")
HALF_READ = "LDLR"
FOUND = ("chr2", 47408445, "G", "T")  # a stop in MSH2; ClinVar: pathogenic, several submitters agree
# a table has to know something of a gene before it is called negative: of each one an allele that ClinVar calls pathogenic.
# That of BRCA1 lies one base beyond the coding part, where this file has no block: the gene is assessed in part.
KNOWN = (
    ("chr1", 55039931, "G", "A", "PCSK9", "Pathogenic", 2),
    ("chr2", 21006087, "C", "T", "APOB", "Pathogenic", 2),
    (*FOUND, "MSH2", "Pathogenic", 2),
    ("chr2", 47783387, "G", "T", "MSH6", "Pathogenic", 2),
    ("chr3", 37011857, "A", "T", "MLH1", "Pathogenic", 2),
    ("chr5", 112766344, "C", "T", "APC", "Pathogenic", 2),
    ("chr10", 87933228, "G", "T", "PTEN", "Pathogenic", 3),
    ("chr13", 32362596, "A", "T", "BRCA2", "Pathogenic", 3),
    ("chr16", 23603471, "G", "T", "PALB2", "Pathogenic", 3),
    ("chr17", 7673728, "C", "A", "TP53", "Pathogenic", 3),
    ("chr17", 43106534, "C", "A", "BRCA1", "Pathogenic", 3),
)
ASSERTIONS = "chrom\tpos\tref\talt\tgene\tclassification\tstars\n" + "".join(
    "\t".join(map(str, row)) + "\n" for row in KNOWN
)
# What a curator at the example's site wrote; the reading of the stop is that of the gene model: exon 2 of 16.
CURATION = """schema: 1
build: GRCh38
variants:
- allele: {chromosome: chr2, position: 47408445, ref: G, alt: T}
  gene: MSH2
  decisions:
  - {code: PVS1, action: add, by: Example Curator (synthetic), decided: '2026-11-20',
    why: 'early stop in the second of 16 exons, so that the transcript is expected to decay'}
"""


def rows(models: GeneModels, order: Any) -> list[tuple[int, int, str]]:
    """Lines of a gVCF: blocks over coding parts, and the variant."""
    lines: dict[tuple[str, int], str] = {}
    for gene in (*READ, HALF_READ):
        for transcript in models.of_gene(gene)[:1]:
            segments = transcript.coding_segments()
            segments = segments[: len(segments) // 2] if gene == HALF_READ else segments
            for first, last in segments:
                for start, end in _around(transcript.chromosome, first, last):
                    lines[transcript.chromosome, start] = _block(transcript.chromosome, start, end)
    chromosome, position, ref, alt = FOUND
    fields = (chromosome, str(position), ".", ref, f"{alt},<NON_REF>", ".", "PASS", ".", "GT:GQ:DP", "0/1:99:34")
    lines[chromosome, position] = "\t".join(fields) + "\n"
    return [(order(chrom), start, line) for (chrom, start), line in lines.items()]


def _around(chromosome: str, first: int, last: int) -> list[tuple[int, int]]:
    """A segment without the base of the variant."""
    if chromosome != FOUND[0] or not first <= FOUND[1] <= last:
        return [(first, last)]
    return [part for part in ((first, FOUND[1] - 1), (FOUND[1] + 1, last)) if part[0] <= part[1]]


def _block(chromosome: str, start: int, end: int) -> str:
    return f"{chromosome}\t{start}\t.\tN\t<NON_REF>\t.\tPASS\tEND={end}\tGT:GQ:DP\t0/0:60:31\n"


def bundle() -> str:
    """The record of example 5 as JSON text."""
    return collection(_resources())


def _resources() -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Patient",
            "id": "example-5",
            "name": [{"text": "Example Five (synthetic)"}],
            "gender": "female",
            "birthDate": "1970-04-02",
        },
        {
            "resourceType": "Consent",
            "id": "secondary-findings",
            "status": "active",
            "scope": {"text": "treatment"},
            "category": [{"text": "what is looked at in the genome"}],
            "patient": WHO,
            "dateTime": "2026-10-05",
            "policyRule": {"text": "secondary findings only as the person asks"},
            "provision": {
                "provision": [
                    {"type": "permit", "code": [{"coding": [{"system": "urn:nof1:opt-in", "code": "secondary-findings"}]}]}
                ]
            },
        },
        measured(WHO, "cholesterol", "2093-3", 252, "mg/dL", "2026-11-10"),
        measured(WHO, "hdl", "2085-9", 41, "mg/dL", "2026-11-10"),
        measured(WHO, "ldl", "13457-7", 171, "mg/dL", "2026-11-10"),
        measured(WHO, "creatinine", "2160-0", 0.8, "mg/dL", "2026-11-10"),
        measured(WHO, "hba1c", "4548-4", 5.9, "%", "2026-11-10"),
        measured(WHO, "bmi", "39156-5", 29.4, "kg/m2", "2026-11-10"),
        measured(WHO, "systolic", "8480-6", 148, "mm[Hg]", "2026-11-10"),
        has(WHO, "hypertension", "38341003", "Hypertension", "2022-05-01"),
        found(WHO, "smoking", "72166-2", "449868002", "Current every day smoker", "2026-11-10"),
        taken(WHO, "lisinopril", "Lisinopril 10 MG Oral Tablet", "2022-05-20"),
        _relative("mother", "MTH", "female", ("363406005", "Malignant tumor of colon", 44)),
        _relative("maternal-uncle", "MUNCLE", "male", ("363406005", "Malignant tumor of colon", 49)),
        _relative("maternal-grandmother", "MGRMTH", "female", ("254878006", "Endometrial carcinoma", 51), dead=57),
        _relative("father", "FTH", "male"),
        _relative("brother", "BRO", "male"),
        _relative("daughter", "DAU", "female"),
    ]


def _relative(name: str, role: str, sex: str, *illnesses: tuple[str, str, int], dead: int | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "resourceType": "FamilyMemberHistory",
        "id": name,
        "status": "completed",
        "patient": WHO,
        "relationship": {"coding": [{"system": ROLE, "code": role}]},
        "sex": {"coding": [{"system": "http://hl7.org/fhir/administrative-gender", "code": sex}]},
        "condition": [
            {
                "code": {"coding": [{"system": SNOMED, "code": code, "display": text}]},
                "onsetAge": {"value": age, "unit": "a", "system": UCUM, "code": "a"},
            }
            for code, text, age in illnesses
        ],
    }
    if dead is not None:
        made["deceasedAge"] = {"value": dead, "unit": "a", "system": UCUM, "code": "a"}
    return made
