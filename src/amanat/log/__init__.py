"""How a log stands: C2SP transparency logs over bytes, ignorant of what the bytes mean.

Read in this order: `tree` and `tiles` (what is stored), `note`, `checkpoint` and `cosignature` (what is signed),
`proof`, `policy` and `witness` (what is shown, trusted and countersigned). Law: imports nothing of ours, does no I/O,
reads no clock; every bad byte raises `Malformed`.
"""
