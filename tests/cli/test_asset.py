"""Assets from the terminal: added, listed, shown, asked, saved and removed."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_terminal import EVIL, completed, on_terminal
from tests.support.program import SCRIPT, Program

CSV = "Formula,Band gap,stable\nFe2O3,2.2,true\nNaCl,8.5,true\nFe,0,false\n"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder with a file of every type in it."""
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "gaps.csv").write_text(CSV)
    (folder / "notes.md").write_text("# Notes\n\nFirst line.\n")
    (folder / "Fe.cif").write_text("data_Fe\n_cell_length_a 2.9\n_chemical_formula_sum 'Fe2'\n")
    return folder


@pytest.fixture
def full(ouro: Program, given: Path) -> Program:
    """The program, with a dataset, a post and then a file added."""
    for name in ("gaps.csv", "notes.md", "Fe.cif"):
        assert ouro("asset", "add", str(given / name)).exit_code == 0
    return ouro


def _id(ouro: Program, kind: str) -> str:
    found: str = ouro("asset", "list", "--type", kind, "--json").json["assets"][0]["id"]
    return found


def test_what_is_added_is_the_contracts_object(ouro: Program, given: Path) -> None:
    added = ouro(
        "asset", "add", str(given / "Fe.cif"), "--name", "Iron", "--description", "bcc", "--json"
    ).json
    assert added["asset_type"] == "file"
    assert (added["name"], added["description"]["text"]) == ("Iron", "bcc")
    assert added["metadata"]["filename"] == "Fe.cif"
    assert added["metadata"]["classification"] == {"kind": "crystal", "inspector": "cif"}
    assert ouro("asset", "show", "@last", "--json").json["id"] == added["id"]


def test_quiet_prints_the_id_alone(ouro: Program, given: Path) -> None:
    printed = ouro("asset", "add", str(given / "Fe.cif"), "-q").out
    assert printed.strip() == _id(ouro, "file")


def test_stdin_is_added_under_a_name(ouro: Program) -> None:
    added = ouro("asset", "add", "-", "--name", "x.csv", "--json", stdin=CSV).json
    assert (added["asset_type"], added["metadata"]["rows"]) == ("dataset", 3)
    nameless = ouro("asset", "add", "-", stdin=CSV)
    assert (nameless.exit_code, "--name NAME" in nameless.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], ["Fe.cif", "notes", "gaps"]),
        (["--type", "dataset"], ["gaps"]),
        (["--extension", ".CIF"], ["Fe.cif"]),
        (["--search", "note"], ["notes"]),
        (["--search", "nowhere"], []),
        (["--limit", "1"], ["Fe.cif"]),
        (["--limit", "1", "--offset", "1"], ["notes"]),
    ],
)
def test_the_list_narrows(full: Program, options: list[str], names: list[str]) -> None:
    listed = full("asset", "list", *options, "--json").json
    assert [each["name"] for each in listed["assets"]] == names
    assert listed["has_more"] == ("--limit" in options)


def test_the_list_narrows_to_what_a_run_made(lab: Program, given: Path) -> None:
    lab("asset", "add", str(given / "Fe.cif"))
    lab("route", "run", "ada/predict-post", "composition=Fe")
    action_id = lab("action", "show", "@last", "--json").json["id"]
    _say_that_a_run_made_it(lab, action_id)

    for options in (["--action", "@last"], ["--route", "ada/predict-post"]):
        assert len(lab("asset", "list", *options, "--json").json["assets"]) == 1, options
    assert lab("asset", "list", "--route", "ada/fail-later-post", "--json").json["assets"] == []
    shown = lab("asset", "show", "@last", "--json").json
    assert shown["created_by"]["id"] == action_id
    assert [each["id"] for each in shown["as_input"]] == [action_id]
    human = lab("asset", "show", "@last").out
    assert f"made by      ada/predict-post  {action_id}  success" in human
    assert "used by      ada/predict-post" in human


