"""How an input looks, and how it is read from a browser. What it must be is said by the draft."""
