"""The linter: entries, clashes between them, examples put to the test."""
