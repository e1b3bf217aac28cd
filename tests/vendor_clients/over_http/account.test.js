/** One account: read, update, move, disable, delete ([K] 3.1 to 3.3). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, ACCOUNTS } = require("../support/calls");
const { assertEnvelope, refused } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { assertEnds } = require("../support/sessions");
const { PASSWORD, addGuest, freshWord, signIn, signUp } = require("../support/shoppers");
const { INSTANT } = require("../support/tokens");

const UNKNOWN = 2147483647;
const { accounts } = onSite(server.sports);

test("getAccount has the vendor's fields, with ids and dates in their form", async () => {
  const { account } = await signUp(server.sports, { companyOrOrganization: "Rook Ltd" });
  const read = await accounts.getAccount({ accountId: account.id });
  assert.equal(read.id, account.id);
  assert.ok(Number.isInteger(read.id));
  assert.match(read.userId, /^[0-9a-f]{32}$/);
  assert.equal(read.companyOrOrganization, "Rook Ltd");
  assert.equal(read.customerSet, "b2c");
  assert.equal(read.accountType, "B2C");
  for (const flag of ["isAnonymous", "isLocked", "isActive", "acceptsMarketing", "taxExempt"]) {
    assert.equal(typeof read[flag], "boolean", flag);
  }
  assert.equal(read.hasExternalPassword, false);
  assert.match(read.auditInfo.createDate, INSTANT);
  assert.match(read.auditInfo.updateDate, INSTANT);
  assert.ok(Array.isArray(read.contacts));
  assert.ok(!JSON.stringify(read).toLowerCase().includes('password":"'), "no password, no hash");
});

test("an unknown account is 404 ITEM_NOT_FOUND", async () => {
  const expected = { status: 404, errorCode: "ITEM_NOT_FOUND" };
  await refused(accounts.getAccount({ accountId: UNKNOWN }), expected);
  await refused(
    accounts.updateAccount({ accountId: UNKNOWN, customerAccount: { firstName: "Nobody" } }),
    expected,
  );
  await refused(accounts.deleteAccount({ accountId: UNKNOWN }), expected);
});

test("an account id that is no number is 404 or 400 in the envelope", async () => {
  for (const id of ["abc", "-1", "99999999999999999999"]) {
    const answer = await call("GET", `${ACCOUNTS}/${id}`, { site: server.sports });
    assertEnvelope(answer);
    assert.ok([400, 404].includes(answer.status), `${id}: ${answer.status}`);
  }
});

test("a partial body keeps the rest", async () => {
  const { account } = await signUp(server.sports, {
    acceptsMarketing: true,
    companyOrOrganization: "Rook Ltd",
    taxId: "T-1",
    localeCode: "en-US",
  });
  const updated = await accounts.updateAccount({
    accountId: account.id,
    customerAccount: {
      id: account.id,
      firstName: "Johanna",
      lastName: account.lastName,
      emailAddress: account.emailAddress,
    },
  });
  assert.equal(updated.firstName, "Johanna");
  const read = await accounts.getAccount({ accountId: account.id });
  assert.equal(read.firstName, "Johanna");
  assert.equal(read.lastName, account.lastName);
  assert.equal(read.emailAddress, account.emailAddress);
  assert.equal(read.userName, account.userName);
  assert.equal(read.acceptsMarketing, true);
  assert.equal(read.companyOrOrganization, "Rook Ltd");
  assert.equal(read.taxId, "T-1");
  assert.equal(read.localeCode, "en-US");
  assert.equal(read.customerSet, "b2c");
});

test("a body with one name only keeps names and e-mail address", async () => {
  const { account } = await signUp(server.sports);
  await accounts.updateAccount({ accountId: account.id, customerAccount: { taxId: "T-2" } });
  const read = await accounts.getAccount({ accountId: account.id });
  assert.equal(read.taxId, "T-2");
  assert.equal(read.firstName, account.firstName);
  assert.equal(read.lastName, account.lastName);
  assert.equal(read.emailAddress, account.emailAddress);
});

test("an explicit null clears a field, and is refused for names and e-mail address", async () => {
  const { account } = await signUp(server.sports, { companyOrOrganization: "Rook Ltd" });
  const update = (customerAccount) => accounts.updateAccount({ accountId: account.id, customerAccount });
  const cleared = await update({ companyOrOrganization: null });
  assert.equal(cleared.companyOrOrganization ?? null, null);
  for (const name of ["firstName", "lastName", "emailAddress"]) {
    await refused(update({ [name]: null }), {
      status: 400,
      errorCode: "MISSING_OR_INVALID_PARAMETER",
    });
  }
});

test("the account that was read can be sent back whole", async () => {
  const { account } = await signUp(server.sports);
  const read = await accounts.getAccount({ accountId: account.id });
  const sent = { ...read, acceptsMarketing: true };
  const updated = await accounts.updateAccount({ accountId: account.id, customerAccount: sent });
  assert.equal(updated.acceptsMarketing, true);
  assert.equal(updated.id, account.id);
  assert.equal(updated.userId, account.userId);
});

test("isActive in an update is ignored", async () => {
  const { account } = await signUp(server.sports);
  const updated = await accounts.updateAccount({
    accountId: account.id,
    customerAccount: { isActive: false },
  });
  assert.equal(updated.isActive, true);
});

test("a null body is 400", async () => {
  const { account } = await signUp(server.sports);
  const answer = await call("PUT", `${ACCOUNTS}/${account.id}`, { site: server.sports, json: null });
  assertEnvelope(answer, { status: 400, errorCode: "MISSING_OR_INVALID_PARAMETER" });
});

test("an account whose username is free there moves to another set with its credentials", async () => {
  const { account, username } = await signUp(server.sports);
  const moved = await accounts.updateAccount({
    accountId: account.id,
    customerAccount: { customerSet: "b2b" },
  });
  assert.equal(moved.customerSet, "b2b");
  assert.equal((await signIn(server.business, username)).customerAccount.id, account.id);
  await refused(signIn(server.sports, username), { status: 401 });
});

test("moving an account into a set that has its username is 409 VALIDATION_CONFLICT", async () => {
  const userName = freshWord();
  const { account } = await signUp(server.sports, { userName });
  await signUp(server.business, { userName });
  await refused(accounts.updateAccount({ accountId: account.id, customerAccount: { customerSet: "b2b" } }), {
    status: 409,
    errorCode: "VALIDATION_CONFLICT",
  });
  assert.equal((await signIn(server.sports, userName)).customerAccount.id, account.id);
});

test("moving an account ends its sessions on the sites of the old set", async () => {
  const { account, ticket } = await signUp(server.sports);
  await accounts.updateAccount({ accountId: account.id, customerAccount: { customerSet: "b2b" } });
  await assertEnds(server.sports, ticket.accessToken);
});

test("a disabled account is not active and cannot sign in", async () => {
  const { account, username, ticket } = await signUp(server.sports);
  const answer = await call("POST", `${ACCOUNTS}/${account.id}/action`, {
    site: server.sports,
    json: { actionName: "DisableAccount" },
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await accounts.getAccount({ accountId: account.id })).isActive, false);
  const error = await refused(signIn(server.sports, username));
  assert.ok(["FORBIDDEN", "INVALID_CREDENTIALS"].includes(error.errorCode), error.errorCode);
  await assertEnds(server.sports, ticket.accessToken);
});

test("delete is 204 without a body, then the account is 404", async () => {
  const { account } = await signUp(server.sports);
  const path = `${ACCOUNTS}/${account.id}`;
  const deleted = await call("DELETE", path, { site: server.sports });
  assert.equal(deleted.status, 204, deleted.text);
  assert.equal(deleted.text, "");
  for (const method of ["GET", "DELETE"]) {
    assertEnvelope(await call(method, path, { site: server.sports }), {
      status: 404,
      errorCode: "ITEM_NOT_FOUND",
    });
  }
});

test("a deleted account's sessions end and its username is free again", async () => {
  const { account, username, ticket } = await signUp(server.sports);
  await accounts.deleteAccount({ accountId: account.id });
  await assertEnds(server.sports, ticket.accessToken);
  await refused(signIn(server.sports, username, PASSWORD), { status: 401 });
  const again = await signUp(server.sports, { emailAddress: username });
  assert.notEqual(again.account.id, account.id);
});

test("responseFields trims what a write answers", async () => {
  const added = await accounts.addAccount({
    customerAccount: { emailAddress: `${freshWord()}@shoppers.example`, firstName: "A", lastName: "B" },
    responseFields: "id",
  });
  assert.deepEqual(Object.keys(added), ["id"]);
  const guest = await addGuest(server.sports);
  const updated = await accounts.updateAccount({
    accountId: guest.id,
    customerAccount: { taxId: "T-3" },
    responseFields: "id,taxId,noSuchField",
  });
  assert.deepEqual(updated, { id: guest.id, taxId: "T-3" });
});
