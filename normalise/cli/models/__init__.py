"""``normalise models``: translation packages on this machine."""
