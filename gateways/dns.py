"""Questions to the domain name system."""

import dns.exception
import dns.resolver

SECONDS = 5.0


def find_txt(name: str) -> list[str]:
    """The TXT records at a name; none where there are none or nobody answers in time."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=SECONDS)
    except dns.exception.DNSException:
        return []
    return ["".join(part.decode("utf-8", "replace") for part in record.strings) for record in answer]
