"""What is planned near the line: where and when, and whether two plans come too near one another."""
