"""Warnings: what this party tells its public of a danger, as CAP 1.2 has it, and tells the neighbour that it told."""