def _say_that_a_run_made_it(lab: Program, action_id: str) -> None:
    with sqlite3.connect(lab.home / "registry.db") as registry:
        asset_id = registry.execute("SELECT id FROM asset").fetchone()[0]
        registry.execute("UPDATE asset SET action_id = ?", (action_id,))
        registry.executemany(
            "INSERT INTO action_asset VALUES (?, ?, 'structure', ?, 1)",
            [(action_id, "input", asset_id), (action_id, "output", asset_id)],
        )
    registry.close()


def test_a_person_sees_facts_and_a_preview(full: Program) -> None:
    dataset = full("asset", "show", _id(full, "dataset")).out
    assert "3 rows, 3 columns" in dataset
    assert "formula  band_gap  stable" in dataset
    assert "Fe2O3    2.2       true" in dataset
    assert "  # Notes\n" in full("asset", "show", _id(full, "post")).out
    file = full("asset", "show", _id(full, "file")).out
    assert "formula      Fe2" in file
    assert "chemical/x-cif" in file


def test_a_dataset_is_asked(full: Program) -> None:
    asked = "select formula, stable from {{table}} where band_gap > 1 order by band_gap desc"
    dataset = _id(full, "dataset")
    assert full("asset", "query", dataset, asked).out == "NaCl  true\nFe2O3  true\n"
    assert full("asset", "query", dataset, asked, "--json", "--limit", "1").json == {
        "rows": [{"formula": "NaCl", "stable": True}],
        "has_more": True,
    }
    printed = full("asset", "query", dataset, asked, "--csv", "--limit", "1")
    assert printed.out == "formula,stable\nNaCl,true\n"
    assert "--limit N" in printed.err
    assert full("asset", "query", dataset, "select 1 where 0").err == "No rows.\n"


