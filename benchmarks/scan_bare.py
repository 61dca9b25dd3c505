"""The yardstick: a bare paramiko loop that sends the collector to every host and throws away what it prints.

`python -m benchmarks.scan_bare ORDER`, where ORDER is JSON: hosts (address, port), user, key file, script. It is what a
person would write in an afternoon: it checks no host key, keeps no record and judges nothing.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko

THREADS = 20
PIECE = 65536


def read(address: str, port: int, user: str, key: paramiko.PKey, script: bytes) -> tuple[int, int]:
    """Ask one host; return how many bytes it printed, and the exit status of the collector."""
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.MissingHostKeyPolicy())
    with client:
        client.connect(address, port, user, pkey=key, allow_agent=False, look_for_keys=False, timeout=20)
        transport = client.get_transport()
        if transport is None:
            return 0, -1
        channel = transport.open_session()
        channel.exec_command("sh -s")
        channel.sendall(script)
        channel.shutdown_write()
        count = 0
        while piece := channel.recv(PIECE):
            count += len(piece)
        return count, channel.recv_exit_status()


def main(path: str) -> None:
    """Ask all hosts, and print how many answered in full, how many bytes in all, and how many the shortest answer has."""
    order = json.loads(Path(path).read_text("utf-8"))
    key = paramiko.Ed25519Key.from_private_key_file(order["key"])
    script = Path(order["script"]).read_bytes()
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda host: read(host[0], host[1], order["user"], key, script), order["hosts"]))
    counts = [count for count, status in answers if status == 0]
    print(json.dumps({"hosts": len(counts), "bytes": sum(counts), "least": min(counts, default=0)}))


if __name__ == "__main__":
    main(sys.argv[1])
