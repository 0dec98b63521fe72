-- Asks RATE times a second, each time for another line from START on: whichever connection is free takes the next
-- turn, and turns that were missed are made up for. Where ANSWERS names a file, every answer is written to it, one a line.
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds, microseconds; } moment; int gettimeofday(moment *, void *);")

local body, asked, told = os.getenv("BODY"), tonumber(os.getenv("START")), ffi.new("moment")
local apart, turn = 1000 / tonumber(os.getenv("RATE")), 0

local function now()
  ffi.C.gettimeofday(told, nil)
  return tonumber(told.seconds) * 1000 + tonumber(told.microseconds) / 1000
end

delay = function()
  local at = now()
  turn = turn == 0 and at or turn + apart
  return math.max(0, turn - at)
end

request = function()
  asked = asked + 1
  local line = string.format("%.7f", (asked % 500000000) / 10000000)
  return wrk.format("POST", "/predict/player", {["Content-Type"] = "application/json"}, (body:gsub("LINE", line)))
end

if os.getenv("ANSWERS") then
  local answers = io.open(os.getenv("ANSWERS"), "a")
  answers:setvbuf("line")
  response = function(_, _, answer)
    answers:write(answer, "\n")
  end
end
