"""Findings and facts in, ranked recommendations out."""
