"""HTTP: the FHIR server. The extra ``nof1[server]`` brings what it needs."""
