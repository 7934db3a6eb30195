"""Genome files in, genotypes at the knowledge's loci out; what was not seen stays unknown."""
