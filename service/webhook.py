"""Webhook: matches of a saved search posted as JSON; delivered means that the other side answered 2xx.

1. The address is checked as a feed's is (`index.readers.fetch`): never a private one unless that is allowed.
2. A redirect is not followed and counts as a refusal: what was checked is the address that was given.
3. No answer in time, 408, 429 or 5xx: tried again after 1, 2, 4 … seconds, or after `Retry-After` if that is longer.
   Any other answer is a refusal; to say the same again at once would not help.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from index.readers.fetch import FetchError, guarded_connection
from service.payloads import fields_of

AGENT = "exonym (watch)"
LONGEST_PAUSE = 60.0        # seconds
ANSWER_BYTES = 65_536       # read of an answer, so that the connection ends in order


class DeliveryError(Exception):
    """A delivery that nobody took; the text says why."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to post, and how patiently. `timeout`: seconds for each step of an attempt; `retries`: after the first."""

    url: str
    timeout: float = 10.0
    retries: int = 4
    allow_private: bool = False
    pause: Callable[[float], None] = time.sleep

    def post(self, value: object) -> None:
        """Post one JSON value, in which there may be records of an answer. Returns when the other side took it.

        Raises DeliveryError if it did not.
        """
        body = json.dumps(value, ensure_ascii=False, default=fields_of).encode("utf-8", "replace")
        for attempt in range(self.retries + 1):
            wait = self._attempt(body, last=attempt == self.retries)
            if wait is None:
                return
            self.pause(min(max(wait, 2.0**attempt), LONGEST_PAUSE))

    def _attempt(self, body: bytes, *, last: bool) -> float | None:
        """None: taken. Else the seconds that the other side asks to wait; DeliveryError if there is no use in it."""
        try:
            status, reason, after = self._send(urlsplit(self.url), body)
        except (FetchError, ValueError) as error:
            raise DeliveryError(str(error)) from error
        except (OSError, http.client.HTTPException) as error:
            if last:
                raise DeliveryError(f"{self.url}: {error or type(error).__name__}") from error
            return 0.0
        if 200 <= status < 300:
            return None
        if last or not (status in (408, 429) or status >= 500):
            raise DeliveryError(f"{self.url} answered {status} {reason}")
        return float(after) if after.isascii() and after.isdecimal() and len(after) < 6 else 0.0

    def _send(self, parts: SplitResult, body: bytes) -> tuple[int, str, str]:
        connection = guarded_connection(parts, self.timeout, self.allow_private)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json", "User-Agent": AGENT, "Connection": "close"}
        try:
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            answer.read(ANSWER_BYTES)
            return answer.status, answer.reason, answer.headers.get("Retry-After", "")
        finally:
            connection.close()
