"""From the words of a translation back to those of its sentence."""
