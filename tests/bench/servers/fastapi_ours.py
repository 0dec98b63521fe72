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
    release_manager, questions = parts()
    app = FastAPI()

    @app.post("/predict/player")
    async def answer(requested: Asked) -> Response:
        result = questions.predict_player(release_manager.require_forecaster(), requested)
        return Response(msgspec.json.encode(result), media_type="application/json")

    @app.get("/readyz")
    async def ready() -> str:
        return "ready"

    return app
