"""What the detector asks: the words to judge, the scripts, the small model, the general ones."""
