"""Assets: kept whole with what is in them, shown, saved where they may be, and removed."""

import io
import itertools
import json
import os
import random
import stat
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ouro_cli.errors import (
    AssetDamaged,
    AssetNotFound,
    FileExists,
    FileNotWritten,
    FileUnreadable,
    OuroError,
    UsageFault,
)
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.runtime import Runtime
from ouro_cli.store.saved_files import save
from ouro_cli.usecases.add_asset import AddWords, add_asset, add_stream
from ouro_cli.usecases.examine_registry import examine_registry
from ouro_cli.usecases.find_reference import find_asset
from ouro_cli.usecases.keep_asset import AssetWords, keep_asset, prepare_file, prepare_post
from ouro_cli.usecases.preview_asset import preview_asset, runs_of
from ouro_cli.usecases.read_asset import asset_parts, query_asset
from ouro_cli.usecases.remove_asset import remove_asset
from ouro_cli.usecases.save_asset import save_asset
from ouro_cli.views.asset import asset_view
from tests.conftest import Clock, MakeRuntime
from tests.support.hostile_names import HOSTILE_NAMES

CIF = "data_Fe\n_cell_length_a 2.86\n_chemical_formula_sum 'Fe2 O3'\n"


@pytest.fixture
def rt(make_runtime: MakeRuntime) -> Runtime:
    return make_runtime()


@pytest.fixture
def add(rt: Runtime, tmp_path: Path):
    """Adds a file of this name and content, or what stands on stdin under a name."""

    def add_it(name: str, content: str | bytes, kind: AssetType | None = None) -> Asset:
        path = tmp_path / "given" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return add_asset(rt, path, AddWords(kind))

    return add_it


def _zip(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", "a\n1\n", "dataset"),
        ("a.TSV", "a\tb\n1\t2\n", "dataset"),
        ("a.json", '[{"a": 1}]', "dataset"),
        ("a.jsonl", '{"a": 1}\n', "dataset"),
        ("rows", '{"a": 1}\n{"a": 2}\n', "dataset"),
        ("a.md", "# A", "post"),
        ("a.json", '{"a": 1}', "file"),
        ("a.json", '[{"a": 1}, 2]', "file"),
        ("a.txt", '[{"a": 1}]', "file"),
        ("a.cif", CIF, "file"),
        ("empty", "", "file"),
    ],
)
def test_the_type_is_told_by_what_is_in_it(add, name: str, content: str, kind: str) -> None:
    assert add(name, content).asset_type.value == kind


@pytest.mark.parametrize("kind", AssetType)
def test_a_type_that_is_said_decides(add, kind: AssetType) -> None:
    assert add("a.csv", "a\n1\n", kind).asset_type is kind


@pytest.mark.parametrize(
    ("name", "content", "media_type", "facts"),
    [
        ("Fe.cif", CIF, "chemical/x-cif",
         {"classification": {"kind": "crystal", "inspector": "cif"}, "formula": "Fe2O3"}),
        ("Fe", CIF, "chemical/x-cif",
         {"classification": {"kind": "crystal", "inspector": "cif"}, "formula": "Fe2O3"}),
        ("x", b"GIF89a\x03\x00\x04\x00", "image/gif", {"width": 3, "height": 4}),
        ("x.png", b"no picture", "image/png", {}),
        ("x", b"%PDF-1.7", "application/pdf", {}),
        ("x", b"RIFF\0\0\0\0WAVE", "audio/wav", {}),
        ("x", "plain words", "text/plain", {}),
        ("x", "<!DOCTYPE html>", "text/html", {}),
        ("x", b"\x00\x01", "application/octet-stream", {}),
        ("x", "é".encode()[:1], "application/octet-stream", {}),
        ("x", "", "application/octet-stream", {}),
    ],
)  # fmt: skip
def test_a_file_is_looked_into(add, name, content, media_type: str, facts) -> None:
    kept = add(name, content)
    assert (kept.media_type, kept.facts) == (media_type, facts)


def test_an_archive_is_listed_and_never_unpacked(rt: Runtime, add, tmp_path: Path) -> None:
    kept = add("s.zip", _zip("../../evil.cif", "/etc/x.poscar", "a/b.txt"))
    assert kept.facts["archive"]["extensions"] == ["cif", "poscar", "txt"]
    assert preview_asset(rt, kept) == {
        "kind": "archive",
        "entries": [
            {"name": "../../evil.cif", "size": 14},
            {"name": "/etc/x.poscar", "size": 13},
            {"name": "a/b.txt", "size": 7},
        ],
    }
    assert not list(tmp_path.rglob("*evil*"))


