"""Tracks: who or what crossed, captured personnel, passage, recovery, ordnance, stray fire; each step signed."""
