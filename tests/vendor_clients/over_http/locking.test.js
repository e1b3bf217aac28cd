/** Locking and unlocking an account's login ([K] 2.5, 3.3, 4). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, ACCOUNTS, TICKETS } = require("../support/calls");
const { assertEnvelope, refused } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { assertEnds } = require("../support/sessions");
const { PASSWORD, freshEmailAddress, signIn, signUp } = require("../support/shoppers");
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

test("after enough wrong passwords no more are tried, not even the right one, until an unlock", async () => {
  const { account, username } = await signUp(server.sports);
  const state = () => accounts.getLoginState({ accountId: account.id });
  const attempt = (password) => call("POST", TICKETS, { site: server.sports, json: { username, password } });
  const { remainingLoginAttempts } = await state();
  for (let tried = 0; tried < remainingLoginAttempts; tried += 1) {
    assertEnvelope(await attempt("Wrong2024"), { status: 401, errorCode: "INVALID_CREDENTIALS" });
  }
  assert.equal((await state()).remainingLoginAttempts, 0);
  const answer = await attempt(PASSWORD);
  assertEnvelope(answer, { status: 429, errorCode: "EXCEEDED_MAX_RETRIES" });
  assert.ok(Number(answer.headers.get("retry-after")) > 0);
  await accounts.setLoginLocked({ accountId: account.id, body: false });
  assert.equal((await attempt(PASSWORD)).status, 201);
});

test("too many attempts are answered alike whether an account has the username or not", async () => {
  const { account, username } = await signUp(server.sports);
  const { remainingLoginAttempts } = await accounts.getLoginState({ accountId: account.id });
  const exhausted = async (name) => {
    let answer;
    for (let tried = 0; tried <= remainingLoginAttempts; tried += 1) {
      const json = { username: name, password: "Wrong2024" };
      answer = await call("POST", TICKETS, { site: server.sports, json });
    }
    const { correlationId, ...body } = assertEnvelope(answer, { status: 429 });
    assert.ok(correlationId);
    return JSON.stringify(body).replaceAll(name, "the username");
  };
  assert.equal(await exhausted(username), await exhausted(freshEmailAddress()));
});
