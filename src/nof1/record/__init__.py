"""Health records: FHIR R4 resources -> dated, unit-checked facts, and a list of what could not be used."""
