"""A Cloud Run job is started with its push body, over the real client against an HTTP server on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import run_v2
from google.cloud.run_v2.services.jobs.transports import JobsGrpcTransport, JobsRestTransport

from shared.adapters.gcp.cloud_run_job import CloudRunJob
from shared.errors import Rejected, Unavailable

NAME = "projects/p/locations/us-central1/jobs/trainer-job"


class CloudRun(BaseHTTPRequestHandler):
    """Answers every POST with the server's `status`, and keeps what was asked."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, asked))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b'{"name": "projects/p/locations/us-central1/operations/1"}')

    def log_message(self, *_):
        return


@pytest.fixture
def cloud_run():
    server = ThreadingHTTPServer(("127.0.0.1", 0), CloudRun)
    server.asked, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def job(cloud_run):
    transport = JobsRestTransport(
        host=f"127.0.0.1:{cloud_run.server_port}", url_scheme="http", credentials=AnonymousCredentials()
    )
    with run_v2.JobsClient(transport=transport) as client:
        yield CloudRunJob(NAME, client)


def test_the_job_finds_the_body_in_its_environment(job, cloud_run):
    job.start_job(b'{"message": {}}')
    ((path, asked),) = cloud_run.asked
    (override,) = asked["overrides"]["containerOverrides"]
    assert path.startswith(f"/v2/{NAME}:run")
    assert override["env"] == [{"name": "HANKSTANK_RUN_JOB_PAYLOAD", "value": '{"message": {}}'}]


@pytest.mark.parametrize(("status", "error"), [(403, Rejected), (404, Rejected), (503, Unavailable)])
def test_says_whether_asking_again_may_help(job, cloud_run, status, error):
    cloud_run.status = status
    with pytest.raises(error, match="trainer-job"):
        job.start_job(b"{}")


def test_a_cloud_that_does_not_answer_may_answer_later():
    channel = grpc.insecure_channel("127.0.0.1:1")
    job = CloudRunJob(NAME, run_v2.JobsClient(transport=JobsGrpcTransport(channel=channel)))
    with channel, pytest.raises(Unavailable, match="trainer-job"):
        job.start_job(b"{}")
