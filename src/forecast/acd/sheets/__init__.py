"""A sheet of texts -> typed rows: intervals, or calls folded later."""
