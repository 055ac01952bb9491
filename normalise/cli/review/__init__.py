"""Looking at what a run did, and deciding about it."""
