"""Cited Party and State documents: found however damaged, recorded, written uniformly."""
