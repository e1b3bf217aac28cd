-- Checks one session after the other, whose tokens are counted through.
-- Arguments: the tenant, how many sessions there are, the number of the first one to be checked.
dofile(debug.getinfo(1).source:match("@(.*/)") .. "../report.lua")

local format, tenant, count, at, head, tail = string.format

init = function(arguments)
  tenant, count, at = arguments[1], tonumber(arguments[2]), tonumber(arguments[3]) - 1
  wrk.headers["Authorization"] = "Bearer " .. "@"
  head, tail = wrk.format():match("^(.-)@(.*)$")
end

request = function()
  at = at % count + 1
  return head .. format("%ss~%043d", tenant, at) .. tail
end
