"""What the commands for folders share, and those that look at a finished output folder."""
