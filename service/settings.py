"""Settings: one frozen record, made of defaults < TOML file < EXONYM_* < options of the command line.

A new setting is one field here (its name, type, default and rule) and its row in docs/settings.md; a test keeps the
two together. An unknown key anywhere is an error that names the nearest one.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from search.limits import Limits

PREFIX = "EXONYM_"
FILE_NAME = "exonym.toml"
MEGABYTE = 1 << 20
ENGINES = ("embedded", "opensearch")


class SettingsError(ValueError):
    """A setting that is unknown or has a value it cannot have. The message says which, where and what is allowed."""


def _setting(default: Any, **rule: Any) -> Any:
    """A field with its rule: `least`, `most` (numbers) or `choices` (words)."""
    return field(default=default, metadata=rule, repr=not rule.get("secret", False))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything about a service that may differ from one installation to the next."""

    data: Path
    host: str = "127.0.0.1"
    port: int = _setting(8000, least=0, most=65535)
    workers: int = _setting(0, least=0, most=256)              # 0: as many as processors, at most 2
    threads: int = _setting(64, least=1, most=256)
    request_timeout: int = _setting(60, least=1, most=3600)     # seconds
    stop_timeout: int = _setting(30, least=0, most=3600)        # seconds
    api_key: str | None = _setting(None, secret=True)
    read_access: str = _setting("open", choices=("open", "key"))
    saved: str = _setting("auto", choices=("auto", "open", "key", "off"))
    rate_limit: int = _setting(0, least=0, most=1_000_000)      # requests a minute; 0: no limit
    cors_origins: tuple[str, ...] = ()
    public_url: str | None = None
    proxies: int = _setting(0, least=0, most=10)
    max_body: int = _setting(64 * MEGABYTE, least=1024, most=4096 * MEGABYTE)       # bytes
    max_article: int = _setting(16 * MEGABYTE, least=1024, most=256 * MEGABYTE)     # bytes
    max_records: int = _setting(10_000, least=1, most=1_000_000)
    engine: str = _setting("embedded", choices=ENGINES)
    opensearch_url: tuple[str, ...] = ("http://127.0.0.1:9200",)
    opensearch_prefix: str = "exonym"
    opensearch_user: str | None = None
    opensearch_password: str | None = _setting(None, secret=True)
    opensearch_ca_file: str | None = None
    opensearch_shards: int = _setting(1, least=1, most=1024)
    opensearch_replicas: int = _setting(1, least=0, most=10)
    opensearch_timeout: float = _setting(30.0, least=0.1, most=600)     # seconds
    max_query: int = _setting(4000, least=10, most=4000)        # characters
    max_words: int = _setting(200, least=1, most=1000)
    max_depth: int = _setting(40, least=1, most=100)
    max_expansions: int = _setting(1000, least=1, most=100_000)
    max_page: int = _setting(10_000, least=1, most=10_000)
    query_timeout: float = _setting(10.0, least=0.01, most=600)   # seconds
    cache_size: int = _setting(256 * MEGABYTE, least=MEGABYTE, most=65_536 * MEGABYTE)   # bytes
    input_document_bytes: int = _setting(16 * MEGABYTE, least=1024, most=4096 * MEGABYTE)
    input_record_bytes: int = _setting(16 * MEGABYTE, least=1024, most=4096 * MEGABYTE)
    input_unpacked_bytes: int = _setting(51_200 * MEGABYTE, least=1024, most=100_000_000 * MEGABYTE)
    input_ratio: int = _setting(200, least=1, most=100_000)
    input_spool_bytes: int = _setting(2048 * MEGABYTE, least=1024, most=1_000_000 * MEGABYTE)
    input_depth: int = _setting(3, least=0, most=20)
    input_members: int = _setting(1_000_000, least=1, most=1_000_000_000)
    feed_timeout: float = _setting(20.0, least=0.1, most=600)   # seconds
    private_feeds: str = _setting("refuse", choices=("refuse", "allow"))
    index_delay: float = _setting(0.5, least=0.05, most=3600)   # seconds
    max_waiting: int = _setting(200_000, least=1, most=100_000_000)
    wait_limit: float = _setting(30.0, least=0.1, most=600)     # seconds
    log_format: str = _setting("text", choices=("text", "json"))
    log_level: str = _setting("info", choices=("debug", "info", "warning", "error"))

    @property
    def limits(self) -> Limits:
        """What one search may ask for."""
        return Limits(self.max_words, self.max_depth, self.max_expansions, self.query_timeout)

    @property
    def processes(self) -> int:
        """The number of worker processes."""
        return self.workers or min(2, os.cpu_count() or 1)


