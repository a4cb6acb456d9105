"""The revisions, in the order of their numbers; each builds on the one before it."""
