/** Locking and unlocking an account's login ([K] 2.5, 3.3, 4). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, ACCOUNTS, TICKETS } = require("../support/calls");
const { assertEnvelope, refused } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { assertEnds } = require("../support/sessions");
const { PASSWORD, signIn, signUp } = require("../support/shoppers");
const texts = require("../support/texts");
const { INSTANT } = require("../support/tokens");

const { accounts, tickets } = onSite(server.sports);

test("a locked account's sign-in is 403 FORBIDDEN with the vendor's text, on every site of the set", async () => {
  const { account, username } = await signUp(server.sports);
  await accounts.setLoginLocked({ accountId: account.id, body: true });
  for (const site of [server.sports, server.kids]) {
    await refused(signIn(site, username), {
      status: 403,
      errorCode: "FORBIDDEN",
      message: texts.ACCOUNT_LOCKED,
    });
  }
});

test("the lock is seen on the account and in the login state", async () => {
  const { account } = await signUp(server.sports);
  await accounts.setLoginLocked({ accountId: account.id, body: true });
  assert.equal((await accounts.getAccount({ accountId: account.id })).isLocked, true);
  const state = await accounts.getLoginState({ accountId: account.id });
  assert.equal(state.isLocked, true);
  assert.match(state.lastLockedOn, INSTANT);
});

test("a lock ends the account's sessions", async () => {
  const { account, ticket } = await signUp(server.sports);
  await accounts.setLoginLocked({ accountId: account.id, body: true });
  await assertEnds(server.sports, ticket.accessToken);
  await refused(tickets.refreshUserAuthTicket({ refreshToken: ticket.refreshToken }));
});

test("an unlocked account signs in again", async () => {
  const { account, username } = await signUp(server.sports);
  await accounts.setLoginLocked({ accountId: account.id, body: true });
  await accounts.setLoginLocked({ accountId: account.id, body: false, userId: account.userId });
  assert.equal((await signIn(server.sports, username)).userId, account.userId);
  assert.equal((await accounts.getLoginState({ accountId: account.id })).isLocked, false);
});

test("a lock in one set leaves the same username in another set alone", async () => {
  const consumer = await signUp(server.sports);
  const { emailAddress } = consumer;
  const business = await signUp(server.business, { emailAddress });
  await accounts.setLoginLocked({ accountId: consumer.account.id, body: true });
  assert.equal((await signIn(server.parts, emailAddress)).userId, business.account.userId);
});

test("Set-Login-Locked takes a bare true or false and is answered 200", async () => {
  const { account } = await signUp(server.sports);
  for (const payload of ["true", "false"]) {
    const answer = await call("POST", `${ACCOUNTS}/${account.id}/Set-Login-Locked?userId=`, {
      site: server.sports,
      payload,
      headers: { "content-type": "application/json" },
    });
    assert.equal(answer.status, 200, answer.text);
  }
});

test("Set-Login-Locked for an unknown account is 404, and with a body of another kind 400", async () => {
  await refused(accounts.setLoginLocked({ accountId: 2147483647, body: true }), {
    status: 404,
    errorCode: "ITEM_NOT_FOUND",
  });
  const { account } = await signUp(server.sports);
  for (const json of [null, {}, "perhaps"]) {
    const answer = await call("POST", `${ACCOUNTS}/${account.id}/Set-Login-Locked`, {
      site: server.sports,
      json,
    });
    assertEnvelope(answer, { status: 400, errorCode: "MISSING_OR_INVALID_PARAMETER" });
  }
});

test("enough wrong passwords lock the account, in the vendor's words", async () => {
  const { account, username } = await signUp(server.sports);
  const state = () => accounts.getLoginState({ accountId: account.id });
  const { remainingLoginAttempts } = await state();
  for (let attempt = 0; attempt < remainingLoginAttempts; attempt += 1) {
    const json = { username, password: "Wrong2024" };
    const answer = await call("POST", TICKETS, { site: server.sports, json });
    assertEnvelope(answer);
    assert.ok([401, 403].includes(answer.status), `${answer.status}`);
  }
  const { isLocked, remainingLoginAttempts: remaining } = await state();
  assert.equal(remaining, 0);
  assert.equal(isLocked, true);
  await refused(signIn(server.sports, username, PASSWORD), {
    status: 403,
    errorCode: "FORBIDDEN",
    message: texts.ACCOUNT_LOCKED,
  });
});
