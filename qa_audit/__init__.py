"""qa-audit: case audit for children's services, from the list of children to the moderation summary.

The folders are the audit cycle in order; each stage stands only on the stages before it.
Nothing is imported here, so that importing one part never costs another.
"""
