"""What a deployment decides: read from the environment (`HANKSTANK_…`), never from code."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Addresses and limits of one deployment; every field can be set as HANKSTANK_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="HANKSTANK_", frozen=True)

    home: Path = Field(default=Path("var/run"), description="folder that holds the stores")
    mlb_api_url: str = "https://statsapi.mlb.com"
    savant_url: str = "https://baseballsavant.mlb.com"
    weather_url: str = "https://api.open-meteo.com"
    statcast_source: str = Field(
        default="feed", pattern="^(feed|savant)$", description="asked first for pitches"
    )
    collector_workers: int = Field(default=8, ge=1, le=25)
    requests_per_second: float = Field(default=8.0, gt=0, description="per source; not applied on loopback")
    lookback_days: int = Field(default=7, ge=0, le=60)
    training_window_days: int = Field(default=1095, ge=30)
    leak_proof_samples: int = Field(default=20, ge=1)
    training_frozen: bool = Field(default=False, description="never deploy a model, only evaluate")
