"""Where it is kept: the core's tables, and the few questions and changes the exchange makes to them."""
