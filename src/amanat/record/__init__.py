"""What is said: immutable records, their handling, and the kinds that give their bodies meaning."""
