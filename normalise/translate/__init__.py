"""Translating sentences: memory, engine, checks and terms."""
