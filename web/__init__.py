"""What the HTTP faces share: the store by host, who is there, access, errors, htmx, caching."""
