"""The form of the logs: text or JSON lines on standard error, the same for every process of the service."""

from __future__ import annotations

import json
import logging
from typing import Any


class JsonLines(logging.Formatter):
    """One JSON object a log record; line breaks and control characters are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        moment = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        row: dict[str, Any] = {"time": moment, "level": record.levelname.lower(), "logger": record.name,
                               "message": record.getMessage(), "request_id": getattr(record, "request_id", "-"),
                               **getattr(record, "fields", {})}
        if record.exc_info:
            row["exception"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)


def configure_logs(style: str, level: str, more: str = "", *filters: logging.Filter) -> None:
    """Send the logs to standard error, as text or as JSON lines. `more`: a part of the text's format, for fields that
    `filters` give to every record."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if style == "json"
                         else logging.Formatter(f"%(asctime)s %(levelname)s %(name)s{more} %(message)s"))
    for one in filters:
        handler.addFilter(one)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
