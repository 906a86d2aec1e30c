"""Materials: a sample Ouro service.

This file knows a little chemistry and every way a service can answer Ouro: at once or by
webhook, with a result or an error, with plain JSON or with files, datasets and posts to keep.
"""

# The ouro package ships without annotations on its decorators.
# mypy: disable-error-code="no-untyped-call, untyped-decorator"

import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePath
from threading import Thread
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args
from urllib.parse import urljoin

import httpx
import numpy as np
from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query, Response
from fastapi.openapi.utils import get_openapi
from numpy.typing import NDArray
from ouro.utils import dataset_payload, file_payload
from ouro.utils.openapi import (
    get_custom_openapi,
    include_dataset_output,
    ouro_execution_mode,
    ouro_field,
    ouro_outputs,
    ouro_response_charts,
)
from pydantic import BaseModel, Field, model_validator

app = FastAPI(
    title="Materials",
    version="1.0.0",
    description="Small, real computations on chemical formulas and atomic structures.",
)
app.openapi = get_custom_openapi(app, get_openapi)  # type: ignore[method-assign]


# --- Chemistry ------------------------------------------------------------------------------------


class Element(NamedTuple):
    """Standard atomic mass (g/mol), Pauling electronegativity and covalent radius (Å)."""

    mass: float
    electronegativity: float
    radius: float


ELEMENTS = {
    "H": Element(1.008, 2.20, 0.31),
    "Li": Element(6.94, 0.98, 1.28),
    "B": Element(10.81, 2.04, 0.84),
    "C": Element(12.011, 2.55, 0.76),
    "N": Element(14.007, 3.04, 0.71),
    "O": Element(15.999, 3.44, 0.66),
    "F": Element(18.998, 3.98, 0.57),
    "Na": Element(22.990, 0.93, 1.66),
    "Mg": Element(24.305, 1.31, 1.41),
    "Al": Element(26.982, 1.61, 1.21),
    "Si": Element(28.085, 1.90, 1.11),
    "P": Element(30.974, 2.19, 1.07),
    "S": Element(32.06, 2.58, 1.05),
    "Cl": Element(35.45, 3.16, 1.02),
    "K": Element(39.098, 0.82, 2.03),
    "Ca": Element(40.078, 1.00, 1.76),
    "Ti": Element(47.867, 1.54, 1.60),
    "V": Element(50.942, 1.63, 1.53),
    "Cr": Element(51.996, 1.66, 1.39),
    "Mn": Element(54.938, 1.55, 1.39),
    "Fe": Element(55.845, 1.83, 1.32),
    "Co": Element(58.933, 1.88, 1.26),
    "Ni": Element(58.693, 1.91, 1.24),
    "Cu": Element(63.546, 1.90, 1.32),
    "Zn": Element(65.38, 1.65, 1.22),
    "Ga": Element(69.723, 1.81, 1.22),
    "As": Element(74.922, 2.18, 1.19),
    "Ag": Element(107.868, 1.93, 1.45),
    "W": Element(183.84, 2.36, 1.62),
    "Au": Element(196.967, 2.54, 1.36),
}

BOLTZMANN = 8.617333e-5  # eV/K
MAX_ATOMS = 500
LARGEST_MOVE = 0.1  # Å, of any coordinate in one relaxation step
TINY = 1e-12  # stands in for a gradient of zero, which points nowhere
CLOSEST_PAIR = 0.1  # Å; nearer than this the repulsion is beyond any sense

Vectors = NDArray[np.float64]


def look_up(symbol: str) -> Element:
    if symbol not in ELEMENTS:
        raise HTTPException(422, f"unknown element {symbol!r}")
    return ELEMENTS[symbol]


def parse_formula(formula: str) -> dict[Element, int]:
    """How many atoms of each element a flat formula such as `Fe2Ni` holds."""
    part = r"([A-Z][a-z]?)([1-9]\d{0,3})?"
    if not re.fullmatch(f"({part})+", formula):
        raise HTTPException(422, f"cannot read the composition {formula!r}; write it like Fe2Ni")
    atoms: dict[Element, int] = {}
    for symbol, count in re.findall(part, formula):
        element = look_up(symbol)
        atoms[element] = atoms.get(element, 0) + int(count or 1)
    return atoms


