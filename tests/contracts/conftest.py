"""Stand-ins of Google Cloud for the contracts of its adapters."""

from tests.contracts.bigquery import bigquery_client, bigquery_url
from tests.contracts.emulated import project, pubsub_host, storage_url

__all__ = ["bigquery_client", "bigquery_url", "project", "pubsub_host", "storage_url"]
