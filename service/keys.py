"""Keys for reading and writing over HTTP: made once, shown once, kept as hashes in the data folder."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

SCOPES = ("read", "write")
"""What a key may do; `write` includes reading."""
_NAME = re.compile(r"[\w.@-]{1,64}")


class KeysError(ValueError):
    """A key that cannot be made, found or read; the message says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key, without the key itself: a random 32-byte text needs no slow hash."""

    name: str
    scope: str
    hash: str                      # SHA-256, hexadecimal
    created: str                   # UTC, ISO 8601


def hashed(token: str) -> str:
    """SHA-256 of a key, hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


class Keys:
    """The keys of one data folder, and the one of the setting `api_key`. Changes of the file are seen at once."""

    def __init__(self, path: Path, api_key: str | None = None) -> None:
        self.path = path
        self._own = (Key("EXONYM_API_KEY", "write", hashed(api_key), ""),) if api_key else ()
        self._seen: tuple[int, int] | None = None
        self._stored: tuple[Key, ...] = ()

    def all(self) -> tuple[Key, ...]:
        """Every key that is taken."""
        return (*self._own, *self.stored())

    def stored(self) -> tuple[Key, ...]:
        """The keys of the file; none if there is no file. Raises KeysError for a damaged one."""
        try:
            about = self.path.stat()
        except FileNotFoundError:
            return ()
        mark = (about.st_mtime_ns, about.st_ino)
        if mark != self._seen:
            try:
                self._stored = tuple(Key(**row) for row in json.loads(self.path.read_text(encoding="utf-8")))
            except (ValueError, TypeError) as error:
                raise KeysError(f"{self.path} is damaged ({error}); remove it and make new keys") from error
            self._seen = mark
        return self._stored

    def find(self, token: str) -> Key | None:
        """The key that `token` is, compared in constant time with every key there is."""
        wanted, found = hashed(token), None
        for key in self.all():
            if hmac.compare_digest(key.hash, wanted):
                found = key
        return found

    def add(self, name: str, scope: str) -> str:
        """Make a key and give it: this is the only time that it can be read. Raises KeysError."""
        if not _NAME.fullmatch(name):
            raise KeysError(f"{name!r} is no name for a key: use up to 64 letters, digits, and . _ @ -")
        if any(key.name == name for key in self.stored()):
            raise KeysError(f"there is a key {name!r} already; revoke it first, or choose another name")
        token = secrets.token_urlsafe(32)
        self._write((*self.stored(), Key(name, scope, hashed(token), _now())))
        return token

    def revoke(self, name: str) -> None:
        """Take a key back. Raises KeysError if there is none of this name."""
        rest = tuple(key for key in self.stored() if key.name != name)
        if len(rest) == len(self.stored()):
            raise KeysError(f"there is no key {name!r} in {self.path}")
        self._write(rest)

    def rotate(self, name: str) -> str:
        """Put a new key in the place of an old one, with its name and scope, and give it. Raises KeysError.

        The old one is refused at once. To give its users time, add a second key and revoke the first later.
        """
        old = next((key for key in self.stored() if key.name == name), None)
        if old is None:
            raise KeysError(f"there is no key {name!r} in {self.path}")
        token = secrets.token_urlsafe(32)
        new = Key(name, old.scope, hashed(token), _now())
        self._write(tuple(new if key.name == name else key for key in self.stored()))
        return token

    def _write(self, keys: tuple[Key, ...]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".keys")     # readable by its owner alone
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump([asdict(key) for key in keys], file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.path)
