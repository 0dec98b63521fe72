"""FastAPI under uvicorn, as its tutorial has it, with our engine and our question behind it."""

import msgspec
from fastapi import FastAPI, Response
from pydantic import ConfigDict

from services.predict_api.schemas.requests import PlayerRequest
from tests.bench.servers.store import parts


class Asked(PlayerRequest):
    """The same question, read the way FastAPI reads: from a dictionary, where a day is still a string."""

    model_config = ConfigDict(strict=False)


def create() -> FastAPI:
    """Return the app."""
    shelf, questions = parts()
    app = FastAPI()

    @app.post("/predict/player")
    async def answer(asked: Asked) -> Response:
        told = questions.predict_player(shelf.require_forecaster(), asked)
        return Response(msgspec.json.encode(told), media_type="application/json")

    @app.get("/readyz")
    async def ready() -> str:
        return "ready"

    return app
