"""Network devices, simulated in a process of their own: command lines over SSH in the vendors' shapes, from the scenario."""
