"""An independent check of FHIR R4 resources against R4 itself and the Genomics Reporting guide. Test code, not shipped."""
