"""Rules. A service takes a draft, an actor and the ambient store; it knows no request and no page."""
