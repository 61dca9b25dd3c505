"""Looking at findings loads nothing that only scanning or spreadsheets need: it would double the time to start."""

import subprocess
import sys

HEAVY = ("paramiko", "ansible", "ansible_runner", "dns", "openpyxl", "yaml", "asyncssh")


def test_the_command_line_loads_without_what_carries() -> None:
    program = f"import sys, console.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
