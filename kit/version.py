"""Which version of the product this is; health and the API's description say it."""

VERSION = "1.0.0"
