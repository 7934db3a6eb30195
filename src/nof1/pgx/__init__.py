"""Star alleles: genotypes at a gene's positions -> diplotypes -> phenotypes, by methods named in the knowledge."""