def test_what_stands_on_stdin_is_a_file_of_its_name(rt: Runtime) -> None:
    kept = add_stream(rt, io.BytesIO(b"a\n1\n"), AddWords(name="../x/data.csv"))
    assert (kept.asset_type, kept.filename) == (AssetType.DATASET, "data.csv")
    with pytest.raises(FileUnreadable, match="Cannot read stdin"):
        add_stream(rt, io.BytesIO(b"a\n1,2\n"), AddWords(name="data.csv"))
    assert list(rt.store.files.folder.glob("drafts/*")) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\xff\xfe#", "not UTF-8 at byte 0"), (b"x" * (64 * 2**20 + 1), "a post is at most 64 MiB")],
    ids=["not UTF-8", "too large"],
)
def test_what_is_no_post_is_refused(add, content: bytes, why: str) -> None:
    with pytest.raises(FileUnreadable, match=why):
        add("a.md", content)


def test_a_link_a_folder_and_a_pipe_are_not_read(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link.md").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("link.md", "symbolic link"), ("pipe", "not a regular"), (".", "not a reg")):
        with pytest.raises(FileUnreadable, match=why):
            add_asset(rt, tmp_path / name, AddWords())


def test_a_name_that_is_no_unicode_is_kept(rt: Runtime, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/x\xff.cif"))
    path.write_text(CIF)
    assert find_asset(rt, add_asset(rt, path, AddWords()).id).filename == "x?.cif"


def test_a_preview_shows_the_beginning(rt: Runtime, add) -> None:
    rows = add("a.csv", "a\n" + "1\n" * 50)
    assert preview_asset(rt, rows) == {"kind": "rows", "rows": [{"a": 1}] * 12}
    text = preview_asset(rt, add("a.txt", "line\n" * 50))
    assert text == {"kind": "text", "text": "\n".join(["line"] * 20)}
    picture = preview_asset(rt, add("a.gif", b"GIF89a\x03\x00\x04\x00"))
    assert picture == {"kind": "picture", "width": 3, "height": 4}
    assert preview_asset(rt, add("a.bin", b"\x00\x01")) is None
    assert runs_of(rt, rows) == {"created_by": None, "as_input": []}


@pytest.mark.parametrize(
    ("name", "content", "form", "saved", "written"),
    [
        ("Fe.cif", CIF, None, "Fe.cif", CIF),
        ("a.md", "# A\n", None, "a.md", "# A\n"),
        ("a.csv", "A b\n1\n", None, "a.csv", "a_b\n1\n"),
        ("a.csv", "A b\n1\n", "ndjson", "a.ndjson", '{"a_b": 1}\n'),
        ("a.csv", "A b\n1\n", "json", "a.json", '[\n{"a_b": 1}\n]\n'),
    ],
)
def test_an_asset_is_saved_as_it_is_or_in_a_format(
    rt: Runtime, add, tmp_path: Path, name: str, content: str, form, saved: str, written: str
) -> None:
    target = save_asset(rt, add(name, content), f"{tmp_path}", form)
    assert target.path == tmp_path / saved
    assert target.path.read_text() == written
    assert target.size == len(written.encode())


def test_a_post_as_a_page_runs_nothing(rt: Runtime, add, tmp_path: Path) -> None:
    text = "# T\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1))\n\n| a |\n|---|\n| 1 |\n"
    saved = save_asset(rt, add("a <b>.md", text), f"{tmp_path / 'a.html'}", "html")
    page = saved.path.read_text()
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "<title>a &lt;b&gt;</title>" in page
    assert "<table>" in page


@pytest.mark.parametrize(
    ("name", "form", "why"),
    [
        ("a.cif", "csv", "given out as it is"),
        ("a.md", "csv", "a post is md or html"),
        ("a.csv", "md", "a dataset is csv or json or ndjson"),
    ],
)
def test_a_format_that_it_cannot_have_is_refused(rt: Runtime, add, name, form, why: str) -> None:
    with pytest.raises(UsageFault, match=why):
        save_asset(rt, add(name, "a\n1\n"), ".", form)


@pytest.fixture
def fortress(tmp_path: Path) -> Path:
    """A folder to save into, with a file, a link and a folder in it that must stay as they are."""
    folder = tmp_path / "outer" / "into"
    (folder / "folder.cif").mkdir(parents=True)
    (folder / "victim.cif").write_text("mine")
    (tmp_path / "outer" / "passwd").write_text("mine")
    (folder / "link.cif").symlink_to(tmp_path / "outer" / "passwd")
    return folder


def _tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() else "-"
        for path in folder.rglob("*")
    }


def test_three_hundred_hostile_names_write_nothing_outside_and_replace_nothing(
    rt: Runtime, fortress: Path, tmp_path: Path
) -> None:
    assert len(HOSTILE_NAMES) >= 300
    before = _tree(tmp_path / "outer")
    saved, refused = set(), 0
    for name in HOSTILE_NAMES:
        words = AssetWords(name=name, filename=name)
        kept = keep_asset(rt, prepare_file(rt, [b"theirs"], words))
        try:
            saved.add(str(save_asset(rt, kept, f"{fortress}").path.relative_to(tmp_path / "outer")))
        except FileExists:
            refused += 1
    after = _tree(tmp_path / "outer")
    assert {name: after[name] for name in before} == before
    assert set(after) == set(before) | saved
    assert all(name.startswith("into/") and name.count("/") == 1 for name in saved)
    assert {after[name] for name in saved} == {"theirs"}
    assert len(saved) > 50
    assert refused > 50


def test_without_force_nothing_is_replaced_and_with_it_the_name_alone(
    rt: Runtime, add, fortress: Path
) -> None:
    kept = add("x.cif", CIF)
    for name in ("victim.cif", "link.cif"):
        with pytest.raises(FileExists, match=name):
            save_asset(rt, kept, f"{fortress / name}")
        save_asset(rt, kept, f"{fortress / name}", force=True)
        assert (fortress / name).read_text() == CIF
        assert not (fortress / name).is_symlink()
    assert (fortress.parent / "passwd").read_text() == "mine"
    assert stat.S_IMODE((fortress / "victim.cif").stat().st_mode) == 0o600


def test_special_places_are_one_clear_error(rt: Runtime, add, fortress: Path) -> None:
    kept = add("x.cif", CIF)
    os.mkfifo(fortress / "pipe")
    for place, why in (
        ("/dev/full", "no space left on device"),
        (f"{fortress}/pipe", "nobody reads it"),
        (f"{fortress}/nowhere/", "no such file or directory"),
        (f"{fortress}/victim.cif/x", "not a directory"),
        (f"{fortress}/{'x' * 300}", "file name too long"),
        ("/proc/nothing", "no such file or directory"),
        (f"{fortress}/a\x00b", "that is no path"),
    ):
        with pytest.raises(FileNotWritten, match=why):
            save_asset(rt, kept, place)
    with pytest.raises(FileNotWritten, match="is a directory"):
        save(fortress / "folder.cif", [b"x"], force=True)
    assert not list(fortress.glob(".ouro-*"))


def test_a_pipe_that_is_read_is_written_to(rt: Runtime, add, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    save_asset(rt, add("x.cif", CIF), f"{tmp_path / 'pipe'}")
    assert os.read(reader, 1000).decode() == CIF
    os.close(reader)


def test_a_file_system_without_links_does_not_replace_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert save(tmp_path / "x", [b"1"]) == 1
    with pytest.raises(FileExists):
        save(tmp_path / "x", [b"2"])
    assert (tmp_path / "x").read_bytes() == b"1"


@pytest.mark.parametrize("saves", [pytest.param(300), pytest.param(10_000, marks=pytest.mark.full)])
def test_no_link_swapped_in_meanwhile_is_ever_followed(tmp_path: Path, saves: int) -> None:
    folder, outside = tmp_path / "into", tmp_path / "outside"
    folder.mkdir()
    outside.write_text("mine")
    target, is_over = folder / "x", threading.Event()

    def attack() -> None:
        chance = random.Random(7)
        while not is_over.is_set():
            try:
                if chance.random() < 0.5:
                    target.unlink(missing_ok=True)
                target.symlink_to(outside)
            except FileExistsError:
                pass

    attacker = threading.Thread(target=attack)
    attacker.start()
    written = 0
    try:
        for number in range(saves):
            try:
                save(target, [b"theirs"], force=number % 2 == 0)
                written += 1
            except FileExists:
                pass
    finally:
        is_over.set()
        attacker.join()
    assert written >= saves // 2
    assert outside.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["into", "outside"]


def test_a_removed_asset_is_gone_with_its_bytes_unless_another_has_them(rt: Runtime, add) -> None:
    first, second = add("a.txt", "same"), add("b.txt", "same")
    remove_asset(rt, first)
    with pytest.raises(AssetNotFound, match=first.id):
        find_asset(rt, first.id)
    assert b"".join(asset_parts(rt, second, "")) == b"same"
    remove_asset(rt, second)
    assert list(rt.store.files.all()) == []
    assert rt.store.assets.get(second.id).removed_at is not None


def test_bytes_that_were_removed_between_are_not_given_a_row(rt: Runtime, add) -> None:
    old = add("a.txt", "same")
    prepared = prepare_post(rt, "same", AssetWords(name="b"))
    remove_asset(rt, old)
    with pytest.raises(AssetDamaged, match="missing"):
        keep_asset(rt, prepared)
    assert rt.store.assets.find(prepared.id) is None


def test_drafts_that_nobody_finished_are_swept(rt: Runtime, add, clock: Clock) -> None:
    add("a.txt", "x")
    stale, fresh = (rt.store.files.draft_path() for _ in range(2))
    for path, age in ((stale, 100_000), (fresh, 60)):
        path.write_text("half")
        at = clock.at.timestamp() - age
        os.utime(path, (at, at))
    add("b.txt", "y")
    assert not stale.exists()
    assert fresh.exists()


def _flip(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])


def _to_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _to_link(path: Path) -> None:
    path.rename(path.with_suffix(".x"))
    path.symlink_to(path.with_suffix(".x"))


def _to_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "flipped": _flip,
    "empty": lambda path: path.write_bytes(b""),
    "a folder": _to_folder,
    "a link": _to_link,
    "a pipe": _to_pipe,
}


