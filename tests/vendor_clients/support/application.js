/** The machine caller: its token, fetched once per file with the vendor's own authentication package. */
"use strict";

const { APIAuthClient } = require("@kibocommerce/sdk-authentication");
const server = require("./server");

/** Return an authentication client; `cache` has the package's getAuthTicket and setAuthTicket. */
function authClient({ sharedSecret = server.application.sharedSecret, cache } = {}) {
  const credentials = {
    clientId: server.application.clientId,
    sharedSecret,
    // A scheme here keeps the package from putting https:// in front, so the same tests run over http.
    authHost: server.baseUrl,
  };
  return new APIAuthClient(credentials, fetch, cache);
}

let token;

/** Return an application access token. */
function applicationToken() {
  token ??= authClient()
    .authenticate()
    .then((ticket) => ticket.access_token);
  return token;
}

module.exports = { authClient, applicationToken };
