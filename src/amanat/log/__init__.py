"""How a log stands: C2SP transparency logs over bytes, ignorant of what the bytes mean.

Read in this order: `tree` and `tiles` (what is stored), `note`, `checkpoint` and `cosignature` (what is signed),
`proof`, `policy` and `bounds` (what is shown, trusted, and says when), `witness` and `mirror` (what others countersign
and keep); `lines` and `malformed` are what all of them are made of. Law: imports nothing of ours, does no I/O,
reads no clock; every bad byte raises `Malformed`.
"""
