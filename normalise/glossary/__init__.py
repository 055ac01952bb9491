"""Curated glossaries: loading, matching, rewriting and the maintainers' tools."""
