-- Asks for another line each time, from START on, so that no answer is in the cache.
local body, asked = os.getenv("BODY"), tonumber(os.getenv("START"))
request = function()
  asked = asked + 1
  local line = string.format("%.7f", (asked % 500000000) / 10000000)
  return wrk.format("POST", "/predict/player", {["Content-Type"] = "application/json"}, (body:gsub("LINE", line)))
end
