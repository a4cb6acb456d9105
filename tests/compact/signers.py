"""Parties with real keys: custodians, two of three of whom act for a party, and a node."""

from datetime import UTC, datetime

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
