"""What a run found out about an asset is shown with the asset."""

from pathlib import Path

from tests.support.program import Program
from tests.support.upstream import Reply, json_body, serving, write_document

MEASURE = {
    "method": "post",
    "path": "/measure",
    "summary": "Measure",
    "requestBody": json_body({"type": "object"}),
    "x-ouro-input-assets": {"sample": {"asset_type": "file", "primary": True}},
    "x-ouro-properties": [
        {"property": "band_gap", "value": "gap.value", "unit": "eV", "method": "DFT"}
    ],
}
UPLOAD = {
    "method": "put",
    "path": "/bytes",
    "summary": "Bytes",
    "requestBody": {"content": {"application/octet-stream": {}}},
}
FORM = {
    "method": "post",
    "path": "/form",
    "summary": "Form",
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["title"],
                    "properties": {"title": {"type": "string"}},
                }
            }
        }
    },
}


def test_a_property_is_shown_with_its_unit_method_and_run(ouro: Program, tmp_path: Path) -> None:
    sample = tmp_path / "sample.txt"
    sample.write_text("iron")
    with serving(lambda _: Reply(200, {"gap": {"value": 1.5}})) as upstream:
        ouro("service", "import", write_document(tmp_path, MEASURE), "--base-url", upstream.url)
        done = ouro("route", "run", "ada/measure-post", "--input", str(sample), "--json")
        assert done.exit_code == 0, done.err
        shown = ouro("asset", "show", "@last", "--json").json
        told = ouro("asset", "show", "@last").out
    [found] = shown["properties"]
    assert (found["property"], found["value"], found["unit"], found["method"]) == (
        *("band_gap", 1.5),
        *("eV", "DFT"),
    )
    assert found["action_id"] == done.json["id"]
    assert "band_gap  1.5 eV  by DFT" in told


def test_bodies_that_are_no_json_are_described(ouro: Program, tmp_path: Path) -> None:
    path = write_document(tmp_path, UPLOAD, FORM)
    ouro("service", "import", path, "--base-url", "http://127.0.0.1:9")
    assert "application/octet-stream: --body @file" in ouro("route", "show", "ada/bytes-put").out
    told = ouro("route", "show", "ada/form-post").out
    assert "Body (optional, multipart form)" in told
    assert "title  string  required" in told
