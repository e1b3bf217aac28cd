-- Reads as many shoppers, in turn. Argument: a file with each one's access token, a space, and the ETag that is known
-- already, or "-". Tokens go into x-vol-user-claims where an application's ticket stands in Authorization.
dofile(debug.getinfo(1).source:match("@(.*/)") .. "report.lua")

local requests, sent = {}, 0

init = function(arguments)
  for line in io.lines(arguments[1]) do
    local token, etag = line:match("^(%S+) (.+)$")
    local headers = {}
    for name, value in pairs(wrk.headers) do
      headers[name] = value
    end
    if headers["Authorization"] then
      headers["x-vol-user-claims"] = token
    else
      headers["Authorization"] = "Bearer " .. token
    end
    if etag ~= "-" then
      headers["If-None-Match"] = etag
    end
    requests[#requests + 1] = wrk.format("GET", nil, headers)
  end
end

request = function()
  sent = sent + 1
  return requests[sent % #requests + 1]
end
