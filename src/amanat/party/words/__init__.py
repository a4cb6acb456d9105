"""The BIP-39 English word list (2,048 words): package data for `party.fingerprint`; licence and source in README.md."""
