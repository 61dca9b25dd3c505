"""The only place that touches a network. A transport takes a permit, never a name or an address."""

import sys

# paramiko takes along a runner of local commands, for what `Match exec` of an ssh_config asks. None is read here: what
# cannot be called need not be loaded, and takes a fifth of the time to start. A missing one is nothing to paramiko.
sys.modules.setdefault("invoke", None)  # type: ignore[arg-type]  # the import system's own sign for "not to be found"
