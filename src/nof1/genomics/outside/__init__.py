"""Readers of calls made by other tools, one module a family; ``formats`` recognises which one a file is for."""
