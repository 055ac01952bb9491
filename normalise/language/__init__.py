"""Facts about languages, each written once."""
