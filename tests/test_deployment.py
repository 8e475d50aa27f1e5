"""The files that put the service on a machine hold to rules: no root, no secrets, hashes, time to stop."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from service.settings import FIELDS

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "contrib" / "exonym.service"
STOP_SECONDS = int(FIELDS["stop_timeout"].default)
KEYS = re.compile(r"(?i)key|token|secret|password")


def test_the_unit_runs_without_rights_and_leaves_time_to_stop() -> None:
    service = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text("utf-8"), re.M))
    assert service["User"] not in ("root", "0", "")
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert int(service["TimeoutStopSec"]) > STOP_SECONDS
    assert service["KillMode"] == "mixed"           # the master alone is asked to stop, and ends its workers in order
    assert service["Environment"] == f"EXONYM_DATA=/var/lib/{service['StateDirectory']}"
    assert service["ExecStart"].endswith("exonym serve --json")
    assert not KEYS.search(service["Environment"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_takes_the_unit_and_calls_it_protected(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    here.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text("utf-8"), flags=re.M))
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", str(here)], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=20", str(here)],
                            capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout[-2000:]     # an exposure of 2.0 of 10 at most: "OK"


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) of the Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def test_the_image_is_made_in_two_stages_from_one_small_base() -> None:
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim", bases[0])            # a version, no registry
    last = max(place for place, (name, _) in enumerate(instructions()) if name == "FROM")
    assert not [rest for name, rest in instructions()[last:] if "pip install" in rest or "apt-get" in rest]
    assert {name for name, _ in instructions()} <= {
        "FROM", "WORKDIR", "RUN", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT",
        "CMD"}


def test_the_image_installs_from_the_lock_and_copies_what_there_is() -> None:
    installs = [rest for name, rest in instructions() if name == "RUN" and "pip install" in rest]
    assert "--require-hashes -r requirements.txt" in installs[0]
    assert all("--no-deps --no-build-isolation ." in rest for rest in installs[1:])
    copied = {source for name, rest in instructions() if name == "COPY" and not rest.startswith("--from")
              for source in rest.split()[:-1]}
    assert all((ROOT / source).exists() for source in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*wheel["packages"], wheel["hooks"]["custom"]["path"]} <= copied
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert copied == let_in


def test_the_image_is_not_made_without_the_compiled_library() -> None:
    (compiled,) = [rest for name, rest in instructions() if "tools/compile_kernels.py" in rest and name == "RUN"]
    assert re.search(r"tools/compile_kernels\.py +&& .*pip install", compiled)
    (compiler,) = [rest for name, rest in instructions() if "apt-get install" in rest]
    assert {"gcc", "libc6-dev"} <= set(compiler.split())


def test_the_image_runs_as_nobody_in_particular_and_says_how_it_is() -> None:
    last = dict(instructions())
    user, group = last["USER"].split(":")
    assert int(user) >= 1000
    assert int(group) >= 1000
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(last["ENTRYPOINT"]) == ["exonym"]
    assert json.loads(last["CMD"])[0] == "serve"
    assert "/health/ready" in last["HEALTHCHECK"]
    assert json.loads(last["HEALTHCHECK"].partition("CMD ")[2])[0] == "python"
    settings = re.findall(r"EXONYM_(\w+)=", last["ENV"])
    assert set(map(str.lower, settings)) <= set(FIELDS)
    assert not KEYS.search(last["ENV"])


def test_the_composition_opens_no_more_than_it_must() -> None:
    (service,) = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"].values()
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert int(service["stop_grace_period"].removesuffix("s")) > STOP_SECONDS
    assert all(value.startswith("${") for name, value in service["environment"].items() if KEYS.search(name))
    assert {name.removeprefix("EXONYM_").lower() for name in service["environment"]} <= set(FIELDS)
    assert [volume.split(":")[1] for volume in service["volumes"]] == ["/data"]
