/**
 * mozu-node-sdk over http: the application's ticket in x-vol-app-claims, empty query values, trailing slashes,
 * and bodies that repeat what the path already says ([K] 3.4, 5.2, 5.4).
 */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { applicationToken } = require("../support/application");
const { onSite, tickets } = require("../support/mozu");
const server = require("../support/server");
const { PASSWORD, freshEmailAddress, freshWord } = require("../support/shoppers");
const texts = require("../support/texts");

const OVER_HTTP = { tenantPod: `${server.baseUrl}/` };
const sports = onSite(server.sports, OVER_HTTP);

/** Sign a new shopper up on a site; returns the ticket and the credentials. */
async function signUp({ accounts }, emailAddress = freshEmailAddress()) {
  const ticket = await accounts.addAccountAndLogin({
    account: { userName: emailAddress, emailAddress, firstName: "John", lastName: "Doe" },
    password: PASSWORD,
  });
  return { ticket, account: ticket.customerAccount, username: emailAddress };
}

/** Expect a call to be refused; the package puts the answer's body and status into originalError. */
async function refused(promise, { status, errorCode, message }) {
  const error = await promise.then(
    (value) => assert.fail(`not refused: ${JSON.stringify(value)}`),
    (reason) => reason,
  );
  const { originalError = {} } = error;
  assert.equal(originalError.statusCode, status, error.stack);
  if (errorCode) assert.equal(originalError.errorCode, errorCode, error.stack);
  if (message) assert.equal(originalError.message, message);
  assert.equal(originalError.correlationId, originalError["x-vol-correlation"]);
}

/** Return the application's ticket that the package holds for this client. */
function heldTicket({ accounts }) {
  return new Promise((resolve, reject) => {
    tickets.get("application", accounts.context, (error, ticket) =>
      error ? reject(error) : resolve(ticket),
    );
  });
}

test("the package fetches the application's ticket and keeps it", async () => {
  await sports.customerSets.getCustomerSets();
  const ticket = await heldTicket(sports);
  await sports.customerSets.getCustomerSets();
  assert.equal((await heldTicket(sports)).accessToken, ticket.accessToken);
  assert.ok(ticket.accessTokenExpiration > new Date());
});

test("the package refreshes the application's ticket when it has expired", async () => {
  await sports.customerSets.getCustomerSets();
  const ticket = await heldTicket(sports);
  const expired = { ...ticket, accessTokenExpiration: new Date(Date.now() - 1000) };
  await new Promise((resolve) => {
    tickets.set("application", sports.accounts.context, expired, resolve);
  });
  await sports.customerSets.getCustomerSets();
  const fresh = await heldTicket(sports);
  assert.notEqual(fresh.accessToken, ticket.accessToken);
  assert.ok(fresh.accessTokenExpiration > new Date());
});

test("wrong credentials reach the caller as 401 INVALID_CREDENTIALS", async () => {
  const wrong = onSite(server.sports, {
    ...OVER_HTTP,
    appKey: `${server.application.clientId}.other`,
    sharedSecret: "not-the-secret",
  });
  await refused(wrong.customerSets.getCustomerSets(), {
    status: 401,
    errorCode: "INVALID_CREDENTIALS",
  });
});

test("the tenant is looked up by its id", async () => {
  const tenant = await sports.tenants.getTenant();
  assert.equal(tenant.id, server.tenantId);
  assert.equal(tenant.domain, server.host);
});

test("customer sets: the list with a trailing slash and empty query values, one set, an unknown set", async () => {
  const page = await sports.customerSets.getCustomerSets();
  assert.equal(page.totalCount, 3);
  const set = await sports.customerSets.getCustomerSet({ code: "b2c" });
  assert.ok(set.auditInfo.createDate instanceof Date, "fractional seconds make the package see a date");
  await refused(sports.customerSets.getCustomerSet({ code: "no-such-set" }), {
    status: 404,
    errorCode: "ITEM_NOT_FOUND",
  });
});

test("anonymous, registered, signed in, refreshed", async () => {
  const anonymous = await sports.authTickets.createAnonymousShopperAuthTicket();
  assert.equal(anonymous.customerAccount ?? null, null);
  const { account, username } = await signUp(sports);
  const kids = onSite(server.kids, OVER_HTTP);
  const ticket = await kids.authTickets.createUserAuthTicket({ username, password: PASSWORD });
  assert.equal(ticket.customerAccount.id, account.id);
  assert.ok(ticket.refreshTokenExpiration instanceof Date);
  const { refreshToken } = ticket;
  const fresh = await kids.authTickets.refreshUserAuthTicket({ refreshToken });
  assert.equal(fresh.customerAccount.id, account.id);
});

