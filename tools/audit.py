"""Look the locked dependencies up among known vulnerabilities, where the network allows; say plainly when it does not.

    python tools/audit.py PIP_AUDIT [SECONDS]

PIP_AUDIT is the command of that name. Ends 1 if a dependency has a known vulnerability, else 0: no answer in time, or
one about a part of the dependencies only, is said and is no failure, because it says nothing about them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.txt"
SECONDS = 90.0


def ask(command: str, seconds: float) -> dict[str, Any] | str:
    """What pip-audit found out about the lock, or why it did not."""
    options = ["--disable-pip", "--require-hashes", "-r", str(LOCK), "--format=json", "--progress-spinner=off"]
    try:
        done = subprocess.run([command, *options], capture_output=True, text=True, timeout=seconds)  # noqa: S603
    except subprocess.TimeoutExpired:
        return f"no answer within {seconds:g} s"
    except OSError as error:
        return f"{command} cannot be run: {error.strerror}"
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return (done.stderr.strip().splitlines() or ["no answer"])[-1]
    return found


def told(found: dict[str, Any] | str) -> tuple[list[str], int]:
    """The lines to print, and the exit status."""
    if isinstance(found, str):
        return [f"audit: not done, {found}"], 0
    rows = found["dependencies"]
    skipped = [row for row in rows if "skip_reason" in row]
    lines = [f"audit: {row['name']} {row['version']} has {vulnerability['id']}, mended in "
             f"{', '.join(vulnerability['fix_versions']) or 'no version yet'}"
             for row in rows for vulnerability in row.get("vulns", ())]
    bad = bool(lines)
    if skipped:
        lines.append(f"audit: nothing is known of {len(skipped)} of {len(rows)} dependencies; "
                     f"the first: {skipped[0]['skip_reason']}")
    if not bad and len(skipped) < len(rows):
        lines.append(f"audit: {len(rows) - len(skipped)} dependencies have no known vulnerability")
    return lines, int(bad)


def main() -> int:
    """Ask, tell."""
    command, *seconds = sys.argv[1:]
    lines, status = told(ask(command, float(seconds[0]) if seconds else SECONDS))
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
