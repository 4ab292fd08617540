"""The draw of a round's sample."""
