/** The login state of an account, by id, username and e-mail address ([K] 3.1, 3.2, 1.4). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, ACCOUNTS } = require("../support/calls");
const { refused } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { addGuest, freshEmailAddress, freshWord, signIn, signUp } = require("../support/shoppers");
const { INSTANT } = require("../support/tokens");

const { accounts } = onSite(server.sports);

test("the login state has the vendor's fields", async () => {
  const { account } = await signUp(server.sports);
  const state = await accounts.getLoginState({ accountId: account.id });
  assert.equal(state.isPasswordChangeRequired, false);
  assert.equal(state.isLocked, false);
  assert.equal(state.failedLoginAttemptCount, 0);
  assert.ok(Number.isInteger(state.remainingLoginAttempts) && state.remainingLoginAttempts > 0);
  assert.match(state.createdOn, INSTANT);
  assert.match(state.updatedOn, INSTANT);
  for (const name of ["lastPasswordChangeOn", "lastLockedOn", "firstFailedLoginAttemptOn"]) {
    assert.ok(name in state, name);
  }
});

test("a sign-in is seen in the login state", async () => {
  const { account, username } = await signUp(server.sports);
  await signIn(server.kids, username);
  const state = await accounts.getLoginState({ accountId: account.id });
  assert.match(state.lastLoginOn, INSTANT);
});

test("a failed sign-in counts, and a good one ends the count", async () => {
  const { account, username } = await signUp(server.sports);
  const state = () => accounts.getLoginState({ accountId: account.id });
  const { remainingLoginAttempts } = await state();
  await refused(signIn(server.sports, username, "Wrong2024"), { status: 401 });
  const failed = await state();
  assert.equal(failed.failedLoginAttemptCount, 1);
  assert.equal(failed.remainingLoginAttempts, remainingLoginAttempts - 1);
  assert.match(failed.firstFailedLoginAttemptOn, INSTANT);
  await signIn(server.sports, username);
  assert.equal((await state()).failedLoginAttemptCount, 0);
});

test("username and e-mail address name the account in the set of the calling site", async () => {
  const emailAddress = freshEmailAddress();
  const userName = freshWord();
  const consumer = await signUp(server.sports, { userName, emailAddress });
  const business = await signUp(server.business, { userName, emailAddress });
  await accounts.setLoginLocked({ accountId: consumer.account.id, body: true });
  for (const site of [server.sports, server.kids]) {
    const here = onSite(site).accounts;
    assert.equal((await here.getLoginStateByUserName({ userName })).isLocked, true);
    assert.equal((await here.getLoginStateByEmailAddress({ emailAddress })).isLocked, true);
  }
  const there = onSite(server.parts).accounts;
  assert.equal((await there.getLoginStateByUserName({ userName })).isLocked, false);
  assert.equal((await there.getLoginStateByEmailAddress({ emailAddress })).isLocked, false);
  assert.ok(business.account.id);
});

test("customerSetCode names another set, and an empty one means the set of the calling site", async () => {
  const userName = freshWord();
  const consumer = await signUp(server.sports, { userName });
  const business = await signUp(server.business, { userName });
  await accounts.setLoginLocked({ accountId: business.account.id, body: true });
  const locked = async (customerSetCode) =>
    (await accounts.getLoginStateByUserName({ userName, customerSetCode })).isLocked;
  assert.equal(await locked("b2b"), true);
  assert.equal(await locked("b2c"), false);
  assert.equal(await locked(""), false);
  const byEmailAddress = await accounts.getLoginStateByEmailAddress({
    emailAddress: business.emailAddress,
    customerSetCode: "b2b",
  });
  assert.equal(byEmailAddress.isLocked, true);
  assert.ok(consumer.account.id);
});

test("an unknown account, username, e-mail address or set is 404", async () => {
  const { username } = await signUp(server.sports);
  const questions = [
    () => accounts.getLoginState({ accountId: 2147483647 }),
    () => accounts.getLoginStateByUserName({ userName: freshWord() }),
    () => accounts.getLoginStateByUserName({ userName: username, customerSetCode: "no-such-set" }),
    () => accounts.getLoginStateByEmailAddress({ emailAddress: freshEmailAddress() }),
  ];
  for (const ask of questions) await refused(ask(), { status: 404, errorCode: "ITEM_NOT_FOUND" });
});

test("a guest has no login state", async () => {
  const guest = await addGuest(server.sports);
  await refused(accounts.getLoginState({ accountId: guest.id }), { status: 404 });
});

test("the questions by name are POST with everything in the query and no body", async () => {
  const { username } = await signUp(server.sports);
  const query = `userName=${encodeURIComponent(username)}&customerSetCode=&responseFields=isLocked`;
  const answer = await call("POST", `${ACCOUNTS}/loginstatebyusername?${query}`, {
    site: server.sports,
  });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body, { isLocked: false });
});
