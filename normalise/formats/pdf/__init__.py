"""PDF files: their text, as Markdown."""
