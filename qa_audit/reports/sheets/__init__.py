"""The sheets of the moderation summary, one module for each question they answer.

Facts in, sheets out. Table names and headings are somebody's next step: they are documented in
docs/data-dictionary.md and change only with the version of the paper.
"""
