/** @kibocommerce/sdk-authentication over https, with the host named as its users do ([K] 5.1). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { APIAuthClient } = require("@kibocommerce/sdk-authentication");
const server = require("../support/server");

/** A host without a scheme: the package puts https:// in front. */
function client(sharedSecret = server.application.sharedSecret) {
  const { clientId } = server.application;
  return new APIAuthClient({ clientId, sharedSecret, authHost: server.host }, fetch);
}

test("a ticket is given and refreshed", async () => {
  const first = await client().authenticate();
  const second = await client().refreshTicket(first);
  assert.notEqual(second.access_token, first.access_token);
});

test("a wrong shared secret throws our message", async () => {
  await assert.rejects(client("not-the-secret").authenticate(), (error) => {
    assert.match(error.message, /^Invalid Credentials:/);
    return true;
  });
});
