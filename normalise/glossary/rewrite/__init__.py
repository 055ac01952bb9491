"""From hits to a standardised text."""
