"""The only place that touches a network. A transport takes a permit, never a name or an address."""
