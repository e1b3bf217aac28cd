/** Application tickets, as @kibocommerce/sdk-authentication asks for them ([K] 5.1). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { authClient } = require("../support/application");
const { call, APPLICATION_TICKETS } = require("../support/calls");
const { assertEnvelope } = require("../support/refusals");
const server = require("../support/server");

const OAUTH = `${APPLICATION_TICKETS}/oauth`;

/** The package's cache: it holds one ticket. */
function cacheOf(ticket) {
  return {
    ticket,
    getAuthTicket: async function () {
      return this.ticket;
    },
    setAuthTicket: function (fresh) {
      this.ticket = fresh;
    },
  };
}

/** Expect that the token opens a call of the API. */
async function assertOpens(token) {
  const answer = await call("GET", "/api/commerce/customer/customerSets", {
    application: false,
    headers: { authorization: `Bearer ${token}`, "x-vol-tenant": String(server.tenantId) },
  });
  assert.equal(answer.status, 200, answer.text);
}

test("client credentials give a ticket with both tokens and its lifetime in seconds", async () => {
  const ticket = await authClient().authenticate();
  assert.equal(typeof ticket.access_token, "string");
  assert.equal(typeof ticket.refresh_token, "string");
  assert.equal(typeof ticket.token_type, "string");
  assert.ok(Number.isInteger(ticket.expires_in) && ticket.expires_in > 0, `${ticket.expires_in}`);
  assert.ok(ticket.expires_at > Date.now());
  await assertOpens(ticket.access_token);
});

test("a cached ticket that has not expired is used again", async () => {
  const cache = cacheOf(undefined);
  const client = authClient({ cache });
  const first = await client.getAccessToken();
  assert.equal(await client.getAccessToken(), first);
});

test("an expired cached ticket is refreshed and the new one is cached", async () => {
  const cache = cacheOf(undefined);
  const client = authClient({ cache });
  const expired = { ...(await client.authenticate()), expires_at: Date.now() - 1000 };
  cache.ticket = expired;
  const token = await client.getAccessToken();
  assert.notEqual(token, expired.access_token);
  assert.equal(cache.ticket.access_token, token);
  assert.ok(cache.ticket.expires_at > Date.now());
  await assertOpens(token);
});

test("a refreshed ticket can be refreshed again", async () => {
  const client = authClient();
  const first = await client.authenticate();
  const second = await client.refreshTicket(first);
  const third = await client.refreshTicket(second);
  await assertOpens(third.access_token);
});

test("a stale refresh token is replaced, so that a client that only ever refreshes does not fall silent", async () => {
  const cache = cacheOf({ refresh_token: "never-given", expires_at: Date.now() - 1000 });
  await assertOpens(await authClient({ cache }).getAccessToken());
  assert.notEqual(cache.ticket.refresh_token, "never-given");
});

test("a refused refresh throws our message instead of caching a ticket without a token", async () => {
  const expired = { refresh_token: "never-given", expires_at: Date.now() - 1000 };
  const cache = cacheOf(expired);
  const client = authClient({ cache, sharedSecret: "not-the-secret" });
  await assert.rejects(client.getAccessToken(), /Invalid Credentials:/);
  assert.equal(cache.ticket, expired, "nothing was cached");
});

test("a good refresh token does not make up for a wrong shared secret", async () => {
  const ticket = await authClient().authenticate();
  const client = authClient({ sharedSecret: "not-the-secret" });
  await assert.rejects(client.refreshTicket(ticket), /^Error: Invalid Credentials:/);
});

test("a wrong shared secret throws our message", async () => {
  const client = authClient({ sharedSecret: "not-the-secret" });
  await assert.rejects(client.getAccessToken(), (error) => {
    assert.match(error.message, /^Invalid Credentials:/);
    return true;
  });
});

test("a wrong shared secret is answered 401 INVALID_CREDENTIALS", async () => {
  const answer = await call("POST", OAUTH, {
    application: false,
    json: {
      client_id: server.application.clientId,
      client_secret: "not-the-secret",
      grant_type: "client_credentials",
    },
  });
  assertEnvelope(answer, { status: 401, errorCode: "INVALID_CREDENTIALS" });
});

test("an unknown client id is refused like a wrong shared secret", async () => {
  const [unknown, wrong] = await Promise.all(
    [
      { client_id: "NO_SUCH.App.1.0.0.Release", client_secret: "not-the-secret" },
      { client_id: server.application.clientId, client_secret: "not-the-secret" },
    ].map((credentials) =>
      call("POST", OAUTH, {
        application: false,
        json: { ...credentials, grant_type: "client_credentials" },
      }),
    ),
  );
  assert.equal(unknown.status, wrong.status);
  assert.equal(unknown.body.errorCode, wrong.body.errorCode);
});

test("no credentials at all are refused in the error envelope", async () => {
  const answer = await call("POST", OAUTH, { application: false, json: {} });
  assertEnvelope(answer);
  assert.ok([400, 401].includes(answer.status), `${answer.status}`);
});

test("the vendor's load tests send a form with grant_type=client", async () => {
  const answer = await call("POST", OAUTH, {
    application: false,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams({
      client_id: server.application.clientId,
      client_secret: server.application.sharedSecret,
      grant_type: "client",
    }).toString(),
  });
  assert.equal(answer.status, 200, answer.text);
  await assertOpens(answer.body.access_token);
});

test("the ticket is given on any host", async () => {
  const answer = await call("POST", OAUTH, {
    application: false,
    headers: { host: `t${server.tenantId}.storefront.example` },
    json: {
      client_id: server.application.clientId,
      client_secret: server.application.sharedSecret,
      grant_type: "client_credentials",
    },
  });
  assert.equal(answer.status, 200, answer.text);
});
