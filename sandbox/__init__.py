"""Stand-ins for the services the shops talk to, for development and tests."""
