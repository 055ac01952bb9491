"""Terms into glossary files and out of them, and into the formats of other tools."""
