"""The library of forms."""
