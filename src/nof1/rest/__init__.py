"""The interactions of FHIR's RESTful API on a record store, without HTTP: a request in, a response out."""
