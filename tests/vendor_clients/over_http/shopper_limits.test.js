/** What a shopper's ticket does not open, though the application that carries it could (design rules 12, 15). */
"use strict";

const assert = require("node:assert/strict");
const { before, test } = require("node:test");

const { call, ACCOUNTS } = require("../support/calls");
const { assertEnvelope, refused } = require("../support/refusals");
const { asShopper, onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { PASSWORD, addGuest, freshWord, signIn, signUp } = require("../support/shoppers");

const { accounts } = onSite(server.sports);
const FORBIDDEN = { status: 403, errorCode: "FORBIDDEN" };

let shopper;
let other;
before(async () => {
  shopper = await signUp(server.sports);
  other = await signUp(server.sports);
});

const asThem = () => asShopper(shopper.ticket.accessToken);

test("a shopper reads and updates the own account", async () => {
  const { id } = shopper.account;
  assert.equal((await accounts.getAccount({ accountId: id }, asThem())).id, id);
  const firstName = freshWord();
  const updated = await accounts.updateAccount({ accountId: id, customerAccount: { firstName } }, asThem());
  assert.equal(updated.firstName, firstName);
});

test("a shopper reads, updates and deletes no other account, whether it exists or not", async () => {
  for (const accountId of [other.account.id, 2147483647]) {
    await refused(accounts.getAccount({ accountId }, asThem()), FORBIDDEN);
    const customerAccount = { firstName: "Taken" };
    await refused(accounts.updateAccount({ accountId, customerAccount }, asThem()), FORBIDDEN);
    await refused(accounts.deleteAccount({ accountId }, asThem()), FORBIDDEN);
  }
  assert.equal((await accounts.getAccount({ accountId: other.account.id })).firstName, "John");
});

test("a shopper changes no other account's password, even knowing it", async () => {
  const customerPasswordInfo = { oldPassword: PASSWORD, newPassword: "Shuttle2025" };
  const { id: accountId } = other.account;
  await refused(accounts.changePassword({ accountId, customerPasswordInfo }, asThem()), FORBIDDEN);
  await signIn(server.sports, other.username, PASSWORD);
});

test("a shopper does not list accounts, lock, unlock, disable or move them, not even the own", async () => {
  const { id: accountId } = shopper.account;
  await refused(accounts.getAccounts({}, asThem()), FORBIDDEN);
  await refused(accounts.setLoginLocked({ accountId, body: true }, asThem()), FORBIDDEN);
  await refused(accounts.setPasswordChangeRequired({ accountId, body: true }, asThem()), FORBIDDEN);
  const disabled = await call("POST", `${ACCOUNTS}/${accountId}/action`, {
    site: server.sports,
    shopper: shopper.ticket.accessToken,
    json: { actionName: "DisableAccount" },
  });
  assertEnvelope(disabled, FORBIDDEN);
  const moved = await call("PUT", `${ACCOUNTS}/${accountId}`, {
    site: server.sports,
    shopper: shopper.ticket.accessToken,
    json: { customerSet: "b2b" },
  });
  assert.equal((await accounts.getAccount({ accountId })).customerSet, "b2c", moved.text);
});

test("a shopper claims nobody's guest account", async () => {
  const guest = await addGuest(server.sports);
  const username = freshWord();
  await refused(
    accounts.addLoginToExistingCustomer(
      {
        accountId: guest.id,
        customerLoginInfo: { emailAddress: guest.emailAddress, username, password: PASSWORD },
      },
      asThem(),
    ),
    FORBIDDEN,
  );
  assert.equal((await accounts.getAccount({ accountId: guest.id })).isAnonymous, true);
});

test("a shopper does not take over another's user id", async () => {
  await refused(
    accounts.addAccount({
      customerAccount: { userId: other.account.userId, emailAddress: `${freshWord()}@shoppers.example` },
    }),
    { status: 409 },
  );
});

test("a ticket that has ended does not keep anyone from signing in or up again", async () => {
  const gone = await signUp(server.sports);
  await accounts.deleteAccount({ accountId: gone.account.id });
  const headers = asShopper(gone.ticket.accessToken);
  const customerUserAuthInfo = { username: other.username, password: PASSWORD };
  const ticket = await onSite(server.sports).tickets.createUserAuthTicket({ customerUserAuthInfo }, headers);
  assert.equal(ticket.userId, other.account.userId);
});
