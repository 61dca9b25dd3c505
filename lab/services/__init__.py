"""What real servers of a host need: their settings, pages, zones and certificates.

Everything here is made from a scenario's structs and starts nothing. Whoever starts a program appends both its outputs to
its `log`; there stands every request that it received.
"""
