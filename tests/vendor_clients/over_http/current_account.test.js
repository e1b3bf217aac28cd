/** accounts/current: the account of the shopper whose claims come with the call ([K] 3.1, 5.4, A6). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { Configuration } = require("@kibocommerce/rest-sdk");
const { applicationToken } = require("../support/application");
const { call, ACCOUNTS } = require("../support/calls");
const { assertEnvelope, refused } = require("../support/refusals");
const { asShopper, clients, onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { signUp } = require("../support/shoppers");

const { accounts, tickets } = onSite(server.sports);

test("x-vol-user-claims, added by a per-call override, names the shopper", async () => {
  const { ticket, account } = await signUp(server.sports);
  const current = await accounts.getCurrentAccount({}, asShopper(ticket.accessToken));
  assert.equal(current.id, account.id);
  assert.equal(current.userId, ticket.userId);
  assert.equal(current.emailAddress, account.emailAddress);
  assert.equal(current.isAnonymous, false);
});

test("the JWT is accepted in place of the opaque token", async () => {
  const { ticket, account } = await signUp(server.sports);
  const current = await accounts.getCurrentAccount({}, asShopper(ticket.jwtAccessToken));
  assert.equal(current.id, account.id);
});

test("the package's own claims headers work when it has no token", async () => {
  const { ticket, account } = await signUp(server.sports);
  const configuration = new Configuration({
    tenantId: server.tenantId,
    siteId: server.sports.id,
    apiHost: server.baseUrl,
    appClaims: await applicationToken(),
    userClaims: ticket.accessToken,
  });
  const current = await clients(configuration).accounts.getCurrentAccount();
  assert.equal(current.id, account.id);
});

test("no shopper is 401", async () => {
  await refused(accounts.getCurrentAccount(), { status: 401 });
});

test("claims that we never gave are 401", async () => {
  for (const claims of ["never-given", "a.b.c", "0".repeat(64)]) {
    await refused(accounts.getCurrentAccount({}, asShopper(claims)), { status: 401 });
  }
});

test("a JWT with a changed claim is 401", async () => {
  const { ticket } = await signUp(server.sports);
  const [header, claims, signature] = ticket.jwtAccessToken.split(".");
  const changed = { ...JSON.parse(Buffer.from(claims, "base64url")), sub: "0".repeat(32) };
  const forged = Buffer.from(JSON.stringify(changed)).toString("base64url");
  const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
  for (const token of [`${header}.${forged}.${signature}`, `${unsigned}.${claims}.`]) {
    await refused(accounts.getCurrentAccount({}, asShopper(token)), { status: 401 });
  }
});

test("an anonymous shopper has no account", async () => {
  const ticket = await tickets.createAnonymousShopperAuthTicket();
  const answer = await call("GET", `${ACCOUNTS}/current`, {
    site: server.sports,
    shopper: ticket.accessToken,
  });
  assertEnvelope(answer);
  assert.ok([401, 404].includes(answer.status), `${answer.status}`);
});

test("a refresh token opens nothing", async () => {
  const { ticket } = await signUp(server.sports);
  await refused(accounts.getCurrentAccount({}, asShopper(ticket.refreshToken)), { status: 401 });
});

test("responseFields trims the account", async () => {
  const { ticket } = await signUp(server.sports);
  const current = await accounts.getCurrentAccount(
    { responseFields: "id,userId" },
    asShopper(ticket.accessToken),
  );
  assert.deepEqual(Object.keys(current).sort(), ["id", "userId"]);
});
