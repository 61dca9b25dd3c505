"""The scanners: what we may ask, and how the answers are read."""
