"""Encodings of texts: those that Python lacks, and telling which one a file is in."""
