"""Giving audits to auditors."""