def formula_weight(atoms: dict[Element, int]) -> float:
    return round(sum(element.mass * count for element, count in atoms.items()), 3)


def ordering_score(atoms: dict[Element, int], temperature: float) -> float:
    """Variance of the electronegativities minus kT times the ideal entropy of mixing."""
    counts = np.array(list(atoms.values()))
    shares = counts / counts.sum()
    negativity = np.array([element.electronegativity for element in atoms])
    variance = shares @ (negativity - shares @ negativity) ** 2
    entropy = -(shares @ np.log(shares))
    return round(float(variance - BOLTZMANN * temperature * entropy), 6)


@dataclass(frozen=True)
class Structure:
    """Atoms in space, as an XYZ file holds them."""

    symbols: list[str]
    positions: Vectors
    comment: str

    @classmethod
    def from_xyz(cls, text: str) -> Self:
        try:
            first, comment, *rows = text.splitlines()
            count = int(first)
            atoms = [row.split() for row in rows[: max(count, 0)]]
            positions = np.array([[float(value) for value in atom[1:4]] for atom in atoms])
            if positions.shape != (count, 3) or not np.isfinite(positions).all():
                raise ValueError
        except ValueError:
            raise HTTPException(422, "cannot read the structure: it is not XYZ text") from None
        if count > MAX_ATOMS:
            raise HTTPException(422, f"{count} atoms are too many; the limit is {MAX_ATOMS}")
        return cls([atom[0] for atom in atoms], positions, comment)

    def to_xyz(self) -> str:
        rows = (
            f"{symbol} {x:.6f} {y:.6f} {z:.6f}"
            for symbol, (x, y, z) in zip(self.symbols, self.positions, strict=True)
        )
        return "\n".join([str(len(self.symbols)), self.comment, *rows, ""])

    def centred(self) -> Self:
        return replace(self, positions=self.positions - self.positions.mean(axis=0))


def pair_distances(positions: Vectors) -> Vectors:
    distances: Vectors = np.linalg.norm(positions[:, None] - positions, axis=-1)
    np.fill_diagonal(distances, np.inf)  # an atom is no neighbour of itself
    return distances


class LennardJones:
    """Pairwise potential of depth 1 whose minimum is where two covalent radii touch."""

    def __init__(self, symbols: list[str]) -> None:
        radii = np.array([look_up(symbol).radius for symbol in symbols])
        self.contact = radii[:, None] + radii

    def energy_and_gradient(self, positions: Vectors) -> tuple[float, Vectors]:
        offsets = positions[:, None] - positions
        distances = pair_distances(positions)
        attraction = (self.contact / distances) ** 6
        energy = float(np.sum(attraction**2 - 2 * attraction)) / 2
        slopes = 12 * (attraction - attraction**2) / distances
        return energy, np.sum((slopes / distances)[..., None] * offsets, axis=1)

    def descend(self, positions: Vectors) -> Vectors:
        """One step downhill, as long as serves best: the energy never rises."""
        _, gradient = self.energy_and_gradient(positions)
        move = LARGEST_MOVE * gradient / max(np.abs(gradient).max(), TINY)
        trials = [positions - move * 0.5**halvings for halvings in range(16)]
        return min(positions, *trials, key=lambda trial: self.energy_and_gradient(trial)[0])


# --- Answering later ------------------------------------------------------------------------------

UNREACHABLE = (httpx.HTTPError, httpx.InvalidURL)


class Accepted(BaseModel):
    status: Literal["accepted"] = Field(
        default="accepted", description="The result follows by webhook."
    )


class Problem(BaseModel):
    detail: str = Field(description="What went wrong.")


