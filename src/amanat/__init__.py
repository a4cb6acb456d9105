"""Amanat: reports between two states that neither can later deny, alter or quietly drop.

Read the folders from the bottom of the drawing in CONTRIBUTING.md upwards; `docs/life-of-a-record.md` is the
road of one record through them.
"""
