"""The bodies of requests and responses, and the errors of requests that do not fit."""
