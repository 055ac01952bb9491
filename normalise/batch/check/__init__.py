"""Looking at finished output folders: whether they are whole, and how two of them differ."""
