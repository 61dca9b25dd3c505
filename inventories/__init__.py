"""What we own and what we may touch: networks, identities, ledgers."""
