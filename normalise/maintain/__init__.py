"""Tools for those who keep the glossaries; they stand above the engine and use it."""
