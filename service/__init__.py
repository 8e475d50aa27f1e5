"""HTTP and command line: the only code that knows Flask, marshmallow and click."""
