"""Datasets: what is read from a table in a file comes out as it was, and can only be read."""

import itertools
import json
import sqlite3
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from ouro_cli.errors import AssetDamaged, FileUnreadable, QueryRefused
from ouro_cli.store import datasets, row_files
from ouro_cli.store.datasets import KeptRows, keep_rows, keep_table, query_rows, read_rows
from ouro_cli.store.exports import csv_parts, json_parts, ndjson_parts
from ouro_cli.store.files import Files
from ouro_cli.store.tables import looks_like, read_table


@pytest.fixture
def files(home: Path) -> Files:
    return Files(home)


@pytest.fixture
def keep(files: Files, tmp_path: Path):
    """Keeps text or bytes as a dataset of a format; what was kept, and its rows."""

    def keep_it(content: str | bytes, form: str) -> tuple[KeptRows, list[dict[str, Any]]]:
        path = tmp_path / f"given.{form}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        kept = keep_table(files, read_table(path, form), path)
        return kept, list(read_rows(files.path_of(kept.kept.sha256)))

    return keep_it


def _types(kept: KeptRows) -> dict[str, str]:
    return {each["name"]: each["type"] for each in kept.columns}


def test_csv_becomes_typed_rows(keep) -> None:
    kept, rows = keep(
        "Id,Band gap,zip,ok,at,note\n"
        '1,1.5,007,true,2026-01-01T00:00:00Z,"a, ""b""\nc"\n'
        "9223372036854775807,-3,0123,FALSE,,\n"
        "\n"
        "3\n",
        "csv",
    )
    assert _types(kept) == {
        "id": "bigint",
        "band_gap": "double precision",
        "zip": "text",
        "ok": "boolean",
        "at": "timestamp with time zone",
        "note": "text",
    }
    assert rows == [
        {"id": 1, "band_gap": 1.5, "zip": "007", "ok": True, "at": "2026-01-01T00:00:00Z",
         "note": 'a, "b"\nc'},
        {"id": 2**63 - 1, "band_gap": -3.0, "zip": "0123", "ok": False, "at": None, "note": None},
        {"id": 3, "band_gap": None, "zip": None, "ok": None, "at": None, "note": None},
    ]  # fmt: skip
    assert rows[0]["ok"] is True
    assert kept.rows == 3


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("a;b\n1,5;x\n", "csv"),
        ("a\tb\n1,5\tx\n", "tsv"),
        ("a\tb\n1,5\tx\n", "csv"),
        ("a|b\r\n1,5|x\r\n", "csv"),
        ("\ufeffa,b\n\"1,5\",x\n", "csv"),
        ("a,b\n\"1,5\",x\n".encode("utf-16"), "csv"),
        ("a,b,,\n\"1,5\",x,,\n", "csv"),
    ],
)  # fmt: skip
def test_the_dialects_of_csv_are_understood(keep, content: str | bytes, form: str) -> None:
    assert keep(content, form)[1] == [{"a": "1,5", "b": "x"}]


@pytest.mark.parametrize(
    ("content", "form", "why"),
    [
        ("", "csv", "it has no columns"),
        ("\n\n", "csv", "it has no columns"),
        ("a,b\n", "csv", "it has no rows"),
        ("a,b\n1,2,3\n", "csv", "row 2 has 3 cells, and the header has 2"),
        (b"a,b\n\xff\xfe,\xff", "csv", "it is not UTF-8"),
        (",".join(map(str, range(2001))) + "\n1\n", "csv", "it has more than 2,000 columns"),
        ("[]", "json", "it has no columns"),
        ("[{}]", "json", "it has no columns"),
        ("{}", "json", "it is no list of rows"),
        ("[1]", "json", "row 1 is no object"),
        ('[{"a":1}', "json", "it breaks off after row 1"),
        ('[{"a":1} {"a":2}]', "json", "it breaks off after row 1"),
        ('[{"a":1},{"a":', "json", "row 2 is no JSON"),
        ('[{"a":NaN}]', "json", "row 1: NaN is no JSON"),
        (b'[{"a":"\xff"}]', "json", "it is not UTF-8"),
        ('[{"a":' + "[" * 100_000, "json", "row 1 is nested too deep"),
        ('{"a":1}\n{"a":\n', "ndjson", "row 2 is no JSON"),
        ('{"a":1}\n[2]\n', "ndjson", "row 2 is no object"),
        (b'{"a":"\xff"}\n', "ndjson", "it is not UTF-8"),
        (b"PAR1 and no more", "parquet", "no Parquet"),
    ],
)
def test_what_is_no_table_is_said_in_one_line_and_leaves_nothing(
    keep, files: Files, content: str | bytes, form: str, why: str
) -> None:
    with pytest.raises(FileUnreadable, match=why) as refused:
        keep(content, form)
    assert "\n" not in refused.value.message
    assert list(files.folder.rglob("*.*")) == []
    assert list(files.all()) == []
    assert list(files.folder.glob("drafts/*")) == []


