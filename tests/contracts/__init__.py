"""One abstract test class a port; every adapter passes the same."""

import pytest

pytest.register_assert_rewrite("tests.contracts.object_store", "tests.contracts.warehouse")
