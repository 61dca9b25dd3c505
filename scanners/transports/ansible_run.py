"""One run of ansible-playbook in a private folder: no one's settings, no secret, and nothing left of it afterwards."""

import json
import os
import py_compile
import queue
import shlex
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible_runner import Runner, RunnerConfig
from ansible_runner.exceptions import AnsibleRunnerException

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"

SETTINGS = """\
[defaults]
gathering = explicit
host_key_checking = true
retry_files_enabled = false
internal_poll_interval = 0.01
display_args_to_stdout = false
deprecation_warnings = false
localhost_warning = false
[inventory]
enable_plugins = ansible.builtin.yaml
[ssh_connection]
retries = 0
use_tty = false
password_mechanism = disable
ssh_args = -T
"""

QUIET = '''\
"""Prints nothing: what is to be known stands in the events."""

DOCUMENTATION = """
name: xunyan_quiet
type: stdout
short_description: prints nothing
description: prints nothing
extends_documentation_fragment: [default_callback]
"""

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Prints nothing."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "xunyan_quiet"
'''

Event = tuple[str, str, Mapping[str, Any]]
"""Host's name in the inventory, what happened (`runner_on_ok`, ...), and Ansible's result."""

ENDS = frozenset({"runner_on_ok", "runner_on_failed", "runner_on_unreachable"})


class Run:
    """ansible-playbook over one generated inventory. The folder is the caller's, private, and emptied by `close`."""

    def __init__(self, folder: Path, playbook: str, inventory: Mapping[str, Any], forks: int) -> None:
        self.folder = folder
        self.words: list[str] = []
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._cancel = threading.Event()
        folder.chmod(0o700)
        for name in ("home", "tmp", "callback", "none"):
            (folder / name).mkdir(mode=0o700)
        (folder / "ansible.cfg").write_text(SETTINGS, "utf-8")
        (folder / "callback" / "xunyan_quiet.py").write_text(QUIET, "utf-8")
        (folder / "hosts.yml").write_text(json.dumps(inventory), "utf-8")
        shutil.copyfile(PLAYBOOKS / playbook, folder / playbook)
        self._config = self._prepare(playbook, forks)
        self._thread = threading.Thread(target=self._work, name="xunyan-ansible")

    def install_wrapper(self) -> None:
        """Put our ssh into the folder: compiled once, since it starts once for each host."""
        source = Path(__file__).with_name("ansible_ssh.py")
        py_compile.compile(str(source), cfile=str(self.folder / "login.pyc"), doraise=True)
        wrapper = self.folder / "ssh"
        folder, python = shlex.quote(str(self.folder)), shlex.quote(sys.executable)
        wrapper.write_text(f'#!/bin/sh\ncd {folder} && exec {python} -IS login.pyc "$@"\n', "utf-8")
        wrapper.chmod(0o700)

    def events(self) -> Iterator[Event]:
        """Start it, and give what happens to each host as soon as it is told; ends when ansible-playbook has ended."""
        self._thread.start()
        while (event := self._events.get()) is not None:
            yield event

    def close(self) -> None:
        """End ansible-playbook where it still runs, and delete what it wrote."""
        self._cancel.set()
        if self._thread.ident is not None:
            self._thread.join()
        for entry in self.folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)

    def _prepare(self, playbook: str, forks: int) -> Any:  # the library is not typed
        config = RunnerConfig(
            private_data_dir=str(self.folder),
            project_dir=str(self.folder),
            playbook=playbook,
            inventory=str(self.folder / "hosts.yml"),
            forks=forks,
            ident="run",
            quiet=True,
            suppress_env_files=True,
        )
        config.prepare()
        config.command[0:1] = [sys.executable, "-I", "-m", "ansible", "playbook"]
        config.cwd = str(self.folder)
        config.suppress_output_file = config.suppress_ansible_output = True
        config.pexpect_timeout = 0.5
        config.env = self._environment({name: config.env[name] for name in ("AWX_ISOLATED_DATA_DIR",)})
        return config

    def _environment(self, needed: Mapping[str, str]) -> dict[str, str]:
        """Write all that ansible-playbook and its children find in their environment."""
        from ansible_runner.display_callback import callback  # noqa: PLC0415

        plugins = str(Path(callback.__file__ or "").parent)
        return {
            **needed,
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "MAX_EVENT_RES": str(1 << 40),
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "none"),
            "ANSIBLE_ROLES_PATH": str(self.folder / "none"),
            "ANSIBLE_CALLBACK_PLUGINS": f"{self.folder / 'callback'}:{plugins}",
            "ANSIBLE_CONNECTION_PLUGINS": str(self.folder / "connection"),
            "ANSIBLE_STDOUT_CALLBACK": "awx_display",
            "ORIGINAL_STDOUT_CALLBACK": "xunyan_quiet",
            "ANSIBLE_SSH_EXECUTABLE": str(self.folder / "ssh"),
        }

    def _work(self) -> None:
        runner = Runner(self._config, event_handler=self._hear, cancel_callback=self._cancel.is_set)
        try:
            with suppress(AnsibleRunnerException, OSError):
                runner.run()
        finally:
            self._events.put(None)

    def _hear(self, event: Mapping[str, Any]) -> bool:
        """Take an event in; false, so that no file is written of it."""
        if event.get("event") in ENDS:
            data = event["event_data"]
            self._events.put((data["host"], event["event"], data["res"]))
        elif event.get("stdout") and len(self.words) < 20:
            self.words.append(str(event["stdout"]))
        return False
