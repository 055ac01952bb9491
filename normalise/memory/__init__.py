"""The translation memory, and its exchange with other tools."""
