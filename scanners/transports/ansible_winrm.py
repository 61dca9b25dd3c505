"""Our connection plugin for Windows: Ansible's own `winrm`, which logs in only after the scanner said so, and once.

It is copied into the private folder of a run, with the options of Ansible's plugin behind it (`ansible_windows`), and is
loaded by ansible-playbook there. Account and password come from the scanner at the socket `door`, so that they stand in
no inventory, file, environment or argument. One `raw` task carries all requests as one JSON object and brings the answers
back as one, since Ansible makes a new connection, hence a new login, for each task.
"""

import base64
import json
import socket
from typing import Any

import requests  # comes with pywinrm
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.connection.winrm import Connection as WinRM


def _stay(*_: Any, **__: Any) -> Any:
    """Follow no redirect: what was judged is what is connected to."""
    return iter(())


requests.Session.resolve_redirects = _stay  # type: ignore[method-assign]  # not a subclass: the library makes its own


class Connection(WinRM):  # type: ignore[misc]  # the library is not typed
    """One login for each host, all requests on it."""

    transport = "xunyan_winrm"

    def _winrm_connect(self) -> Any:
        with socket.socket(socket.AF_UNIX) as door:
            door.connect("door")
            stream = door.makefile("rw", encoding="utf-8")
            stream.write(json.dumps([self._winrm_host, self._winrm_port]) + "\n")
            stream.flush()
            login = json.loads(stream.readline() or "{}")
            if not login:
                raise AnsibleConnectionFailure("no login")
            self._winrm_kwargs.update(username=login["user"], password=login["password"])
            try:
                protocol = super()._winrm_connect()
            except AnsibleError as error:
                refused = "credentials were rejected" in str(error)
                stream.write(json.dumps(["refused" if refused else "unknown", str(error)[:300]]) + "\n")
                raise
            stream.write(json.dumps(["accepted", ""]) + "\n")
            return protocol

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:  # noqa: FBT001, FBT002, ARG002
        """Run each request of the JSON object that `cmd` is (in Base64); print one object: source -> output and exit status."""
        answers = {}
        for source, request in json.loads(base64.b64decode(cmd)).items():
            status, output, _ = super().exec_command(request, in_data=None, sudoable=False)
            answers[source] = (output.decode("utf-8", "replace"), status)
        return 0, json.dumps(answers).encode("ascii"), b""
