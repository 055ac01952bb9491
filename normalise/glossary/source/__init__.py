"""Glossary files: what they may say, how they are read, how a variant is written."""
