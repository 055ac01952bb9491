"""Tables: rows of cells, or lines of JSON."""
