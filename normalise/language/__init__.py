"""Facts by language, each written once."""
