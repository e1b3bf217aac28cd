/** The older application ticket, which rides in x-vol-app-claims ([K] 5.2). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, APPLICATION_TICKETS, CUSTOMER_SETS } = require("../support/calls");
const { assertEnvelope } = require("../support/refusals");
const server = require("../support/server");
const { INSTANT } = require("../support/tokens");

/** Ask for a ticket with the demo's application, or with `overrides` of its credentials. */
function authenticate(overrides = {}) {
  return call("POST", `${APPLICATION_TICKETS}/`, {
    application: false,
    json: {
      applicationId: server.application.clientId,
      sharedSecret: server.application.sharedSecret,
      ...overrides,
    },
  });
}

function refresh(refreshToken) {
  return call("PUT", `${APPLICATION_TICKETS}/refresh-ticket`, {
    application: false,
    json: { refreshToken },
  });
}

async function assertOpens(accessToken) {
  const answer = await call("GET", CUSTOMER_SETS, {
    application: false,
    headers: { "x-vol-app-claims": accessToken, "x-vol-tenant": String(server.tenantId) },
  });
  assert.equal(answer.status, 200, answer.text);
}

test("application id and shared secret give a ticket, status 201", async () => {
  const answer = await authenticate();
  assert.equal(answer.status, 201, answer.text);
  assert.match(answer.body.accessTokenExpiration, INSTANT);
  assert.match(answer.body.refreshTokenExpiration, INSTANT);
  assert.ok(new Date(answer.body.accessTokenExpiration) > new Date());
  assert.ok(answer.body.refreshToken);
  await assertOpens(answer.body.accessToken);
});

test("the refresh token gives a new ticket, status 200", async () => {
  const first = (await authenticate()).body;
  const answer = await refresh(first.refreshToken);
  assert.equal(answer.status, 200, answer.text);
  assert.notEqual(answer.body.accessToken, first.accessToken);
  await assertOpens(answer.body.accessToken);
});

test("a wrong shared secret is answered 401 INVALID_CREDENTIALS", async () => {
  const answer = await authenticate({ sharedSecret: "not-the-secret" });
  const body = assertEnvelope(answer, { status: 401, errorCode: "INVALID_CREDENTIALS" });
  assert.match(body.message, /^Invalid Credentials:/);
});

test("a deleted ticket cannot be refreshed any more", async () => {
  const ticket = (await authenticate()).body;
  const path = `${APPLICATION_TICKETS}/${ticket.refreshToken}`;
  const deleted = await call("DELETE", path, {
    application: false,
    headers: { "x-vol-app-claims": ticket.accessToken },
  });
  assert.ok([200, 204].includes(deleted.status), `${deleted.status} ${deleted.text}`);
  const answer = await refresh(ticket.refreshToken);
  assertEnvelope(answer);
  assert.ok([401, 404].includes(answer.status), `${answer.status}`);
});

test("deleting an unknown ticket is answered 404", async () => {
  const ticket = (await authenticate()).body;
  const answer = await call("DELETE", `${APPLICATION_TICKETS}/never-given`, {
    application: false,
    headers: { "x-vol-app-claims": ticket.accessToken },
  });
  assertEnvelope(answer, { status: 404, errorCode: "ITEM_NOT_FOUND" });
});

test("claims that we never gave are answered 401", async () => {
  const answer = await call("GET", CUSTOMER_SETS, {
    application: false,
    headers: { "x-vol-app-claims": "never-given", "x-vol-tenant": String(server.tenantId) },
  });
  assertEnvelope(answer, { status: 401 });
});
