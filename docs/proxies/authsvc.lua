-- HAProxy asks authsvc whose session a request shows (docs/reverse_proxies.md); loaded by lua-load in haproxy.cfg.

-- Where haproxy.cfg takes checks, and how long one may take.
local WAY = "unix@/run/haproxy/authsvc.sock"
local LONGEST_MILLISECONDS = 3000

-- What decides about a session. Of the rest of a request authsvc learns nothing.
local ASKED_WITH = {
  "host", "authorization", "cookie", "x-vol-site", "x-vol-tenant",
  "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
}

local function first(headers, name)
  local values = headers[name]
  return values and (values[0] or values[1])
end

-- Say what came of it in txn.authsvc_status, and write the X-Auth-… headers of a good answer.
core.register_action("authsvc", { "http-req" }, function(txn)
  local request = txn.http:req_get_headers()
  local headers = { ["x-forwarded-uri"] = { txn.f:pathq() } }
  for _, name in ipairs(ASKED_WITH) do
    local value = first(request, name)
    if value then
      headers[name] = { value }
    end
  end
  local answer = core.httpclient():get{
    url = "http://authsvc/session", dst = WAY, headers = headers, timeout = LONGEST_MILLISECONDS,
  }
  -- No answer at all has the status 0: nobody can tell.
  local status = answer and answer.status or 0
  if status == 200 then
    for name, values in pairs(answer.headers) do
      if name:sub(1, 7) == "x-auth-" then
        txn.http:req_set_header(name, values[0] or values[1])
      end
    end
  elseif status == 401 then
    txn:set_var("txn.authsvc_sign_in", first(answer.headers, "x-auth-sign-in") or "/login")
  else
    status = 503
  end
  txn:set_var("txn.authsvc_status", status)
  txn:set_var("txn.authsvc_body", status == 401 and answer.body or "")
end)

-- Answer as authsvc did.
core.register_action("authsvc_refusal", { "http-req" }, function(txn)
  local reply = txn:reply()
  if txn:get_var("txn.authsvc_status") == 401 then
    reply:set_status(401)
    reply:add_header("content-type", "application/json; charset=utf-8")
    reply:add_header("www-authenticate", "Bearer")
    reply:set_body(txn:get_var("txn.authsvc_body"))
  else
    reply:set_status(503)
    reply:add_header("retry-after", "2")
  end
  reply:add_header("cache-control", "no-store")
  txn:done(reply)
end)
