"""Clarification: what one side saw and nobody gave notice of, asked about, answered and judged."""