@dataclass(frozen=True)
class Run:
    """One asynchronous run, and where Ouro wants to hear about it."""

    action_id: str
    route_id: str | None
    webhook_url: str
    webhook_token: str

    def start(self, work: Callable[[], dict[str, Any]]) -> Accepted:
        """Do the work in the background, and say that it was taken on."""
        # A thread of its own: work may outlast any request, and must not hold up a shutdown.
        Thread(target=self._finish, args=(work,), daemon=True).start()
        return Accepted()

    def log(self, message: str) -> None:
        """Add a line to the run's log, which is a courtesy: the work goes on without it."""
        with suppress(*UNREACHABLE):
            self._post(urljoin(self.webhook_url, "log"), {"message": message, "level": "info"})

    def _finish(self, work: Callable[[], dict[str, Any]]) -> None:
        payload: dict[str, Any] = {"ouro_action_id": self.action_id}
        if self.route_id:
            payload["ouro_route_id"] = self.route_id
        try:
            payload |= {"status": "completed", "response": work()}
        except Exception as error:  # whatever went wrong, Ouro has to hear that the run is over
            payload |= {"status": "failed", "response": {"error": {"message": str(error)}}}
        try:
            self._post(self.webhook_url, payload).raise_for_status()
        except UNREACHABLE as error:
            print(f"materials: lost the result of {self.action_id}: {error!r}", file=sys.stderr)

    def _post(self, url: str, payload: dict[str, Any]) -> httpx.Response:
        headers = {"ouro-webhook-token": self.webhook_token}
        return httpx.post(url, json=payload, headers=headers, timeout=10)


def run_from_headers(
    action_id: Annotated[
        str | None, Header(alias="ouro-action-id", description="The action this call belongs to.")
    ] = None,
    route_id: Annotated[
        str | None, Header(alias="ouro-route-id", description="The route being called.")
    ] = None,
    webhook_url: Annotated[
        str | None, Header(alias="ouro-webhook-url", description="Where to send the result.")
    ] = None,
    webhook_token: Annotated[
        str | None, Header(alias="ouro-webhook-token", description="Proof of being this call.")
    ] = None,
) -> Run:
    """The run Ouro describes in the headers it adds to every call."""
    if not (action_id and webhook_url and webhook_token):
        raise HTTPException(
            400,
            "this route answers by webhook: "
            "send ouro-action-id, ouro-webhook-url and ouro-webhook-token",
        )
    return Run(action_id, route_id, webhook_url, webhook_token)


# --- Predict --------------------------------------------------------------------------------------

Composition = Annotated[
    str,
    Field(min_length=1, description="Chemical formula without brackets.", examples=["Fe2Ni"]),
]
Kelvin = Annotated[float, Field(gt=0, allow_inf_nan=False, description="Temperature in kelvin.")]
Score = Annotated[
    float,
    Field(description="Ordering score in eV per atom; above zero the elements favour a compound."),
]


class PredictRequest(BaseModel):
    composition: Composition
    temperature: Kelvin = 300.0


class Prediction(BaseModel):
    composition: Composition
    formula_weight: float = Field(description="Mass of one formula unit in g/mol.")
    score: Score
    temperature: Kelvin


@app.post("/predict", summary="Predict", operation_id="predict")
def predict(body: PredictRequest) -> Prediction:
    """Weigh a formula and guess whether its elements form an ordered compound.

    The **score** is the variance of the Pauling electronegativities, the classic measure of
    ionic bond energy, minus *kT* times the ideal entropy of mixing. It is a rule of thumb in
    eV per atom, not a calculation of stability.
    """
    atoms = parse_formula(body.composition)
    return Prediction(
        composition=body.composition,
        formula_weight=formula_weight(atoms),
        score=ordering_score(atoms, body.temperature),
        temperature=body.temperature,
    )


# --- Relax structure ------------------------------------------------------------------------------


class RelaxRequest(BaseModel):
    structure: str = Field(
        description="XYZ text: the number of atoms, a comment, then one `El x y z` line per atom.",
        examples=["3\nwater\nO 0.0 0.0 0.1\nH 0.0 0.8 -0.5\nH 0.0 -0.8 -0.5\n"],
    )
    duration: float = Field(default=2.0, ge=0, le=7200, description="Seconds the work should take.")
    steps: int = Field(default=4, ge=1, le=1000, description="Relaxation steps to make.")


