// Asks a fixed number of times a second, each time for another line, and prints what it saw as JSON.
const autocannon = require("autocannon");

const [url, rate, seconds, body] = process.argv.slice(2);
let asked = 0;

const another = (request) => {
  asked += 1;
  return { ...request, body: body.replace("LINE", ((asked % 500000) / 10000).toFixed(4)) };
};

autocannon(
  {
    url: `${url}/predict/player`,
    method: "POST",
    headers: { "content-type": "application/json" },
    connections: 16,
    overallRate: Number(rate),
    duration: Number(seconds),
    requests: [{ setupRequest: another }],
  },
  (error, seen) => {
    if (error) throw error;
    const errors = seen.errors + seen.timeouts + seen.non2xx;
    const { p50, p99 } = seen.latency;
    process.stdout.write(JSON.stringify({ average: seen.requests.average, p50, p99, errors }));
  },
);