def test_an_asset_is_saved(full: Program, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    saved = full(
        "asset", "save", _id(full, "dataset"), "-o", str(target), "--format", "json", "--json"
    )
    assert saved.json["path"] == str(target)
    assert saved.json["saved_size"] == target.stat().st_size
    assert full("asset", "save", "@last", "-o", f"{tmp_path}/").out.startswith(f"{tmp_path}/Fe.cif")
    assert full("asset", "save", _id(full, "post"), "-o", "-").out == "# Notes\n\nFirst line.\n"


def test_a_removed_asset_is_said_to_be_gone(full: Program) -> None:
    gone = full("asset", "remove", "@last", "--json").json
    assert gone["removed_at"]
    again = full("asset", "show", gone["id"])
    assert (again.exit_code, "was removed" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (["add", "nowhere.csv"], 2, "Cannot read nowhere.csv: no such file."),
        (["add", "/"], 2, "it is not a regular file"),
        (["add", "/dev/zero"], 2, "it is not a regular file"),
        (["add", "FE", "--type", "video"], 2, "'video' is no type"),
        (["add", "RAGGED"], 2, "row 2 has 3 cells, and the header has 2. Keep it as it is: --type"),
        (["show", "00000000"], 2, "No asset is called '00000000'"),
        (["list", "--limit", "0"], 2, "--limit: expected a number from 1 to 1000"),
        (["list", "--type", "x"], 2, "'x' is no type"),
        (["query", "@last", "select 1"], 2, "only a dataset can be queried"),
        (["query", "DATA", "drop table rows"], 2, "a question can only read"),
        (["query", "DATA", "select 1", "--csv", "--json"], 2, "--csv and --json are two things"),
        (["save", "@last", "-o", "/dev/full"], 74, "Cannot write /dev/full: no space left"),
        (["save", "@last", "-o", "/proc/x"], 74, "Cannot write /proc/x"),
        (["save", "@last", "-o", "FE"], 2, "is there already. Nothing was written. To replace it"),
        (["save", "@last", "--format", "csv"], 2, "a file is given out as it is"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_bad_input_is_one_clear_line(
    full: Program, given: Path, words: list[str], exit_code: int, said: str
) -> None:
    (given / "ragged.csv").write_text("a,b\n1,2,3\n")
    places = {
        "FE": str(given / "Fe.cif"),
        "RAGGED": str(given / "ragged.csv"),
        "DATA": _id(full, "dataset"),
    }
    before = sorted(given.iterdir())
    done = full("asset", *(places.get(word, word) for word in words))
    assert done.exit_code == exit_code
    assert said in done.err
    assert done.err.count("\n") == 1
    assert sorted(given.iterdir()) == before


def test_a_damaged_asset_is_one_clear_line(full: Program) -> None:
    shown = full("asset", "show", "@last", "--json").json
    sha256 = shown["metadata"]["sha256"]
    (full.home / "assets" / sha256[:2] / sha256).write_bytes(b"other")
    saved = full("asset", "save", "@last", "-o", "-")
    assert saved.exit_code == 74
    assert "are damaged" in saved.err
    assert saved.err.count("\n") == 1
    assert "The bytes are damaged" in full("asset", "show", "@last").out
    looked = full("doctor", "--json")
    assert looked.exit_code == 1
    assert [each["message"] for each in looked.json["findings"] if each["subject"] == "asset"]


def test_what_was_written_is_for_its_owner_alone(full: Program) -> None:
    found = list((full.home / "assets").rglob("*"))
    assert len(found) >= 6
    assert [path for path in found if path.stat().st_mode & 0o077] == []


def test_the_tab_key_knows_assets(full: Program) -> None:
    assert set(completed(full, "ouro asset show ")) >= {"@last", _id(full, "file")}


@pytest.mark.parametrize(
    "command",
    [["list"], ["show", "@last"], ["query", "@last", "select * from rows"], ["show", "POST"]],
    ids=" ".join,
)
def test_hostile_assets_cannot_touch_the_terminal(
    ouro: Program, tmp_path: Path, command: list[str]
) -> None:
    evil = EVIL.replace("\r", "")
    (tmp_path / "x.md").write_text(f"# {EVIL}\n")
    post = ouro("asset", "add", str(tmp_path / "x.md"), "--name", evil, "-q").out.strip()
    name = f"{EVIL.replace('/', '_')}.csv"
    (tmp_path / name).write_text(f'"{evil}",b\n"{evil}",2\n')
    added = ouro("asset", "add", str(tmp_path / name), "--description", evil)
    assert added.exit_code == 0, added.err
    arguments = [post if each == "POST" else each for each in command]

    shown = on_terminal(ouro, "asset", *arguments)

    for character in "\x07\x08\x9b\u202e\u200b":
        assert character not in shown
    assert "\x1b]" not in shown
    assert "\x1b[2J" not in shown
    done = ouro("asset", *arguments)
    assert "\x1b" not in done.out + done.err


# A process counts what its parent was before it became itself, so the parent has to be small.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _peak_memory(ouro: Program, *words: str) -> float:
    """The most memory, in MiB, that the program needed for a command."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, SCRIPT, *words],
        env=ouro.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout) / 1024


@pytest.mark.full
def test_two_gibibytes_go_in_and_out_in_little_memory(ouro: Program, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(2 * 2**30)
        file.seek(2**30)
        file.write(b"in the middle")
    saved = str(tmp_path / "saved.bin")

    peaks = {
        "add": _peak_memory(ouro, "asset", "add", str(large)),
        "save": _peak_memory(ouro, "asset", "save", "@last", "-o", saved),
    }

    print(f"2 GiB: peak memory in MiB {peaks}")
    assert max(peaks.values()) < 150
    assert (tmp_path / "saved.bin").stat().st_size == 2 * 2**30
    with (tmp_path / "saved.bin").open("rb") as file:
        file.seek(2**30)
        assert file.read(13) == b"in the middle"
