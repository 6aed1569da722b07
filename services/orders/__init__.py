"""Orders: how one is placed, numbered, read, moved through its life and given back."""
