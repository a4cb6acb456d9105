"""What was agreed: the compact as signed text, the floors below it, and whether a record may be sent."""