def test_a_thousand_damaged_assets_are_each_reported(rt: Runtime) -> None:
    assets = []
    with rt.store.transaction() as tx:
        tx.people.id_of("ada", "u", rt.now())
        for number in range(1000):
            words = AssetWords(name=f"n{number}", filename=f"n{number}.bin")
            asset = prepare_file(rt, [f"asset {number}".encode()], words)
            tx.assets.add(asset)
            assets.append(asset)
    for asset, damage in zip(assets, itertools.cycle(DAMAGES.values()), strict=False):
        damage(rt.store.files.path_of(asset.sha256))

    shallow, deep = (
        {each.message.split(" ", 1)[0] for each in examine_registry(rt, deeply=deeply)
         if (each.subject, each.state) == ("asset", "fault")}
        for deeply in (False, True)
    )  # fmt: skip

    assert deep == {asset.id for asset in assets}
    flipped = {
        asset.id
        for asset, kind in zip(assets, list(DAMAGES) * 125, strict=True)
        if kind == "flipped"
    }
    assert deep - shallow == flipped


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["a.csv", "a.md", "a.txt", "a.zip"])
def test_whoever_needs_a_damaged_asset_is_told_so(
    rt: Runtime, add, tmp_path: Path, name: str, damage: str
) -> None:
    kept = add(name, _zip("x.cif") if name == "a.zip" else "a\n1\n")
    DAMAGES[damage](rt.store.files.path_of(kept.sha256))
    with pytest.raises(AssetDamaged) as told:
        save_asset(rt, kept, f"{tmp_path}/")
    assert "\n" not in told.value.message
    assert not [path for path in tmp_path.iterdir() if path.is_file()]
    if kept.asset_type is AssetType.DATASET:
        with pytest.raises(AssetDamaged):
            query_asset(rt, kept, "SELECT 1")
    shown = preview_asset(rt, kept)
    assert damage == "flipped" or (shown or {})["kind"] == "damaged"
    json.dumps(asset_view(kept))
    assert remove_asset(rt, kept).removed_at is not None


def test_a_healthy_registry_says_so_and_counts_what_belongs_to_nobody(rt: Runtime, add) -> None:
    add("a.txt", "x")
    rt.store.files.keep_bytes(b"nobody's")
    found = {(each.subject, each.state): each.message for each in examine_registry(rt, deeply=True)}
    assert ("asset", "fault") not in found
    assert "1 kept, every byte read" in found["assets", "ok"]
    assert "1 files" in found["assets", "note"]


def test_only_a_dataset_can_be_queried(rt: Runtime, add) -> None:
    with pytest.raises(OuroError, match="only a dataset can be queried"):
        query_asset(rt, add("a.txt", "x"), "SELECT 1")
    rows = query_asset(rt, add("My data.csv", "a\n1\n"), "SELECT * FROM my_data")
    assert list(rows) == [{"a": 1}]
