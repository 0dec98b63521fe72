"""Starts a Cloud Run job with a push body."""

from functools import cached_property

from google.api_core.exceptions import Forbidden, GoogleAPICallError, NotFound, RetryError
from google.cloud import run_v2

from shared.errors import Rejected, Unavailable
from shared.runtime.settings import RUN_JOB_PAYLOAD

_DEADLINE = 30.0  # seconds


class CloudRunJob:
    """The JobRunner port on one job: `projects/…/locations/…/jobs/…`."""

    def __init__(self, name: str, client: run_v2.JobsClient | None = None) -> None:
        self._name = name
        self._given = client

    def start_job(self, body: bytes) -> None:
        """Start an execution that finds the body in HANKSTANK_RUN_JOB_PAYLOAD.

        Raises Rejected where the job is missing or may not be started, Unavailable otherwise.
        """
        variable = run_v2.EnvVar(name=RUN_JOB_PAYLOAD, value=body.decode())
        override = run_v2.RunJobRequest.Overrides.ContainerOverride(env=[variable])
        overrides = run_v2.RunJobRequest.Overrides(container_overrides=[override])
        try:
            request = run_v2.RunJobRequest(name=self._name, overrides=overrides)
            self._client.run_job(request, timeout=_DEADLINE)
        except NotFound:
            raise Rejected(f"{self._name}: no such job: apply Terraform, or set HANKSTANK_RUN_JOB") from None
        except Forbidden as error:
            message = f"{self._name}: may not be started, grant run.jobs.runWithOverrides: {error}"
            raise Rejected(message) from None
        except (GoogleAPICallError, RetryError) as error:
            raise Unavailable(f"{self._name}: could not be started: {error}") from None

    @cached_property
    def _client(self) -> run_v2.JobsClient:
        return self._given or run_v2.JobsClient()
