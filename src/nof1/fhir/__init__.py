"""FHIR R4 itself: its definitions, validation, paths, what is indexed of a resource, and searches as trees."""
