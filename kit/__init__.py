"""Plumbing: what would be useful in a program that sells nothing."""
