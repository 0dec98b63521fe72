-- Asks for another line each time, so that no answer is in the cache.
local body, asked = os.getenv("BODY"), 0
request = function()
  asked = asked + 1
  local line = string.format("%.4f", (asked % 500000) / 10000)
  return wrk.format("POST", "/predict/player", {["Content-Type"] = "application/json"}, (body:gsub("LINE", line)))
end
