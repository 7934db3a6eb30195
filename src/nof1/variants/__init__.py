"""Disease variants: what is asserted of them, what the criteria say, and which are findings to report."""
