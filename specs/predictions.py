"""Predictions: a sample API whose results take their time, and have to be asked for.

This file knows three ways in which real APIs say where to ask: an address in the answer
(`/predictions`), a header (`/text:analyze`), a queue (`/queue/upscale`); and two ways to send an
answer piece by piece (`/chat`, `/train`). It has never heard of Ouro. Everything lives in memory.
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Header, HTTPException, Path, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

PORT = 9002

app = FastAPI(
    title="Predictions",
    version="1.0.0",
    description="Models that answer when they are done.",
    servers=[{"url": f"http://127.0.0.1:{PORT}"}],
)


class Job:
    """A piece of work that is done once its time has passed."""

    def __init__(self, given: dict[str, Any], seconds: float, *, fails: bool) -> None:
        self.id = secrets.token_hex(8)
        self.given = given
        self.fails = fails
        self._began = time.monotonic()
        self._seconds = seconds

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        passed = time.monotonic() - self._began
        return 1.0 if passed >= self._seconds else passed / self._seconds


JOBS: dict[str, Job] = {}


class PredictionInput(BaseModel):
    prompt: str = Field(min_length=1)
    seconds: float = Field(default=2.0, ge=0, le=600, description="How long it is to take.")
    fail: bool = Field(default=False, description="Whether it is to fail.")


class PredictionRequest(BaseModel):
    input: PredictionInput


class PredictionUrls(BaseModel):
    get: str
    cancel: str


class Prediction(BaseModel):
    id: str
    status: Literal["starting", "processing", "succeeded", "failed", "canceled"]
    input: PredictionInput
    output: list[str] | None = None
    error: str | None = None
    logs: str = ""
    urls: PredictionUrls


class Text(BaseModel):
    text: str = Field(min_length=1)
    seconds: float = Field(default=2.0, ge=0, le=600)
    fail: bool = False


class Operation(BaseModel):
    id: str
    status: Literal["NotStarted", "Running", "Succeeded", "Failed"]
    result: dict[str, int] | None = None
    error: dict[str, str] | None = None


class Picture(BaseModel):
    picture: str = Field(description="The address of a picture.")
    seconds: float = Field(default=2.0, ge=0, le=600)


class Ticket(BaseModel):
    request_id: str
    status_url: str
    response_url: str
    cancel_url: str


class QueueStatus(BaseModel):
    status: Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    request_id: str
    response_url: str
    queue_position: int = 0


class Upscaled(BaseModel):
    picture: str
    width: int


class Tally(BaseModel):
    jobs: int


class ChatRequest(BaseModel):
    prompt: str = Field(min_length=1)
    pause: float = Field(default=0.05, ge=0, le=60, description="Seconds between two pieces.")


class TrainRequest(BaseModel):
    epochs: int = Field(default=5, ge=1, le=10_000)
    pause: float = Field(default=0.05, ge=0, le=60, description="Seconds between two epochs.")


JobId = Annotated[str, Path(description="What the answer called it.")]


def _begin(given: BaseModel, seconds: float, *, fails: bool = False) -> Job:
    job = Job(given.model_dump(), seconds, fails=fails)
    JOBS[job.id] = job
    return job


def _job(job_id: str) -> Job:
    if job_id not in JOBS:
        raise HTTPException(404, "There is no such job.")
    return JOBS[job_id]


def _prediction(job: Job, request: Request) -> Prediction:
    where = f"{str(request.base_url).rstrip('/')}/predictions/{job.id}"
    share = job.share
    asked = PredictionInput(**job.given["input"])
    status: Any = "starting" if share < 0.2 else "processing"
    logs = "".join(f"step {step} of 5\n" for step in range(1, 1 + int(share * 5)))
    output, error = None, None
    if share == 1.0:
        status = "failed" if job.fails else "succeeded"
        output = None if job.fails else asked.prompt.upper().split()
        error = "the model ran out of memory" if job.fails else None
    return Prediction(
        id=job.id,
        status=status,
        input=asked,
        output=output,
        error=error,
        logs=logs,
        urls=PredictionUrls(get=where, cancel=f"{where}/cancel"),
    )


@app.post("/predictions", status_code=201, operation_id="createPrediction", tags=["predictions"])
async def create_prediction(asked: PredictionRequest, request: Request) -> Prediction:
    """Begin a prediction; ask for it until its status is succeeded, failed or canceled."""
    job = _begin(asked, asked.input.seconds, fails=asked.input.fail)
    return _prediction(job, request)


@app.get("/predictions/{prediction_id}", operation_id="getPrediction", tags=["predictions"])
async def get_prediction(prediction_id: JobId, request: Request) -> Prediction:
    """Tell how far a prediction has come, and what came out of it."""
    return _prediction(_job(prediction_id), request)


@app.post("/text:analyze", status_code=202, operation_id="analyzeText", tags=["text"])
async def analyze_text(asked: Text, request: Request, response: Response) -> None:
    """Begin to count the words of a text; `Operation-Location` says where to ask."""
    job = _begin(asked, asked.seconds, fails=asked.fail)
    response.headers["Operation-Location"] = f"{request.base_url}text/operations/{job.id}"
    response.headers["Retry-After"] = "1"


@app.get("/text/operations/{operation_id}", operation_id="getOperation", tags=["text"])
async def get_operation(operation_id: JobId, response: Response) -> Operation:
    """Tell how far it has come."""
    job = _job(operation_id)
    if job.share < 1.0:
        response.headers["Retry-After"] = "1"
        return Operation(id=job.id, status="NotStarted" if job.share < 0.2 else "Running")
    if job.fails:
        error = {"code": "TooLong", "message": "the text is too long"}
        return Operation(id=job.id, status="Failed", error=error)
    words = len(job.given["text"].split())
    return Operation(id=job.id, status="Succeeded", result={"words": words})


@app.post("/queue/upscale", operation_id="upscale", tags=["queue"])
async def upscale(asked: Picture, request: Request) -> Ticket:
    """Put a picture into the queue; the answer says where to ask, and where the result will lie."""
    job = _begin(asked, asked.seconds)
    where = f"{request.base_url}queue/requests/{job.id}"
    return Ticket(
        request_id=job.id,
        status_url=f"{where}/status",
        response_url=where,
        cancel_url=f"{where}/cancel",
    )


@app.get("/queue/requests/{request_id}/status", operation_id="queueStatus", tags=["queue"])
async def queue_status(request_id: JobId, request: Request) -> QueueStatus:
    """Tell where in the queue it is."""
    job = _job(request_id)
    words: tuple[Literal["IN_QUEUE", "IN_PROGRESS"], ...] = ("IN_QUEUE", "IN_PROGRESS")
    return QueueStatus(
        status="COMPLETED" if job.share == 1.0 else words[job.share >= 0.3],
        request_id=job.id,
        response_url=f"{request.base_url}queue/requests/{job.id}",
    )


@app.get("/queue/requests/{request_id}", operation_id="queueResult", tags=["queue"])
async def queue_result(request_id: JobId) -> Upscaled:
    """Return the result, once it is there."""
    job = _job(request_id)
    if job.share < 1.0:
        raise HTTPException(400, "The request is still in progress.")
    return Upscaled(picture=job.given["picture"], width=4096)


@app.get("/jobs", operation_id="countJobs", tags=["jobs"])
async def count_jobs() -> Tally:
    """Tell how many jobs were ever begun."""
    return Tally(jobs=len(JOBS))


class EventStream(StreamingResponse):
    media_type = "text/event-stream"


class JsonLines(StreamingResponse):
    media_type = "application/x-ndjson"


@app.post("/chat", operation_id="chat", tags=["streams"], response_class=EventStream)
async def chat(asked: ChatRequest, accept: Annotated[str, Header()] = "") -> EventStream:
    """Say the prompt back word by word, as server-sent events; the last is `[DONE]`."""

    async def events() -> AsyncIterator[str]:
        for word in asked.prompt.split():
            yield f"data: {json.dumps({'delta': word})}\n\n"
            await asyncio.sleep(asked.pause)
        yield "data: [DONE]\n\n"

    if "text/event-stream" not in accept and "*/*" not in accept:
        raise HTTPException(406, "This is a stream of events.")
    return EventStream(events())


@app.post("/train", operation_id="train", tags=["streams"], response_class=JsonLines)
async def train(asked: TrainRequest) -> JsonLines:
    """Tell of each epoch as it ends, one JSON object a line."""

    async def lines() -> AsyncIterator[str]:
        for epoch in range(1, asked.epochs + 1):
            await asyncio.sleep(asked.pause)
            yield json.dumps({"epoch": epoch, "loss": round(1 / epoch, 4)}) + "\n"

    return JsonLines(lines())


if __name__ == "__main__":
    # Imported here so that the app can also be loaded from elsewhere, without its neighbour.
    from serving import serve

    serve(app, port=PORT)
