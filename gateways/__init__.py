"""Doors to the outside. Each speaks the foreign tongue, returns our own types and knows no rule."""