test("an account and its login in two steps", async () => {
  const emailAddress = freshEmailAddress();
  const guest = await sports.accounts.addAccount({ emailAddress, firstName: "J", lastName: "D" });
  assert.equal(guest.isAnonymous, true);
  const ticket = await sports.accounts.addLoginToExistingCustomer({
    accountId: guest.id,
    emailAddress,
    username: emailAddress,
    password: PASSWORD,
  });
  assert.equal(ticket.customerAccount.id, guest.id);
});

test("an account is read, updated and deleted", async () => {
  const { account } = await signUp(sports);
  const { accounts } = sports;
  const read = await accounts.getAccount({ accountId: account.id });
  assert.equal(read.emailAddress, account.emailAddress);
  const updated = await accounts.updateAccount({ accountId: account.id, taxId: "T-9" });
  assert.equal(updated.taxId, "T-9");
  assert.equal(updated.firstName, "John");
  await accounts.deleteAccount({ accountId: account.id });
  await refused(accounts.getAccount({ accountId: account.id }), {
    status: 404,
    errorCode: "ITEM_NOT_FOUND",
  });
});

test("Bulk, and the list with filter, sort, paging and empty values for the rest", async () => {
  const lastName = freshWord();
  const firstNames = ["Ann", "Bob", "Cem"];
  await sports.accounts.addAccounts(
    firstNames.map((firstName) => ({
      account: { firstName, lastName, emailAddress: freshEmailAddress() },
    })),
  );
  const page = await sports.accounts.getAccounts({
    filter: `lastname eq ${lastName} and firstname ne Bob`,
    sortBy: "firstName desc",
    pageSize: 1,
    startIndex: 1,
    isAnonymous: true,
  });
  assert.deepEqual(
    page.items.map((account) => account.firstName),
    ["Ann"],
  );
  assert.equal(page.totalCount, 2);
  assert.equal(page.pageCount, 2);
  assert.ok((await sports.accounts.getAccounts()).totalCount >= 3);
});

test("login state by id, username and e-mail address", async () => {
  const { account, username } = await signUp(sports);
  const states = [
    await sports.accounts.getLoginState({ accountId: account.id }),
    await sports.accounts.getLoginStateByUserName({ userName: username }),
    await sports.accounts.getLoginStateByEmailAddress({ emailAddress: username }),
  ];
  for (const state of states) {
    assert.equal(state.isLocked, false);
    assert.ok(state.createdOn instanceof Date);
  }
});

test("one password and several passwords are changed", async () => {
  const { account, username } = await signUp(sports);
  await sports.accounts.changePassword({
    accountId: account.id,
    oldPassword: PASSWORD,
    newPassword: "Shuttle2025",
  });
  const answer = await sports.accounts.changePasswords({
    items: [
      {
        accountId: account.id,
        userId: account.userId,
        passwordInfo: { oldPassword: "Shuttle2025", newPassword: "Feather2026" },
      },
    ],
  });
  assert.equal(answer.items[0].succeeded, true);
  await sports.authTickets.createUserAuthTicket({ username, password: "Feather2026" });
  await refused(
    sports.accounts.changePassword({
      accountId: account.id,
      oldPassword: PASSWORD,
      newPassword: "Shuttle2025",
    }),
    { status: 400, errorCode: "MISSING_OR_INVALID_PARAMETER", message: texts.WRONG_OLD_PASSWORD },
  );
});

test("lock, unlock and a required password change take a bare boolean", async () => {
  const { account, username } = await signUp(sports);
  const { id: accountId } = account;
  const signIn = () => sports.authTickets.createUserAuthTicket({ username, password: PASSWORD });
  await sports.accounts.setLoginLocked({ accountId }, { body: "true" });
  await refused(signIn(), {
    status: 403,
    errorCode: "FORBIDDEN",
    message: texts.ACCOUNT_LOCKED,
  });
  await sports.accounts.setLoginLocked({ accountId }, { body: "false" });
  await signIn();
  await sports.accounts.setPasswordChangeRequired({ accountId }, { body: "true" });
  await refused(signIn(), { status: 403, errorCode: "FORBIDDEN" });
});

test("a duplicate reaches the caller with the vendor's text", async () => {
  const { username } = await signUp(sports);
  await refused(signUp(onSite(server.kids, OVER_HTTP), username), {
    status: 400,
    errorCode: "MISSING_OR_INVALID_PARAMETER",
    message: texts.EMAIL_ADDRESS_HAS_LOGIN,
  });
  const elsewhere = await signUp(onSite(server.business, OVER_HTTP), username);
  assert.equal(elsewhere.account.customerSet, "b2b");
});

test("Reset-Password says the same of an address that nobody has", async () => {
  await sports.accounts.resetPassword({ emailAddress: freshEmailAddress() });
});

test("with a JWT in the context the package sends Authorization and no claims", async () => {
  const client = onSite(server.sports, { ...OVER_HTTP, jwt: await applicationToken() });
  assert.equal((await client.customerSets.getCustomerSets()).totalCount, 3);
});
