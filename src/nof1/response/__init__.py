"""Drug response: from levels, effects and covariates of one person to exposure, and to doses that suit it."""
