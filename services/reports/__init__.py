"""Numbers about the orders, by one set of definitions: periods.py says which orders count, and when a day begins."""
