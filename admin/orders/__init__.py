"""Orders: the list, one order, and what is done with it."""
