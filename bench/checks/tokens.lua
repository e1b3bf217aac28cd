-- Checks one session after the other, each of them once before any comes again, in an order that no cache has.
-- Arguments: the tenant, how many sessions there are, which step of the order comes first.
dofile(debug.getinfo(1).source:match("@(.*/)") .. "../report.lua")

local STEP = 611953 -- a prime, so that it goes all the way round any number of sessions that it does not divide
local format, tenant, count, at, head, tail = string.format

init = function(arguments)
  tenant, count, at = arguments[1], tonumber(arguments[2]), tonumber(arguments[3])
  wrk.headers["Authorization"] = "Bearer @"
  head, tail = wrk.format():match("^(.-)@(.*)$")
end

request = function()
  at = at + 1
  return head .. format("%ss~%043d", tenant, at * STEP % count + 1) .. tail
end
