"""Lists of children."""
