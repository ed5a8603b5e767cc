"""The demonstration: an invented e-commerce centre as a project, and what its plans are worth."""
