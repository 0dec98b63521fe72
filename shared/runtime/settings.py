"""Settings of a deployment, read from environment variables (`HANKSTANK_…`)."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

JOB_BODY = "HANKSTANK_JOB_BODY"


class Settings(BaseSettings):
    """Addresses and limits of one deployment; every field can be set as HANKSTANK_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="HANKSTANK_", frozen=True)

    home: Path = Field(default=Path("var/run"), description="folder that holds the stores")
    project: str = Field(default="", description="Google Cloud project; empty: one machine")
    pubsub_emulator_host: str = Field(
        default="", validation_alias="PUBSUB_EMULATOR_HOST", description="the project is emulated"
    )
    region: str = "us-central1"
    bigquery_location: str = "US"
    bucket_prefix: str = Field(default="", description="buckets are <prefix>-<bucket>; default: the project")
    bytes_billed_cap: int = Field(default=20 * 10**9, ge=10**7, description="most a BigQuery query may read")
    push_sender: str = Field(default="", description="service account that signs pushes")
    push_audience: str = Field(default="", description="audience of signed pushes: this service's address")
    pushes_checked_by_iam: bool = Field(
        default=False,
        description="Cloud Run admits only whom IAM allows: true for private services",
    )
    job: str = Field(default="", description="Cloud Run job, or module to run in a child, for long work")
    job_body: str = Field(default="", description="in a job: the push body to work on")
    mlb_api_url: str = "https://statsapi.mlb.com"
    savant_url: str = "https://baseballsavant.mlb.com"
    weather_url: str = "https://api.open-meteo.com"
    statcast_source: str = Field(
        default="feed", pattern="^(feed|savant)$", description="first source of pitches"
    )
    collector_workers: int = Field(default=8, ge=1, le=25)
    requests_per_second: float = Field(default=8.0, gt=0, description="per source; not applied on loopback")
    longest_tick_days: int = Field(default=366, ge=1, description="a wider range is refused")
    lookback_days: int = Field(default=7, ge=0, le=60)
    training_window_days: int = Field(default=1095, ge=30)
    leak_proof_samples: int = Field(default=20, ge=1)
    training_frozen: bool = Field(default=False, description="never deploy a model, only evaluate")

    api_keys: str = Field(default="", description="JSON array of hashed keys, or the file that holds it")
    api_callers: str = Field(
        default="key",
        pattern="^(key|platform)$",
        description="authentication: API key, or the platform's IAM",
    )
    api_proxies: int | None = Field(
        default=None, ge=0, le=5, description="trusted hops; default: Cloud Run's one"
    )
    api_open_loopback: bool | None = Field(
        default=None, description="clients on this machine need no key; default: while no keys are set"
    )
    api_hosts: str = Field(default="", description="accepted Host names, comma-separated; empty: any")
    api_origins: str = Field(default="", description="allowed CORS origins, comma-separated")
    redis_url: str = Field(default="", description="shared cache and rate limits; empty: each worker its own")

    @property
    def in_cloud(self) -> bool:
        """Return whether this is a real, publicly reachable project."""
        return bool(self.project) and not self.pubsub_emulator_host

    @property
    def buckets(self) -> str:
        """Return the prefix of this deployment's bucket names."""
        return self.bucket_prefix or self.project
