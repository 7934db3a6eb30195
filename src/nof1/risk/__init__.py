"""Risks of one person and of many: published equations, polygenic scores, family history, and what prevents."""
