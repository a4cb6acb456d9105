"""Notices that are sealed first and opened later, so that telling and keeping a secret go together."""
