"""Call, record, compose and trace any HTTP API described by OpenAPI."""

__version__ = "0.1.0"
