"""What a run has to do with: the documents of a folder, and which of them are wanted."""
