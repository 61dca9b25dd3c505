"""A small division of real hosts on one machine, for tests and benchmarks: servers on loopback addresses, nothing further."""