def test_two_thousand_columns_are_kept(keep) -> None:
    names = ",".join(f"c{number}" for number in range(2000))
    _, rows = keep(f"{names}\n" + ",".join(["7"] * 2000) + "\n", "csv")
    assert len(rows[0]) == 2000
    assert set(rows[0].values()) == {7}


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_rows_of_json_keep_what_they_say(keep, form: str) -> None:
    given = [
        {"n": 1, "x": 1, "ok": True, "deep": {"a": [1]}, "text": "", "mixed": True},
        {"n": None, "x": 2.5, "ok": None, "deep": None, "big": 2**64, "mixed": "x"},
    ]
    text = json.dumps(given) if form == "json" else "\n".join(map(json.dumps, given))
    kept, rows = keep(text, form)
    assert _types(kept) == {
        "n": "bigint", "x": "double precision", "ok": "boolean", "deep": "text", "text": "text",
        "mixed": "text", "big": "text",
    }  # fmt: skip
    assert rows == [
        {"n": 1, "x": 1.0, "ok": True, "deep": '{"a":[1]}', "text": "", "mixed": "true",
         "big": None},
        {"n": None, "x": 2.5, "ok": None, "deep": None, "text": None, "mixed": "x",
         "big": str(2**64)},
    ]  # fmt: skip


def test_json_is_read_across_every_boundary(keep, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [{"a": number, "b": "x" * (number % 7), "c": {"d": [1, 2]}} for number in range(40)]
    whole = keep(json.dumps(given, indent=1), "json")[1]
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(row_files, "_CHUNK", size)
        assert keep(json.dumps(given, indent=1), "json")[1] == whole


def test_parquet_becomes_typed_rows(keep, tmp_path: Path) -> None:
    table = pyarrow.table(
        {
            "n": [1, 2],
            "at": [datetime(2026, 1, 31, tzinfo=UTC), None],
            "price": [Decimal("1.10"), None],
            "raw": [b"\x00\xff", None],
            "nested": [{"a": 1}, None],
            "x": [float("nan"), 0.5],
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "made.parquet")
    kept, rows = keep((tmp_path / "made.parquet").read_bytes(), "parquet")
    assert rows[0] == {
        "n": 1, "at": "2026-01-31T00:00:00+00:00", "price": "1.10", "raw": "00ff",
        "nested": '{"a":1}', "x": None,
    }  # fmt: skip
    assert _types(kept)["at"] == "timestamp with time zone"


def test_parquet_without_pyarrow_names_the_extra(keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.lib", None)
    with pytest.raises(FileUnreadable, match="pyarrow") as refused:
        keep(b"PAR1", "parquet")
    assert "ouro-cli[parquet]" in refused.value.advice


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b' \n[ {"a": 1}', "json"),
        (b"[1, 2]", ""),
        (b'{"a": 1}\n{"a": 2}\n', "ndjson"),
        (b'{"a": 1}\n', ""),
        (b"PAR1\x15", "parquet"),
        (b"a,b\n", ""),
        (b"", ""),
    ],
)
def test_rows_are_known_by_how_they_begin(head: bytes, form: str) -> None:
    assert looks_like(head) == form


def test_rows_that_can_be_read_once_only_are_kept_too(files: Files) -> None:
    kept = keep_rows(files, ({"a": number} for number in range(3)))
    assert list(read_rows(files.path_of(kept.kept.sha256), limit=1, offset=1)) == [{"a": 1}]


def test_the_same_rows_are_kept_once(files: Files) -> None:
    first, second = (keep_rows(files, [{"a": 1}]) for _ in range(2))
    assert first == second
    assert len(list(files.all())) == 1


@pytest.fixture
def dataset(files: Files) -> Path:
    rows = [{"id": 1, "ok": True, "f": "=1"}, {"id": 2, "ok": False, "f": "x"}]
    return files.path_of(keep_rows(files, rows).kept.sha256)


