"""How a record is protected: addressed, signed and sealed to its audience, and opened again."""
