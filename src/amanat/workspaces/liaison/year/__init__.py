"""The year in figures: what both sides told, how soon, and what came of it."""
