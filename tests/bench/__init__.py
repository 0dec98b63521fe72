"""Speed, measured side by side: `python -m tests.bench` prints a table and writes build/bench.json."""