@pytest.mark.parametrize("table", ["{{table}}", "rows", "my_table", '"my_table"'])
def test_a_question_may_call_the_table_by_any_of_its_names(dataset: Path, table: str) -> None:
    found = query_rows(dataset, "my_table", f"SELECT id, ok FROM {table} WHERE ok")
    assert list(found) == [{"id": 1, "ok": True}]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM rows",
        "UPDATE rows SET id = 3",
        "INSERT INTO rows VALUES (1, 1, 'x')",
        "DROP TABLE rows",
        "CREATE TABLE x (a)",
        "CREATE TEMP TABLE x (a)",
        "ATTACH 'evil.db' AS e",
        "VACUUM INTO 'evil.db'",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = ON",
        "SELECT * FROM pragma_database_list",
        "BEGIN",
        "REINDEX",
        "ANALYZE",
        "SELECT load_extension('evil.so')",
        "SELECT writefile('evil.db', 'x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT 1; DELETE FROM rows",
        "WITH x AS (SELECT 1) DELETE FROM rows",
        "",
        "-- nothing",
        "SELECT \x00",
        "SELEKT",
        "SELECT nope FROM rows",
        "SELECT zeroblob(1000000000)",
    ],
)
def test_a_question_can_only_read(
    dataset: Path, sql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = dataset.read_bytes()
    with pytest.raises(QueryRefused) as refused:
        list(query_rows(dataset, "t", sql))
    assert "\n" not in refused.value.message
    assert dataset.read_bytes() == before
    assert not list(tmp_path.rglob("evil*"))


def test_a_question_that_never_ends_is_stopped(dataset: Path) -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
    with pytest.raises(QueryRefused, match="it took longer"):
        list(query_rows(dataset, "t", f"{endless} SELECT count(*) FROM c", seconds=0.05))
    with pytest.raises(QueryRefused, match="it took longer"):
        list(query_rows(dataset, "t", f"{endless} SELECT x FROM c", seconds=0.05))


def test_a_reader_who_takes_his_time_is_not_interrupted(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = itertools.count(step=3600)
    now = [0.0]
    monkeypatch.setattr(datasets, "time", SimpleNamespace(monotonic=lambda: now[0]))
    many = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 50000)"
    answered = 0
    for _ in query_rows(dataset, "t", f"{many} SELECT x FROM c"):
        now[0] = next(hours)
        answered += 1
    assert answered == 50_000


def test_rows_that_are_none_are_refused(files: Files) -> None:
    for rows in ([1], ["ab"], [{"a": 1}, None]):
        with pytest.raises(FileUnreadable, match="a row is no object"):
            keep_rows(files, rows)  # type: ignore[arg-type]


def test_answers_are_what_json_can_say(dataset: Path) -> None:
    found = query_rows(dataset, "t", "SELECT x'00ff' AS raw, 9e999 AS inf, NULL AS none")
    assert list(found) == [{"raw": "00ff", "inf": None, "none": None}]


def test_exports_say_the_same_in_every_format(dataset: Path) -> None:
    written = {
        name: b"".join(parts(read_rows(dataset))).decode()
        for name, parts in (("csv", csv_parts), ("json", json_parts), ("ndjson", ndjson_parts))
    }
    rows = [{"id": 1, "ok": True, "f": "=1"}, {"id": 2, "ok": False, "f": "x"}]
    assert written["csv"] == "id,ok,f\n1,true,'=1\n2,false,x\n"
    assert json.loads(written["json"]) == rows
    assert [json.loads(line) for line in written["ndjson"].splitlines()] == rows
    assert b"".join(json_parts(read_rows(dataset, limit=0))) == b"[]\n"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_spreadsheet_runs_what_was_only_text(files: Files, begin: str) -> None:
    kept = keep_rows(files, [{"a": f"{begin}cmd|' /C calc'!A0", "n": -5, "x": -0.5}])
    lines = b"".join(csv_parts(read_rows(files.path_of(kept.kept.sha256)))).decode()
    cell = lines.split("\n", 1)[1].lstrip('"')
    assert cell.startswith(f"'{begin}")
    assert lines.rstrip().endswith(",-5,-0.5")


def test_a_damaged_dataset_is_said_and_crashes_nobody(dataset: Path, tmp_path: Path) -> None:
    data = dataset.read_bytes()
    for index in range(0, len(data), 97):
        broken = tmp_path / f"broken-{index}"
        broken.write_bytes(data[:index] + bytes([data[index] ^ 0xFF]) + data[index + 1 :])
        for read in (_all, _asked):
            try:
                read(broken)
            except (AssetDamaged, QueryRefused) as fault:
                assert "\n" not in fault.message


def _all(path: Path) -> None:
    list(read_rows(path))


def _asked(path: Path) -> None:
    list(query_rows(path, "t", "SELECT * FROM rows"))


@pytest.mark.full
def test_a_million_rows_need_little_memory(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "million.csv"
    with path.open("w") as file:
        file.write("id,name,x\n")
        file.writelines(f"{number},name {number},{number / 7}\n" for number in range(1_000_000))
    tracemalloc.start()
    kept = keep_table(files, read_table(path, "csv"), path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept.rows == 1_000_000
    assert peak < 20 * 2**20
    assert len(list(itertools.islice(_rows(files, kept), 3))) == 3


def _rows(files: Files, kept: KeptRows) -> Iterator[dict[str, Any]]:
    return iter(read_rows(files.path_of(kept.kept.sha256)))


def test_a_dataset_is_a_table_that_any_tool_opens(dataset: Path) -> None:
    connection = sqlite3.connect(dataset)
    assert connection.execute("SELECT sql FROM sqlite_schema").fetchall() == [
        ('CREATE TABLE rows ("id" bigint, "ok" boolean, "f" text)',)
    ]
    connection.close()
