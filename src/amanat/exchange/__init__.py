"""How it moves: records sent, delivered, accepted, answered and erased; docs/life-of-a-record.md."""
