/** The same username again: refused within a set, another account in another set ([B], [K] 1.3, 1.5). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { refused } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { PASSWORD, addGuest, freshEmailAddress, freshWord, signIn, signUp } = require("../support/shoppers");
const texts = require("../support/texts");

test("an e-mail address that has a login is refused with 400 and the vendor's text", async () => {
  const { emailAddress } = await signUp(server.sports);
  await refused(signUp(server.sports, { emailAddress }), {
    status: 400,
    errorCode: "MISSING_OR_INVALID_PARAMETER",
    message: texts.EMAIL_ADDRESS_HAS_LOGIN,
  });
});

test("the refusal names the parameter in additionalErrorData", async () => {
  const { emailAddress } = await signUp(server.sports);
  const error = await refused(signUp(server.sports, { emailAddress }));
  // The package hands the list on as a string.
  assert.deepEqual(JSON.parse(error.additionalErrorData), [{ name: "ParameterName", value: "EmailAddress" }]);
});

test("a taken username with another e-mail address is 409 VALIDATION_CONFLICT", async () => {
  const { username } = await signUp(server.sports, { userName: freshWord() });
  await refused(signUp(server.sports, { userName: username }), {
    status: 409,
    errorCode: "VALIDATION_CONFLICT",
  });
});

test("the same username on two sites of one set is refused the second time", async () => {
  const { username, emailAddress } = await signUp(server.sports, { userName: freshWord() });
  await refused(signUp(server.kids, { userName: username }), { status: 409 });
  await refused(signUp(server.kids, { emailAddress }), {
    status: 400,
    message: texts.EMAIL_ADDRESS_HAS_LOGIN,
  });
});

test("the same username on sites of two sets makes two accounts", async () => {
  const emailAddress = freshEmailAddress();
  const consumer = await signUp(server.sports, { emailAddress });
  const business = await signUp(server.business, { emailAddress }, "Gearbox77");
  assert.notEqual(consumer.account.id, business.account.id);
  assert.notEqual(consumer.account.userId, business.account.userId);
  assert.equal(consumer.account.customerSet, "b2c");
  assert.equal(business.account.customerSet, "b2b");
  // Each keeps its own password.
  assert.equal((await signIn(server.kids, emailAddress)).userId, consumer.account.userId);
  const other = await signIn(server.parts, emailAddress, "Gearbox77");
  assert.equal(other.userId, business.account.userId);
  await refused(signIn(server.parts, emailAddress, PASSWORD), { status: 401 });
});

test("usernames are compared without case", async () => {
  const { username } = await signUp(server.sports, { userName: freshWord() });
  await refused(signUp(server.sports, { userName: username.toUpperCase() }), { status: 409 });
  const signedIn = await signIn(server.sports, username.toUpperCase());
  assert.equal(signedIn.customerAccount.userName, username, "the form as typed is kept for display");
});

test("guest accounts may share an e-mail address with anything", async () => {
  const { emailAddress } = await signUp(server.sports);
  const first = await addGuest(server.sports, { emailAddress });
  const second = await addGuest(server.sports, { emailAddress });
  assert.notEqual(first.id, second.id);
});

test("a guest account with the e-mail address of a login cannot be made that login", async () => {
  const { username, emailAddress, account } = await signUp(server.sports);
  const guest = await addGuest(server.sports, { emailAddress });
  await refused(
    onSite(server.sports).accounts.addLoginToExistingCustomer({
      accountId: guest.id,
      customerLoginInfo: { emailAddress, username, password: "Stolen99" },
    }),
    { status: 400 },
  );
  await refused(signIn(server.sports, username, "Stolen99"), { status: 401 });
  assert.equal((await signIn(server.sports, username)).customerAccount.id, account.id);
});

test("of many sign-ups of one username at once on two sites of a set, one makes an account", async () => {
  const userName = freshWord();
  const attempts = Array.from({ length: 10 }, (_, index) =>
    signUp(index % 2 ? server.sports : server.kids, { userName }),
  );
  const outcomes = await Promise.allSettled(attempts);
  const made = outcomes.filter((outcome) => outcome.status === "fulfilled");
  assert.equal(made.length, 1);
  for (const { reason } of outcomes.filter((outcome) => outcome.status === "rejected")) {
    assert.equal(reason.apiError?.errorCode, "VALIDATION_CONFLICT", reason.stack);
    assert.equal(reason.response.status, 409);
  }
});
