/** Refreshing a shopper's ticket ([K] 2.4). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, TICKETS } = require("../support/calls");
const { assertEnvelope, refused } = require("../support/refusals");
const { asShopper, onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { signUp } = require("../support/shoppers");
const { assertTicket } = require("../support/tokens");

const { accounts, tickets } = onSite(server.sports);

test("a refresh gives a full ticket with the account", async () => {
  const { ticket, account } = await signUp(server.sports);
  const fresh = await tickets.refreshUserAuthTicket({ refreshToken: ticket.refreshToken });
  assertTicket(fresh);
  assert.equal(fresh.userId, ticket.userId);
  assert.equal(fresh.customerAccount.id, account.id);
  const current = await accounts.getCurrentAccount({}, asShopper(fresh.accessToken));
  assert.equal(current.id, account.id);
});

test("the refresh token rotates", async () => {
  const { ticket } = await signUp(server.sports);
  const second = await tickets.refreshUserAuthTicket({ refreshToken: ticket.refreshToken });
  assert.notEqual(second.refreshToken, ticket.refreshToken);
  const third = await tickets.refreshUserAuthTicket({ refreshToken: second.refreshToken });
  assertTicket(third);
});

test("two browser tabs that refresh at once get the same successor", async () => {
  const { ticket } = await signUp(server.sports);
  const refresh = () => tickets.refreshUserAuthTicket({ refreshToken: ticket.refreshToken });
  const [one, other] = await Promise.all([refresh(), refresh()]);
  assert.equal(one.refreshToken, other.refreshToken);
  for (const { accessToken } of [one, other]) {
    await accounts.getCurrentAccount({}, asShopper(accessToken));
  }
});

test("the older clients send the raw token with a trailing slash and no body", async () => {
  const { ticket, account } = await signUp(server.sports);
  const path = `${TICKETS}/refresh/?refreshToken=${ticket.refreshToken}`;
  const answer = await call("PUT", path, { site: server.sports });
  assert.equal(answer.status, 200, answer.text);
  assertTicket(answer.body);
  assert.equal(answer.body.customerAccount.id, account.id);
});

test("the .NET client sends the old ticket as body too", async () => {
  const { ticket } = await signUp(server.sports);
  const path = `${TICKETS}/refresh?refreshToken=${ticket.refreshToken}&responseFields=`;
  const answer = await call("PUT", path, { site: server.sports, json: ticket });
  assert.equal(answer.status, 200, answer.text);
});

test("the account id may come along", async () => {
  const { ticket, account } = await signUp(server.sports);
  const fresh = await tickets.refreshUserAuthTicket({
    refreshToken: ticket.refreshToken,
    accountId: account.id,
  });
  assert.equal(fresh.customerAccount.id, account.id);
});

test("an unknown refresh token is 404 ITEM_NOT_FOUND", async () => {
  await refused(tickets.refreshUserAuthTicket({ refreshToken: "0123456789abcdef" }), {
    status: 404,
    errorCode: "ITEM_NOT_FOUND",
  });
});

test("no refresh token at all is refused in the error envelope", async () => {
  const answer = await call("PUT", `${TICKETS}/refresh?refreshToken=`, { site: server.sports });
  assertEnvelope(answer);
  assert.ok([400, 404].includes(answer.status), `${answer.status}`);
});

test("a refresh works on every site of the set and fails on a site outside it", async () => {
  const { ticket } = await signUp(server.sports);
  const answer = await call("PUT", `${TICKETS}/refresh?refreshToken=${ticket.refreshToken}`, {
    site: server.business,
  });
  assertEnvelope(answer);
  assert.ok([401, 404].includes(answer.status), `${answer.status} ${answer.text}`);
  const fresh = await onSite(server.kids).tickets.refreshUserAuthTicket({
    refreshToken: ticket.refreshToken,
  });
  assertTicket(fresh);
});

test("an access token is no refresh token", async () => {
  const { ticket } = await signUp(server.sports);
  await refused(tickets.refreshUserAuthTicket({ refreshToken: ticket.accessToken }), { status: 404 });
});
