"""The report of a run: pages for reviewing it, and the decisions made there."""