FIELDS = {item.name: item for item in dataclasses.fields(Settings)}


def load_settings(options: Mapping[str, object], environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in force.

    `options` are those of the command line; None means not given. `config` among them (or EXONYM_CONFIG) names
    the TOML file; without it `exonym.toml` in the data folder is read if it is there. Raises SettingsError.
    """
    environment = os.environ if environment is None else environment
    given = {name: value for name, value in options.items() if value is not None}
    from_environment = _environment(environment)
    data = given.get("data") or from_environment.get("data")
    config = given.pop("config", None) or from_environment.pop("config", None)
    from_file = _file(config, Path(str(data)) if data is not None else default_data())
    merged = {**from_file, **from_environment, **given}
    merged.setdefault("data", default_data())
    return Settings(**merged)


def default_data() -> Path:
    """The platform's user data folder."""
    import platformdirs

    return Path(platformdirs.user_data_path("exonym", appauthor=False))


def _environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, text in environment.items():
        if not key.startswith(PREFIX) or not text:
            continue
        name = key[len(PREFIX):].lower()
        if key == f"{PREFIX}CONFIG":
            found["config"] = text
        else:
            found[name] = checked(name, text, f"the environment variable {key}")
    return found


def _file(config: object, data: Path) -> dict[str, Any]:
    path = Path(str(config)) if config is not None else data / FILE_NAME
    if config is None and not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot read the settings file {path}: {error}") from error
    return {name: checked(name, value, str(path)) for name, value in table.items()}


def checked(name: str, value: object, where: str) -> Any:
    """`value` as the field `name` wants it; raises SettingsError that says where it came from and what is allowed."""
    if name not in FIELDS:
        near = difflib.get_close_matches(name, FIELDS, 1, cutoff=0.0)[0]
        raise SettingsError(f"unknown setting {name!r} in {where}; the nearest there is: {near!r}. "
                            f"All are {', '.join(sorted(FIELDS))}")
    rule = FIELDS[name].metadata
    try:
        result = _converted(str(FIELDS[name].type), value)
    except (TypeError, ValueError):
        raise SettingsError(f"{name} in {where} cannot be {_shown(name, value)}: {_allowed(name)}") from None
    if "choices" in rule and result not in rule["choices"]:
        raise SettingsError(f"{name} in {where} cannot be {_shown(name, value)}: {_allowed(name)}")
    if "least" in rule and not rule["least"] <= result <= rule["most"]:
        raise SettingsError(f"{name} in {where} cannot be {_shown(name, value)}: {_allowed(name)}")
    return result


def _converted(kind: str, value: object) -> Any:
    if kind in ("int", "float"):
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise TypeError(kind)
        return int(str(value)) if kind == "int" else float(value)
    if kind.startswith("tuple"):
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
            raise TypeError(kind)
        return tuple(part.strip() for part in parts if part.strip())
    if not isinstance(value, str | Path):
        raise TypeError(kind)
    return Path(value).expanduser() if kind == "Path" else str(value)


def _shown(name: str, value: object) -> str:
    return "what it is" if FIELDS[name].metadata.get("secret") else repr(value)[:60]


def _allowed(name: str) -> str:
    rule, kind = FIELDS[name].metadata, str(FIELDS[name].type)
    if "choices" in rule:
        return f"it is one of {', '.join(rule['choices'])}"
    if "least" in rule:
        return f"it is a {'whole ' if kind == 'int' else ''}number from {rule['least']} to {rule['most']}"
    return "it is a list of texts" if kind.startswith("tuple") else "it is a text"
