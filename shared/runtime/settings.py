"""Settings of a deployment, read from environment variables (`HANKSTANK_…`)."""

import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import InvalidSetting
from shared.notifications.targets import parse_targets

PREFIX = "HANKSTANK_"
SM_PREFIX = "sm://"  # begins a value that names a secret in Secret Manager
RUN_JOB_PAYLOAD = "HANKSTANK_RUN_JOB_PAYLOAD"
RENAMED = {
    "HANKSTANK_API_CALLERS": "HANKSTANK_API_AUTH",
    "HANKSTANK_API_ORIGINS": "HANKSTANK_CORS_ORIGINS",
    "HANKSTANK_API_PROXIES": "HANKSTANK_TRUSTED_PROXY_HOPS",
    "HANKSTANK_JOB": "HANKSTANK_RUN_JOB",
    "HANKSTANK_JOB_BODY": "HANKSTANK_RUN_JOB_PAYLOAD",
    "HANKSTANK_LEAK_PROOF_SAMPLES": "HANKSTANK_LEAK_CHECK_SAMPLES",
    "HANKSTANK_LONGEST_TICK_DAYS": "HANKSTANK_MAX_TICK_RANGE_DAYS",
    "HANKSTANK_PUSH_SENDER": "HANKSTANK_PUSH_SERVICE_ACCOUNT",
    "HANKSTANK_TRAINING_FROZEN": "HANKSTANK_DEPLOYMENT_DISABLED",
}


class Settings(BaseSettings):
    """Addresses and limits of one deployment; every field can be set as HANKSTANK_<NAME>.

    Raises InvalidSetting for a value out of bounds and for a variable under an earlier name.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    home: Path = Field(default=Path("var/run"), description="folder that holds the stores")
    project: str = Field(default="", description="Google Cloud project; empty: one machine")
    pubsub_emulator_host: str = Field(
        default="", validation_alias="PUBSUB_EMULATOR_HOST", description="the project is emulated"
    )
    region: str = "us-central1"
    bigquery_location: str = "US"
    bucket_prefix: str = Field(default="", description="buckets are <prefix>-<bucket>; default: the project")
    bytes_billed_cap: int = Field(default=20 * 10**9, ge=10**7, description="most a BigQuery query may read")
    push_service_account: str = Field(default="", description="service account that signs pushes")
    push_audience: str = Field(default="", description="audience of signed pushes: this service's address")
    pushes_checked_by_iam: bool = Field(
        default=False,
        description="Cloud Run admits only whom IAM allows: true for private services",
    )
    run_job: str = Field(default="", description="Cloud Run job, or module to run in a child, for long work")
    run_job_payload: str = Field(default="", description="in a job: the push body to work on")
    mlb_api_url: str = "https://statsapi.mlb.com"
    savant_url: str = "https://baseballsavant.mlb.com"
    weather_url: str = "https://api.open-meteo.com"
    statcast_source: Literal["feed", "savant"] = Field(default="feed", description="first source of pitches")
    collector_workers: int = Field(default=8, ge=1, le=25)
    requests_per_second: float = Field(default=8.0, gt=0, description="per source; not applied on loopback")
    max_tick_range_days: int = Field(default=366, ge=1, description="a wider range is refused")
    lookback_days: int = Field(default=7, ge=0, le=60)
    training_window_days: int = Field(default=2922, ge=30)
    leak_check_samples: int = Field(
        default=20, ge=1, description="games, batters and starters of a build that are recomputed"
    )
    deployment_disabled: bool = Field(default=False, description="never deploy a model, only evaluate")

    notify: SecretStr = Field(
        default=SecretStr(""),
        description="URLs of who gets alerts and reports, divided by spaces or commas; empty: nobody",
    )
    api_keys: str = Field(default="", description="JSON array of hashed keys, or the file that holds it")
    api_auth: Literal["api_key", "iam"] = Field(
        default="api_key", description="who checks clients: the API by their key, or Cloud Run by its IAM"
    )
    trusted_proxy_hops: int | None = Field(
        default=None,
        ge=0,
        le=5,
        description="trusted proxies that append to X-Forwarded-For; default: 1 in the cloud, else 0",
    )
    api_open_loopback: bool | None = Field(
        default=None, description="clients on this machine need no key; default: while no keys are set"
    )
    api_hosts: str = Field(default="", description="accepted Host names, comma-separated; empty: any")
    cors_origins: str = Field(default="", description="allowed CORS origins, comma-separated")
    redis_url: str = Field(default="", description="shared cache and rate limits; empty: each worker its own")

    @model_validator(mode="wrap")
    @classmethod
    def _check_settings(cls, values: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        """Validate the values; an ignored HANKSTANK_API_CALLERS would open or close an API."""
        names = {name.upper() for name in os.environ}
        errors = [
            f"{old}: expected the setting's new name: set {new} instead"
            for old, new in RENAMED.items()
            if old in names
        ]
        if errors:
            raise InvalidSetting("; ".join(errors))
        try:
            return validate(values)
        except ValidationError as error:
            raise InvalidSetting("; ".join(map(_describe_error, error.errors()))) from None

    @field_validator("notify")
    @classmethod
    def _check_notify(cls, value: SecretStr) -> SecretStr:
        """Validate the targets; a secret's address is resolved where notifications are sent."""
        text = value.get_secret_value()
        if not text.startswith(SM_PREFIX):
            parse_targets(text)
        return value

    @property
    def in_cloud(self) -> bool:
        """Return whether this is a real, publicly reachable project."""
        return bool(self.project) and not self.pubsub_emulator_host

    @property
    def buckets(self) -> str:
        """Return the prefix of this deployment's bucket names."""
        return self.bucket_prefix or self.project


def _describe_error(error: ErrorDetails) -> str:
    name = str(error["loc"][0])
    variable = f"{PREFIX}{name.upper()}" if name in Settings.model_fields else name
    message = error["msg"].removeprefix("Value error, ")
    is_secret = name == "notify"  # its message names what is wrong without the tokens
    return f"{variable}: {message}" if is_secret else f"{variable}: {message}, got {error['input']!r}"
