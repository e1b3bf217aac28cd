/** Changing passwords, one or many, and requiring a change ([K] 3.2, 3.3, 3.5, 4). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, ACCOUNTS } = require("../support/calls");
const { assertEnvelope, refused } = require("../support/refusals");
const { asShopper, onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { assertEnds, currentAccount } = require("../support/sessions");
const { PASSWORD, signIn, signUp } = require("../support/shoppers");
const texts = require("../support/texts");

const { accounts } = onSite(server.sports);
const NEW_PASSWORD = "Shuttle2025";

/** Change a password as the vendor's package does. */
function change(accountId, passwordInfo = {}, query = {}, overrides = undefined) {
  const customerPasswordInfo = {
    oldPassword: PASSWORD,
    newPassword: NEW_PASSWORD,
    ...passwordInfo,
  };
  return accounts.changePassword({ accountId, customerPasswordInfo, ...query }, overrides);
}

test("the new password signs in and the old one does not, on every site of the set", async () => {
  const { account, username } = await signUp(server.sports);
  await change(account.id);
  for (const site of [server.sports, server.kids]) {
    assert.equal((await signIn(site, username, NEW_PASSWORD)).customerAccount.id, account.id);
    await refused(signIn(site, username, PASSWORD), { status: 401 });
  }
});

test("Change-Password is answered 200", async () => {
  const { account } = await signUp(server.sports);
  const answer = await call("POST", `${ACCOUNTS}/${account.id}/Change-Password`, {
    site: server.sports,
    json: { oldPassword: PASSWORD, newPassword: NEW_PASSWORD },
  });
  assert.equal(answer.status, 200, answer.text);
});

test("a wrong old password is 400 with the vendor's text, and changes nothing", async () => {
  const { account, username } = await signUp(server.sports);
  await refused(change(account.id, { oldPassword: "Wrong2024" }), {
    status: 400,
    errorCode: "MISSING_OR_INVALID_PARAMETER",
    message: texts.WRONG_OLD_PASSWORD,
  });
  await signIn(server.sports, username, PASSWORD);
});

test("a weak new password is 400 with the vendor's text", async () => {
  const { account } = await signUp(server.sports);
  await refused(change(account.id, { newPassword: "short" }), {
    status: 400,
    errorCode: "MISSING_OR_INVALID_PARAMETER",
    message: texts.WEAK_PASSWORD,
  });
});

test("an empty or null body is 400, and an unknown account 404", async () => {
  const { account } = await signUp(server.sports);
  for (const json of [null, {}]) {
    const answer = await call("POST", `${ACCOUNTS}/${account.id}/Change-Password`, {
      site: server.sports,
      json,
    });
    assertEnvelope(answer, { status: 400, errorCode: "MISSING_OR_INVALID_PARAMETER" });
  }
  await refused(change(2147483647), { status: 404, errorCode: "ITEM_NOT_FOUND" });
});

test("the change ends the account's other sessions and keeps the one that made it", async () => {
  const { account, username, ticket } = await signUp(server.sports);
  const elsewhere = await signIn(server.kids, username);
  await change(account.id, {}, {}, asShopper(ticket.accessToken));
  assert.equal((await currentAccount(server.sports, ticket.accessToken)).id, account.id);
  await assertEnds(server.sports, elsewhere.accessToken);
  await refused(onSite(server.kids).tickets.refreshUserAuthTicket({ refreshToken: elsewhere.refreshToken }));
});

test("unlockAccount=true with the user id, as one storefront always sends them, also unlocks", async () => {
  const { account, username } = await signUp(server.sports);
  await accounts.setLoginLocked({ accountId: account.id, body: true });
  await change(account.id, {}, { unlockAccount: true, userId: account.userId });
  assert.equal((await signIn(server.sports, username, NEW_PASSWORD)).userId, account.userId);
});

test("without unlockAccount a locked account stays locked", async () => {
  const { account, username } = await signUp(server.sports);
  await accounts.setLoginLocked({ accountId: account.id, body: true });
  await change(account.id).catch(() => "refused is as good");
  assert.equal((await accounts.getLoginState({ accountId: account.id })).isLocked, true);
  await refused(signIn(server.sports, username, NEW_PASSWORD));
});

test("Change-Passwords answers for each item, and one bad item does not fail the call", async () => {
  const [good, wrong] = [await signUp(server.sports), await signUp(server.sports)];
  const item = ({ account }, oldPassword) => ({
    accountId: account.id,
    userId: account.userId,
    passwordInfo: { oldPassword, newPassword: NEW_PASSWORD },
    unlockAccount: false,
  });
  const answer = await accounts.changePasswords({
    accountPasswordInfoCollection: { items: [item(good, PASSWORD), item(wrong, "Wrong2024")] },
  });
  assert.equal(answer.totalCount, 2);
  const [first, second] = answer.items;
  assert.equal(first.accountId, good.account.id);
  assert.equal(first.succeeded, true);
  assert.equal(first.errorMessage ?? "", "");
  assert.equal(second.accountId, wrong.account.id);
  assert.equal(second.succeeded, false);
  assert.equal(second.errorMessage, texts.WRONG_OLD_PASSWORD);
  await signIn(server.sports, good.username, NEW_PASSWORD);
  await signIn(server.sports, wrong.username, PASSWORD);
});

test("Change-Passwords with an unknown account answers for that item", async () => {
  const answer = await call("POST", `${ACCOUNTS}/Change-Passwords`, {
    site: server.sports,
    json: {
      items: [
        {
          accountId: 2147483647,
          passwordInfo: { oldPassword: PASSWORD, newPassword: NEW_PASSWORD },
        },
      ],
    },
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.items[0].succeeded, false);
  assert.ok(answer.body.items[0].errorMessage);
});

test("Change-Passwords with a null body is 400", async () => {
  const answer = await call("POST", `${ACCOUNTS}/Change-Passwords`, {
    site: server.sports,
    json: null,
  });
  assertEnvelope(answer, { status: 400, errorCode: "MISSING_OR_INVALID_PARAMETER" });
});

test("a shopper who must change the password cannot sign in until it is changed", async () => {
  const { account, username } = await signUp(server.sports);
  await accounts.setPasswordChangeRequired({ accountId: account.id, body: true });
  const state = () => accounts.getLoginState({ accountId: account.id });
  assert.equal((await state()).isPasswordChangeRequired, true);
  const error = await refused(signIn(server.sports, username), {
    status: 403,
    errorCode: "FORBIDDEN",
  });
  assert.notEqual(error.message, texts.ACCOUNT_LOCKED);
  await change(account.id);
  assert.equal((await state()).isPasswordChangeRequired, false);
  await signIn(server.sports, username, NEW_PASSWORD);
});

test("the requirement can be taken back", async () => {
  const { account, username } = await signUp(server.sports);
  await accounts.setPasswordChangeRequired({ accountId: account.id, body: true });
  await accounts.setPasswordChangeRequired({ accountId: account.id, body: false });
  await signIn(server.sports, username);
});

test("Set-Password-Change-Required is answered 200, 404 for an unknown account", async () => {
  const { account } = await signUp(server.sports);
  const set = (id) =>
    call("POST", `${ACCOUNTS}/${id}/Set-Password-Change-Required?userId=`, {
      site: server.sports,
      json: true,
    });
  assert.equal((await set(account.id)).status, 200);
  assertEnvelope(await set(2147483647), { status: 404, errorCode: "ITEM_NOT_FOUND" });
});
