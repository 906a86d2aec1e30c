"""Nouns for tests: complete and plain, so that a test says only what it is about."""

import json
from datetime import UTC, datetime
from typing import Any

from ouro_cli.model.action import Action, ActionStatus, RouteReference
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.model.route import Operation, Route
from ouro_cli.model.service import Service
from ouro_cli.openapi.document import Document

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

SERVICE_ID = "00000000-0000-7000-8000-00000000000a"
ROUTE_ID = "00000000-0000-7000-8000-00000000000b"
USER_ID = "00000000-0000-7000-8000-00000000000c"
ACTION_ID = "00000000-0000-7000-8000-00000000000d"
ASSET_ID = "00000000-0000-7000-8000-00000000000e"


def a_service(**facts: Any) -> Service:
    """A service at http://api.test, without credentials."""
    usual: dict[str, Any] = {
        "id": SERVICE_ID,
        "user_id": USER_ID,
        "name": "materials",
        "title": "Materials",
        "base_url": "http://api.test",
        "source": "materials.yaml",
        "openapi": "3.1.0",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Service(**usual | facts)


def a_document(value: dict[str, Any], openapi: str = "3.1.0") -> Document:
    """A document that states this value."""
    size = len(json.dumps(value))
    return Document(value, openapi, (), stated=value, size=size, source="openapi.json")


def an_operation(method: str = "POST", path: str = "/predict", **facts: Any) -> Operation:
    """An operation; `parameters` may be a list, `body` is the schema of a required JSON body."""
    if "body" in facts:
        content = {"application/json": {"schema": facts.pop("body")}}
        facts["request_body"] = {"required": facts.pop("required", True), "content": content}
    facts["parameters"] = tuple(facts.get("parameters", ()))
    return Operation(method, path, **facts)


def a_route(method: str = "POST", path: str = "/predict", **facts: Any) -> Route:
    """A route of `a_service` with the operation of these facts."""
    operation = facts.pop("operation", None) or an_operation(method, path, **facts)
    return Route(
        id=ROUTE_ID,
        service_id=SERVICE_ID,
        user_id=USER_ID,
        creator="ada",
        name=operation.name,
        slug=operation.slug,
        stated=operation,
        created_at=NOW,
        updated_at=NOW,
    )


def a_parameter(
    name: str, place: str = "query", schema: Any = None, **words: Any
) -> dict[str, Any]:
    """A parameter object as OpenAPI writes it: of text, and required in a path."""
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "schema": schema or {"type": "string"}} | required | words


def a_crystal(**facts: Any) -> Asset:
    """A file asset, `x.cif` of three bytes; `asset_type` may be a word."""
    usual: dict[str, Any] = {
        "id": ASSET_ID,
        "user_id": USER_ID,
        "creator": "ada",
        "asset_type": "file",
        "name": "x.cif",
        "slug": "xcif",
        "filename": "x.cif",
        "extension": "cif",
        "media_type": "chemical/x-cif",
        "size": 3,
        "sha256": "0" * 64,
        "created_at": NOW,
        "last_updated": NOW,
    }
    facts = usual | facts
    return Asset(**facts | {"asset_type": AssetType(facts["asset_type"])})


def an_action(status: ActionStatus = ActionStatus.SUCCESS, **facts: Any) -> Action:
    """An action of `a_route`."""
    usual: dict[str, Any] = {
        "seq": 1,
        "id": ACTION_ID,
        "route": RouteReference(
            id=ROUTE_ID,
            name="Predict",
            creator="ada",
            slug="predict-post",
            method="POST",
            service_id=SERVICE_ID,
            service="materials",
        ),
        "user_id": USER_ID,
        "user_name": "ada",
        "status": status,
        "request": {"body": {"formula": "NaCl"}, "parameters": None, "query": None},
        "created_at": NOW,
        "last_updated": NOW,
    }
    return Action(**usual | facts)


def an_asset(**facts: Any) -> Asset:
    """A kept file of ada's, `water.xyz`."""
    usual: dict[str, Any] = {
        "id": ASSET_ID,
        "user_id": USER_ID,
        "creator": "ada",
        "asset_type": AssetType.FILE,
        "name": "Water",
        "slug": "water",
        "filename": "water.xyz",
        "extension": "xyz",
        "media_type": "chemical/x-xyz",
        "size": 53,
        "sha256": "0" * 64,
        "created_at": NOW,
        "last_updated": NOW,
    }
    return Asset(**usual | facts)
