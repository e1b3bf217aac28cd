-- Sends one body again and again. Argument: the file that holds it.
dofile(debug.getinfo(1).source:match("@(.*/)") .. "../report.lua")

init = function(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  wrk.headers["Content-Type"] = "application/json"
  file:close()
end