@app.post(
    "/relax-structure",
    summary="Relax structure",
    operation_id="relax_structure",
    status_code=202,
    responses={400: {"model": Problem, "description": "No webhook to answer to"}},
)
@ouro_execution_mode("async")
def relax_structure(body: RelaxRequest, run: Annotated[Run, Depends(run_from_headers)]) -> Accepted:
    """Move atoms downhill on a pairwise **Lennard-Jones** energy by steepest descent.

    Every pair attracts with a well depth of 1 at the sum of its covalent radii, so the energy is
    in units of that depth. One progress line per step goes to the log; the result, sent by
    webhook, holds the final `energy`, the `steps` made and the relaxed `structure` as XYZ text.
    """
    start = Structure.from_xyz(body.structure)
    potential = LennardJones(start.symbols)
    if pair_distances(start.positions).min() < CLOSEST_PAIR:
        raise HTTPException(422, "two atoms of the structure are at the same place")

    def relax() -> dict[str, Any]:
        positions = start.positions
        for step in range(1, body.steps + 1):
            positions = potential.descend(positions)
            energy, _ = potential.energy_and_gradient(positions)
            time.sleep(body.duration / body.steps)
            run.log(f"step {step} of {body.steps}: energy {energy:.6f}")
        relaxed = replace(start, positions=positions)
        return {"energy": round(energy, 6), "steps": body.steps, "structure": relaxed.to_xyz()}

    return run.start(relax)


# --- Failing --------------------------------------------------------------------------------------


@app.post(
    "/explode",
    summary="Explode",
    operation_id="explode",
    responses={500: {"model": Problem, "description": "The furnace exploded"}},
)
def explode() -> None:
    """Fail at once. Every call is answered with **status 500**."""
    raise HTTPException(500, "the furnace exploded")


class FailLaterRequest(BaseModel):
    message: str = Field(default="did not converge", description="The error message to report.")
    delay: float = Field(default=0.5, ge=0, le=7200, description="Seconds before the failure.")


@app.post(
    "/fail-later",
    summary="Fail later",
    operation_id="fail_later",
    status_code=202,
    responses={400: {"model": Problem, "description": "No webhook to answer to"}},
)
@ouro_execution_mode("async")
def fail_later(body: FailLaterRequest, run: Annotated[Run, Depends(run_from_headers)]) -> Accepted:
    """Accept the call, then report by webhook that the work **failed**."""

    def fail() -> dict[str, Any]:
        time.sleep(body.delay)
        raise RuntimeError(body.message)

    return run.start(fail)


# --- Find material --------------------------------------------------------------------------------

Property = Literal["crystal_system", "space_group", "density", "melting_point", "band_gap"]

UNITS = {"density": "g/cm³", "melting_point": "K", "band_gap": "eV"}


@dataclass(frozen=True)
class Material:
    name: str
    formula: str
    crystal_system: str
    space_group: str
    density: float
    melting_point: float
    band_gap: float


MATERIALS = {
    "cu": Material("Copper", "Cu", "cubic", "Fm-3m", 8.96, 1358, 0.0),
    "fe": Material("Iron", "Fe", "cubic", "Im-3m", 7.874, 1811, 0.0),
    "gaas": Material("Gallium arsenide", "GaAs", "cubic", "F-43m", 5.318, 1511, 1.42),
    "nacl": Material("Halite", "NaCl", "cubic", "Fm-3m", 2.165, 1074, 8.5),
    "si": Material("Silicon", "Si", "cubic", "Fd-3m", 2.329, 1687, 1.12),
    "tio2": Material("Rutile", "TiO2", "tetragonal", "P4_2/mnm", 4.23, 2116, 3.0),
}


class FoundMaterial(BaseModel):
    id: str
    name: str
    formula: str
    properties: dict[Property, str | float] = Field(description="The requested properties.")
    related: list[str] = Field(description="Ids of materials of the same crystal system.")
    units: dict[Property, str] | None = Field(
        default=None, description="Units, when asked to be verbose."
    )


