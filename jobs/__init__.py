"""The queue's face: what follows after commit, and what the clock does."""
