"""Cited Party and State documents: found in any damage, recorded, written one way."""
