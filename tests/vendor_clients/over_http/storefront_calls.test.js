/**
 * The calls of the vendor's storefront starters, which use no package: an application token, the shopper's
 * access token in x-vol-user-claims, and tenant and site from the host name ([K] 5.4, 8.1).
 */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, ACCOUNTS, TICKETS } = require("../support/calls");
const { assertEnvelope } = require("../support/refusals");
const server = require("../support/server");
const { PASSWORD, freshEmailAddress, freshWord } = require("../support/shoppers");
const { assertTicket, jwtClaims, mayUseOwnAccount } = require("../support/tokens");

/** The headers of a call to the host `t{tenant}-s{site}.…`. */
function hostOf(site) {
  return { host: `t${server.tenantId}-s${site.id}.storefront.example` };
}

/** Register as the storefronts do; returns the ticket. */
async function register(site, emailAddress = freshEmailAddress()) {
  const answer = await call("POST", `${ACCOUNTS}/Add-Account-And-Login`, {
    headers: hostOf(site),
    json: {
      account: { id: 0, userName: emailAddress, emailAddress, firstName: "Stacy", lastName: "Moore" },
      password: PASSWORD,
    },
  });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

/** Ask who is signed in, on a site. */
function current(site, shopper) {
  return call("GET", `${ACCOUNTS}/current`, { headers: hostOf(site), shopper });
}

test("an anonymous visit, a registration, a sign-in elsewhere and a refresh", async () => {
  const anonymous = await call("GET", `${TICKETS}/anonymousshopper`, {
    headers: hostOf(server.sports),
  });
  assert.equal(anonymous.status, 200, anonymous.text);
  assertTicket(anonymous.body);

  const emailAddress = freshEmailAddress();
  const registered = await register(server.sports, emailAddress);
  assert.equal(registered.customerAccount.customerSet, "b2c");
  assert.ok(mayUseOwnAccount(jwtClaims(registered.jwtAccessToken)));

  const signedIn = await call("POST", TICKETS, {
    headers: hostOf(server.kids),
    json: { username: emailAddress, password: PASSWORD },
  });
  assert.equal(signedIn.status, 201, signedIn.text);
  const { id } = registered.customerAccount;
  assert.equal(signedIn.body.customerAccount.id, id);

  // As the vendor's client builds it: a slash before the query, the value raw, no body, no site header.
  const { refreshToken } = signedIn.body;
  const refreshed = await call("PUT", `${TICKETS}/refresh/?refreshToken=${refreshToken}`, {
    headers: hostOf(server.sports),
  });
  assert.equal(refreshed.status, 200, refreshed.text);
  const me = await current(server.kids, refreshed.body.accessToken);
  assert.equal(me.status, 200, me.text);
  assert.equal(me.body.id, id);
});

test("the site of the host decides the set", async () => {
  const { customerAccount, accessToken } = await register(server.business);
  assert.equal(customerAccount.customerSet, "b2b");
  assert.equal((await current(server.parts, accessToken)).body.id, customerAccount.id);
  assertEnvelope(await current(server.sports, accessToken), { status: 401 });
});

test("a site's own host names the tenant and the site too", async () => {
  const { port } = new URL(server.baseUrl);
  const emailAddress = freshEmailAddress();
  const answer = await call("POST", `${ACCOUNTS}/Add-Account-And-Login`, {
    headers: { host: `${server.parts.host}:${port}` },
    json: { account: { emailAddress, userName: emailAddress }, password: PASSWORD },
  });
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.body.customerAccount.customerSet, "b2b");
});

test("the site header comes before the host", async () => {
  const { customerAccount, accessToken } = await register(server.sports);
  const answer = await call("GET", `${ACCOUNTS}/current`, {
    site: server.kids,
    headers: hostOf(server.business),
    shopper: accessToken,
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.id, customerAccount.id);
});

test("a host with the tenant alone serves calls that need no site", async () => {
  const answer = await call("GET", "/api/commerce/customer/customerSets", {
    headers: { host: `t${server.tenantId}.storefront.example` },
  });
  assert.equal(answer.status, 200, answer.text);
});

test("a host that names a site which the tenant does not have is refused", async () => {
  const answer = await call("POST", TICKETS, {
    headers: { host: `t${server.tenantId}-s2147483647.storefront.example` },
    json: { username: "stacy", password: PASSWORD },
  });
  assertEnvelope(answer);
  assert.ok([400, 401, 403, 404].includes(answer.status), `${answer.status}`);
});

test("two steps: an account first, then Create-Login with the application's token alone", async () => {
  const emailAddress = freshEmailAddress();
  const added = await call("POST", `${ACCOUNTS}/`, {
    headers: hostOf(server.sports),
    json: { emailAddress, firstName: "Stacy", lastName: "Moore" },
  });
  assert.equal(added.status, 201, added.text);
  const created = await call("POST", `${ACCOUNTS}/${added.body.id}/Create-Login`, {
    headers: hostOf(server.sports),
    json: { emailAddress, username: emailAddress, password: PASSWORD, isImport: false },
  });
  assert.equal(created.status, 201, created.text);
  assert.equal(created.body.customerAccount.id, added.body.id);
});

test("a shopper updates the profile and changes the password with the own claims", async () => {
  const { customerAccount, accessToken } = await register(server.sports);
  const { id, emailAddress } = customerAccount;
  const shopper = accessToken;
  const firstName = freshWord();
  const updated = await call("PUT", `${ACCOUNTS}/${id}`, {
    headers: hostOf(server.sports),
    shopper,
    json: { id, firstName, lastName: "Moore", emailAddress },
  });
  assert.equal(updated.status, 200, updated.text);
  assert.equal((await current(server.kids, shopper)).body.firstName, firstName);
  const changed = await call(
    "POST",
    `${ACCOUNTS}/${id}/Change-Password?unlockAccount=true&userId=${customerAccount.userId}`,
    {
      headers: hostOf(server.sports),
      shopper,
      json: { oldPassword: PASSWORD, newPassword: "Shuttle2025" },
    },
  );
  assert.equal(changed.status, 200, changed.text);
});

test("the body's message is what a storefront shows, so a refusal has one", async () => {
  const answer = await call("POST", TICKETS, {
    headers: hostOf(server.sports),
    json: { username: freshEmailAddress(), password: PASSWORD },
  });
  assertEnvelope(answer, { status: 401, errorCode: "INVALID_CREDENTIALS" });
});
