-- Sends new orders of customers at random. Arguments: site, first and last customer, what order ids begin with.
dofile(debug.getinfo(1).source:match("@(.*/)") .. "report.lua")

local site, first, last, prefix
local sent = 0

init = function(arguments)
  site, first, last, prefix = arguments[1], tonumber(arguments[2]), tonumber(arguments[3]), arguments[4]
  math.randomseed(1)
end

request = function()
  sent = sent + 1
  local body = string.format('{"type": "Online", "siteId": %s, "customerAccountId": %d, "status": "Accepted", ' ..
    '"total": %.2f, "currencyCode": "USD", "submittedDate": "2026-11-%02dT10:00:00Z", ' ..
    '"updateDate": "2026-11-22T10:00:00Z", "version": 1}', site, math.random(first, last), math.random() * 500,
    math.random(1, 22))
  return wrk.format("PUT", "/api/commerce/orders/" .. prefix .. sent, nil, body)
end