@app.get(
    "/materials/{material_id}",
    summary="Find material",
    operation_id="find_material",
    responses={404: {"model": Problem, "description": "No such material"}},
)
def find_material(
    material_id: Annotated[str, Path(description="Id of the material.", examples=["nacl"])],
    fields: Annotated[
        list[Property],
        Query(default_factory=list, description="Properties to return; all when left out."),
    ],
    limit: Annotated[int, Query(ge=1, le=50, description="How many related ids to return.")] = 10,
    verbose: Annotated[bool, Query(description="Name the units too.")] = False,
) -> FoundMaterial:
    """Look up a well-known material: `cu`, `fe`, `gaas`, `nacl`, `si` or `tio2`."""
    if material_id not in MATERIALS:
        raise HTTPException(404, f"no material {material_id!r}")
    material = MATERIALS[material_id]
    wanted = fields or get_args(Property)
    related = [
        other_id
        for other_id, other in MATERIALS.items()
        if other_id != material_id and other.crystal_system == material.crystal_system
    ]
    return FoundMaterial(
        id=material_id,
        name=material.name,
        formula=material.formula,
        properties={field: getattr(material, field) for field in wanted},
        related=related[:limit],
        units={field: UNITS[field] for field in wanted if field in UNITS} if verbose else None,
    )


# --- Symmetrize -----------------------------------------------------------------------------------


class FileInput(BaseModel):
    """A file as Ouro hands it to a service."""

    url: str = Field(description="Where the content can be fetched, without credentials.")
    filename: str = Field(description="File name with its extension.")
    type: str = Field(description="MIME type.")
    org_id: str = Field(description="Organization the file belongs to.")
    team_id: str = Field(description="Team the file belongs to.")
    visibility: str = Field(description="Who can see the file.")
    id: str | None = Field(default=None, description="Asset id.")
    name: str | None = Field(default=None, description="Asset name.")
    description: str | None = Field(default=None, description="Asset description as plain text.")


class FileOutput(BaseModel):
    """A file for Ouro to keep."""

    name: str
    description: str
    extension: str
    type: str
    filename: str
    base64: str


class SymmetrizeRequest(BaseModel):
    file: FileInput = Field(description="The structure, an XYZ file.")


class SymmetrizeResponse(BaseModel):
    file: FileOutput = Field(description="The centred structure.")


@app.post(
    "/symmetrize",
    summary="Symmetrize",
    operation_id="symmetrize",
    responses={502: {"model": Problem, "description": "The file cannot be fetched"}},
)
@ouro_field(
    "x-ouro-input-assets",
    {"file": {"asset_type": "file", "primary": True, "file_extensions": ["xyz"]}},
)
@ouro_outputs({"file": {"asset_type": "file", "primary": True, "file_extensions": ["xyz"]}})
def symmetrize(body: SymmetrizeRequest) -> SymmetrizeResponse:
    """Centre a structure: move its atoms so that their **centroid** is the origin."""
    try:
        text = httpx.get(body.file.url, timeout=30).raise_for_status().text
    except UNREACHABLE as error:
        raise HTTPException(502, f"cannot fetch {body.file.filename}: {error}") from error
    stem = PurePath(body.file.filename).stem
    payload = file_payload(
        Structure.from_xyz(text).centred().to_xyz(),
        name=f"{body.file.name or stem}, centred",
        description="Atoms moved so that their centroid is the origin.",
        extension="xyz",
        content_type="chemical/x-xyz",
    )
    return SymmetrizeResponse(file=FileOutput(filename=f"{stem}-centred.xyz", **payload))


# --- Scan temperatures ----------------------------------------------------------------------------

MAX_POINTS = 1000


class ScanRequest(BaseModel):
    composition: Composition
    start: Kelvin = Field(default=100.0, description="First temperature in kelvin.")
    stop: Kelvin = Field(default=500.0, description="Last temperature in kelvin.")
    step: Kelvin = Field(default=100.0, description="Distance between temperatures in kelvin.")
    include_dataset: bool = Field(default=False, description="Also keep the points as a dataset.")

    @model_validator(mode="after")
    def check_range(self) -> Self:
        if not 0 <= (self.stop - self.start) / self.step < MAX_POINTS:
            raise ValueError(f"start, stop and step must give 1 to {MAX_POINTS} points")
        return self


class ScanPoint(BaseModel):
    temperature: Kelvin
    score: Score


