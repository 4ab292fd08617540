"""Safeguarding alerts."""
