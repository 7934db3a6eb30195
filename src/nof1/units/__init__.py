"""Units of measure: UCUM text <-> number. Converts exactly, or refuses and says why and what may have been meant."""
