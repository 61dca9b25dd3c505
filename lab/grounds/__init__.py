"""Where a lab stands: in namespaces of its own with real addresses, or on the loopback addresses of this machine."""
