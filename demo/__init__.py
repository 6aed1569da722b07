"""The demo stores: what they sell, who bought it, and what people said about it. Never used in production."""
