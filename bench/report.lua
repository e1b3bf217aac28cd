-- wrk's findings as one line: requests, seconds, p50 and p99 in ms, answers that were none or not 2xx.
done = function(summary, latency, _)
  local e = summary.errors
  io.write(string.format("found %d %.6f %.3f %.3f %d\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