class DatasetOutput(BaseModel):
    """A dataset for Ouro to keep."""

    name: str
    description: str
    data: list[dict[str, Any]]


class ScanResponse(BaseModel):
    composition: Composition
    points: list[ScanPoint] = Field(description="One score for every temperature.")
    points_dataset: DatasetOutput | None = Field(
        default=None, description="The points to keep, if asked."
    )


@app.post("/scan", summary="Scan temperatures", operation_id="scan")
@ouro_outputs({"points_dataset": include_dataset_output(primary=True)})
@ouro_response_charts(
    [
        {
            "data": "points",
            "title": "Ordering score of {composition}",
            "dataset": "points_dataset",
            "config": {
                "type": "line",
                "category": {"dataKey": "temperature", "type": "number"},
                "series": [{"dataKey": "score"}],
            },
        }
    ]
)
def scan(body: ScanRequest) -> ScanResponse:
    """Follow the ordering score from `start` to `stop`, both included where the steps meet them.

    With `include_dataset` the points are also kept as a **dataset**.
    """
    atoms = parse_formula(body.composition)
    count = int((body.stop - body.start) / body.step + 1e-9) + 1
    temperatures = [round(body.start + body.step * number, 9) for number in range(count)]
    points = [ScanPoint(temperature=t, score=ordering_score(atoms, t)) for t in temperatures]
    response = ScanResponse(composition=body.composition, points=points)
    if body.include_dataset:
        payload = dataset_payload(
            [point.model_dump() for point in points],
            name=f"Ordering score of {body.composition}",
            description=f"Ordering score in eV per atom, {body.start:g} K to {body.stop:g} K.",
        )
        response.points_dataset = DatasetOutput.model_validate(payload)
    return response


# --- Write report ---------------------------------------------------------------------------------


class ReportRequest(BaseModel):
    composition: Composition
    title: str | None = Field(
        None, description="Title of the post; by default it names the formula."
    )


class PostContent(BaseModel):
    text: str = Field(description="Markdown.")


class PostOutput(BaseModel):
    """A post for Ouro to keep."""

    name: str
    description: str
    content: PostContent


class ReportResponse(BaseModel):
    report: PostOutput


@app.post("/report", summary="Write report", operation_id="report")
@ouro_outputs({"report": {"asset_type": "post"}})
def report(body: ReportRequest) -> ReportResponse:
    """Write a short **post** about a formula: its weight and its ordering score by temperature."""
    atoms = parse_formula(body.composition)
    rows = [f"| {t} | {ordering_score(atoms, t):.4f} |" for t in (100, 300, 500, 1000)]
    text = "\n".join(
        [
            f"**{body.composition}** weighs {formula_weight(atoms)} g/mol.",
            "",
            "| Temperature (K) | Ordering score (eV per atom) |",
            "| ---: | ---: |",
            *rows,
        ]
    )
    post = PostOutput(
        name=body.title or f"Report on {body.composition}",
        description=f"Weight and ordering score of {body.composition}.",
        content=PostContent(text=text),
    )
    return ReportResponse(report=post)


# --- Anneal ---------------------------------------------------------------------------------------


class AnnealRequest(BaseModel):
    structure: FileInput = Field(description="The structure, an XYZ file.")
    steps: int = Field(default=3, ge=1, le=1000, description="Steps to make.")
    include_dataset: bool = Field(default=False, description="Also keep the energies.")


