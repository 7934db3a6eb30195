"""Imaging: DICOM objects -> FHIR R4 resources. Reads files; needs pydicom (``nof1[server]``) once something is read."""
