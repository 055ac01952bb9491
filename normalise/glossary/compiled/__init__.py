"""From glossary files to the tables that matching runs on, and their cache on disk."""
