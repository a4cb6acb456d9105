"""Incidents: one event, the accounts of both sides, the ladder as a clock, and a statement that both sign."""
