"""The linter: checks entries, clashes between them, and examples."""