@app.post(
    "/anneal",
    summary="Anneal",
    operation_id="anneal",
    status_code=202,
    responses={400: {"model": Problem, "description": "No webhook to answer to"}},
)
@ouro_execution_mode("async")
@ouro_field(
    "x-ouro-input-assets",
    {"structure": {"asset_type": "file", "primary": True, "file_extensions": ["xyz"]}},
)
@ouro_outputs(
    {
        "structure": {
            "asset_type": "file",
            "primary": True,
            "file_extensions": ["xyz"],
            "role": "version",
        },
        "energies": include_dataset_output(embedded_in="report"),
        "report": {"asset_type": "post", "optional": True},
    }
)
def anneal(body: AnnealRequest, run: Annotated[Run, Depends(run_from_headers)]) -> Accepted:
    """Relax a structure, and send a file, a **dataset** if asked, and a **post** by webhook."""

    def work() -> dict[str, Any]:
        text = httpx.get(body.structure.url, timeout=30).raise_for_status().text
        start = Structure.from_xyz(text)
        potential = LennardJones(start.symbols)
        positions, energies = start.positions, []
        for step in range(1, body.steps + 1):
            positions = potential.descend(positions)
            energy, _ = potential.energy_and_gradient(positions)
            energies.append({"Step": step, "Energy": round(energy, 6)})
        stem = PurePath(body.structure.filename).stem
        name = f"{body.structure.name or stem}, annealed"
        dataset = dataset_payload(energies, name=f"Energies of {stem}", description="By step.")
        return {
            "structure": file_payload(
                replace(start, positions=positions).to_xyz(),
                name=name,
                description=f"After {body.steps} steps.",
                extension="xyz",
                content_type="chemical/x-xyz",
            ),
            "energies": dataset if body.include_dataset else None,
            "report": {
                "name": f"Annealing {stem}",
                "description": "What became of the energy.",
                "content": {"text": f"It came down to **{energies[-1]['Energy']}**.\n"},
            },
        }

    return run.start(work)


# --- Rank -----------------------------------------------------------------------------------------


class DatasetMetadata(BaseModel):
    table_name: str = Field(description="Name of the table.")


class DatasetInput(BaseModel):
    """A dataset as Ouro hands it to a service."""

    id: str
    name: str
    metadata: DatasetMetadata
    data: list[dict[str, Any]] = Field(description="The rows, as flat objects.")
    description: str | None = None


class PostInputContent(BaseModel):
    text: str = Field(description="Markdown.")
    json_: dict[str, Any] = Field(alias="json", description="The same as a TipTap document.")


class PostInput(BaseModel):
    """A post as Ouro hands it to a service."""

    id: str
    name: str
    content: PostInputContent
    description: str | None = None


class RankRequest(BaseModel):
    scores: DatasetInput = Field(description="Rows with a number in the column to rank by.")
    note: PostInput | None = Field(default=None, description="What to say with it.")
    by: str = Field(default="score", description="The column to rank by.")


class RankResponse(BaseModel):
    table: str
    best: dict[str, Any]
    note: str | None


@app.post("/rank", summary="Rank", operation_id="rank")
@ouro_field(
    "x-ouro-input-assets",
    {"scores": {"asset_type": "dataset", "primary": True}, "note": {"asset_type": "post"}},
)
def rank(body: RankRequest) -> RankResponse:
    """Find the row of a **dataset** that is best; a **post** may go with it."""
    rows = [row for row in body.scores.data if isinstance(row.get(body.by), int | float)]
    if not rows:
        raise HTTPException(422, f"no row has a number in {body.by!r}")
    return RankResponse(
        table=body.scores.metadata.table_name,
        best=max(rows, key=lambda row: float(row[body.by])),
        note=body.note.content.text if body.note else None,
    )


# --- Draw -----------------------------------------------------------------------------------------


class DrawRequest(BaseModel):
    composition: Composition


@app.post(
    "/draw",
    summary="Draw",
    operation_id="draw",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}, "description": "The picture"}},
)
def draw(body: DrawRequest) -> Response:
    """Draw the shares of a formula's elements as a bar of **SVG**, which is the whole answer."""
    atoms = parse_formula(body.composition)
    total, left, bars = sum(atoms.values()), 0.0, []
    for element, count in atoms.items():
        width = 100 * count / total
        grey = int(60 * element.electronegativity) % 256
        bars.append(
            f'<rect x="{left:.2f}" width="{width:.2f}" height="10" fill="rgb({grey},{grey},99)"/>'
        )
        left += width
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 10">{"".join(bars)}</svg>'
    disposition = f'inline; filename="{body.composition}.svg"'
    return Response(
        picture, media_type="image/svg+xml", headers={"Content-Disposition": disposition}
    )


if __name__ == "__main__":
    # Imported here so that the app can also be loaded from elsewhere, without its neighbour.
    from serving import serve

    serve(app, port=9000)
