"""Web pages: only their words change, everything else stays byte for byte."""
