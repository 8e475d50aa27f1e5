"""Starts a cluster of OpenSearch nodes on this machine, runs a command with it, and stops it.

python tests/opensearch/nodes.py --nodes 3 -- python -m pytest tests/opensearch

The distribution is fetched by Maven (pom.xml beside this file). Where that does not answer, it says so and ends 75. The
command finds the nodes in OPENSEARCH_TEST_NODES, their process ids in OPENSEARCH_TEST_PIDS, in the same order.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
NOT_TO_BE_HAD = 75
HEAP = "512m"
START_SECONDS = 180
FETCH_SECONDS = 300


class Nodes:
    """Some nodes that find one another on the loopback."""

    def __init__(self, home: Path, work: Path, count: int) -> None:
        self.work, self._home, self._count = work, home, count
        self._processes: list[subprocess.Popen[bytes]] = []
        self._ports = [(_free_port(), _free_port()) for _ in range(count)]

    @property
    def urls(self) -> list[str]:
        """Where the nodes answer."""
        return [f"http://127.0.0.1:{http}" for http, _ in self._ports]

    @property
    def pids(self) -> list[int]:
        """The processes of the nodes."""
        return [process.pid for process in self._processes]

    def start(self) -> None:
        """Start all nodes and wait until they are one cluster. Raises OSError when they do not become one."""
        for number in range(self._count):
            self._start(number)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self._processes):
                break
            if self._together():
                return
            time.sleep(0.5)
        raise OSError("the cluster did not start:\n" + "\n".join(
            path.read_text(errors="replace")[-2000:] for path in sorted(self.work.glob("*.log"))))

    def _together(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.urls[0]}/_cluster/health", timeout=5) as answer:
                return bool(json.load(answer)["number_of_nodes"] == self._count)
        except OSError:
            return False

    def _start(self, number: int) -> None:
        http, transport = self._ports[number]
        config, data = self.work / f"config{number}", self.work / f"data{number}"
        shutil.copytree(self._home / "config", config)
        seeds = ", ".join(f'"127.0.0.1:{port}"' for _, port in self._ports)
        managers = ", ".join(f'"node{other}"' for other in range(self._count))
        (config / "opensearch.yml").write_text(
            f"cluster.name: exonym-test\nnode.name: node{number}\nnetwork.host: 127.0.0.1\nhttp.port: {http}\n"
            f"transport.port: {transport}\npath.data: {data}\npath.logs: {self.work / f'logs{number}'}\n"
            f"discovery.seed_hosts: [{seeds}]\ncluster.initial_cluster_manager_nodes: [{managers}]\n"
            "cluster.routing.allocation.disk.threshold_enabled: false\n")
        environment = {"OPENSEARCH_JAVA_HOME": _java_home(), **os.environ,
                       "OPENSEARCH_PATH_CONF": str(config), "HOME": str(self.work),
                       "OPENSEARCH_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP} -XX:TieredStopAtLevel=1"}
        ordinary = _ordinary_user()
        if ordinary is not None:
            for path in (self.work, *self.work.rglob("*")):
                os.chown(path, *ordinary)
        with (self.work / f"node{number}.log").open("wb") as log:
            self._processes.append(subprocess.Popen(
                [str(self._home / "bin" / "opensearch")], env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
                **({"user": ordinary[0], "group": ordinary[1]} if ordinary is not None else {})))

    def stop(self) -> None:
        """Stop what still runs."""
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _ordinary_user() -> tuple[int, int] | None:
    """Whom to run as: OpenSearch refuses to run as root."""
    if os.getuid():
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _java_home() -> str:
    return str(Path(shutil.which("java") or "/usr/bin/java").resolve().parents[1])


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def fetch(into: Path) -> Path | None:
    """The unpacked distribution; None when Maven is not there or does not answer."""
    if shutil.which("mvn") is None or shutil.which("java") is None:
        return None
    command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:unpack", f"-Dinto={into}"]
    try:
        done = subprocess.run(command, timeout=FETCH_SECONDS, stdin=subprocess.DEVNULL, capture_output=True)
    except subprocess.TimeoutExpired:
        return None
    found = sorted(into.glob("opensearch-*"))
    if done.returncode or not found:
        print(done.stdout.decode(errors="replace")[-2000:], file=sys.stderr)
        return None
    return found[0]


def main() -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--limit", type=float, default=3600, help="seconds that the command may take")
    parser.add_argument("command", nargs="+")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="exonym-opensearch-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        work.chmod(0o755)
        home = fetch(work)
        if home is None:
            print("OpenSearch was left out: Maven could not get it", file=sys.stderr)
            return NOT_TO_BE_HAD
        for script in (home / "bin").iterdir():
            script.chmod(0o755)
        nodes = Nodes(home, work, asked.nodes)
        try:
            nodes.start()
            environment = {**os.environ, "OPENSEARCH_TEST_NODES": ",".join(nodes.urls),
                           "OPENSEARCH_TEST_PIDS": ",".join(map(str, nodes.pids))}
            try:
                return subprocess.run(asked.command, env=environment, timeout=asked.limit).returncode
            except subprocess.TimeoutExpired:
                print(f"the command took more than {asked.limit:g} s and was ended", file=sys.stderr)
                return 1
        finally:
            nodes.stop()


if __name__ == "__main__":
    sys.exit(main())
