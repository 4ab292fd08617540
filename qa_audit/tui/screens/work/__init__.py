"""My audits."""
