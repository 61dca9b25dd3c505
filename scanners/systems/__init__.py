"""The agent for information systems: names, their delegation, ports, certificates, first pages, inner links.

It asks over the transports alone, with permits that come from outside; what it saw leaves it as lines of JSON, one body a
source, and nothing of it is judged here.
"""
