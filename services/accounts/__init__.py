"""People's accounts: coming in, staying in, and who may do what."""
