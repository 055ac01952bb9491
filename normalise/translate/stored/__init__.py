"""What the engine has already said: its candidates, kept for other glossaries."""
