"""How it moves: records sent, delivered, accepted, answered and erased; each step one function (docs/life-of-a-record.md)."""
