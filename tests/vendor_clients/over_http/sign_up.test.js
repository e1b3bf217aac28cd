/** Signing up: Add-Account-And-Login, and an account first and its login later ([K] 3.1, 3.3, 8.1). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, ACCOUNTS } = require("../support/calls");
const { assertEnvelope, refused } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { PASSWORD, addGuest, freshEmailAddress, freshWord, signIn, signUp } = require("../support/shoppers");
const texts = require("../support/texts");
const { assertTicket, jwtClaims, mayUseOwnAccount } = require("../support/tokens");

const { accounts } = onSite(server.sports);

test("Add-Account-And-Login gives a ticket with the new account, in the set of the site", async () => {
  const emailAddress = freshEmailAddress();
  const ticket = await accounts.addAccountAndLogin({
    customerAccountAndAuthInfo: {
      account: { id: 0, userName: emailAddress, emailAddress, firstName: "John", lastName: "Doe" },
      password: PASSWORD,
    },
  });
  assertTicket(ticket);
  assert.ok(mayUseOwnAccount(jwtClaims(ticket.jwtAccessToken)));
  const account = ticket.customerAccount;
  assert.ok(Number.isInteger(account.id) && account.id > 0, "the caller's id 0 is ignored");
  assert.equal(account.userId, ticket.userId);
  assert.equal(account.userName, emailAddress);
  assert.equal(account.emailAddress, emailAddress);
  assert.equal(account.firstName, "John");
  assert.equal(account.lastName, "Doe");
  assert.equal(account.customerSet, "b2c");
  assert.equal(account.isAnonymous, false);
  assert.equal(account.isActive, true);
  assert.equal(account.isLocked, false);
});

test("an account made on a site joins the set of that site", async () => {
  for (const site of [server.sports, server.kids, server.business, server.parts, server.fifth]) {
    const { account } = await signUp(site);
    assert.equal(account.customerSet, site.customerSet, site.name);
  }
});

test("the set is the site's, whatever the caller asks for", async () => {
  const { account } = await signUp(server.sports, { customerSet: "b2b" });
  assert.equal(account.customerSet, "b2c");
});

test("contacts that a storefront sends along are kept", async () => {
  const { account } = await signUp(server.sports, {
    contacts: [
      {
        email: "john@home.example",
        firstName: "John",
        lastNameOrSurname: "Doe",
        types: [{ name: "Billing", isPrimary: true }],
      },
    ],
  });
  const [contact] = (await accounts.getAccount({ accountId: account.id })).contacts;
  assert.equal(contact.email, "john@home.example");
  assert.equal(contact.lastNameOrSurname, "Doe");
  assert.deepEqual(contact.types, [{ name: "Billing", isPrimary: true }]);
  assert.ok(Number.isInteger(contact.id));
});

test("Add-Account-And-Login is answered 201", async () => {
  const emailAddress = freshEmailAddress();
  const answer = await call("POST", `${ACCOUNTS}/Add-Account-And-Login`, {
    site: server.sports,
    json: { account: { emailAddress, userName: emailAddress }, password: PASSWORD },
  });
  assert.equal(answer.status, 201, answer.text);
});

test("a username is the e-mail address unless another is given", async () => {
  const emailAddress = freshEmailAddress();
  const ticket = await accounts.addAccountAndLogin({
    customerAccountAndAuthInfo: { account: { emailAddress }, password: PASSWORD },
  });
  assert.equal(ticket.customerAccount.userName, emailAddress);
});

test("a username may be a name that is no e-mail address, and signs in", async () => {
  const { username, emailAddress } = await signUp(server.sports, { userName: freshWord() });
  assert.notEqual(username, emailAddress);
  assert.equal((await signIn(server.sports, username)).customerAccount.userName, username);
});

test("an account without a login is a guest until Create-Login gives it one", async () => {
  const guest = await addGuest(server.sports);
  assert.equal(guest.isAnonymous, true);
  assert.equal(guest.customerSet, "b2c");
  const ticket = await accounts.addLoginToExistingCustomer({
    accountId: guest.id,
    customerLoginInfo: {
      emailAddress: guest.emailAddress,
      username: guest.emailAddress,
      password: PASSWORD,
      isImport: false,
    },
  });
  assertTicket(ticket);
  assert.equal(ticket.customerAccount.id, guest.id);
  assert.equal(ticket.customerAccount.isAnonymous, false);
  assert.equal(ticket.customerAccount.userName, guest.emailAddress);
  const signedIn = await signIn(server.kids, guest.emailAddress);
  assert.equal(signedIn.customerAccount.id, guest.id);
});

test("Create-Login with a taken username is 400, then with a free one 201", async () => {
  const taken = await signUp(server.sports, { userName: freshWord() });
  const guest = await addGuest(server.sports);
  const create = (username) =>
    call("POST", `${ACCOUNTS}/${guest.id}/Create-Login`, {
      site: server.sports,
      json: { emailAddress: guest.emailAddress, username, password: PASSWORD },
    });
  assertEnvelope(await create(taken.username), { status: 400 });
  const free = freshWord();
  const answer = await create(free);
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.body.customerAccount.userName, free);
});

test("an account gains a login once", async () => {
  const { account } = await signUp(server.sports);
  const username = freshWord();
  await refused(
    accounts.addLoginToExistingCustomer({
      accountId: account.id,
      customerLoginInfo: { emailAddress: freshEmailAddress(), username, password: PASSWORD },
    }),
  );
  await refused(signIn(server.sports, username), { status: 401 });
});

test("Create-Login for an unknown account is 404", async () => {
  await refused(
    accounts.addLoginToExistingCustomer({
      accountId: 2147483647,
      customerLoginInfo: {
        emailAddress: freshEmailAddress(),
        username: freshWord(),
        password: PASSWORD,
      },
    }),
    { status: 404, errorCode: "ITEM_NOT_FOUND" },
  );
});

test("a storefront may hand in the anonymous shopper's user id, no username and flags", async () => {
  const anonymous = await onSite(server.sports).tickets.createAnonymousShopperAuthTicket();
  const account = await accounts.addAccount({
    customerAccount: {
      id: 0,
      userId: anonymous.userId,
      emailAddress: freshEmailAddress(),
      firstName: "Guest",
      lastName: "Doe",
      isAnonymous: false,
      isActive: true,
    },
  });
  assert.ok(account.id > 0);
});

test("addAccount is answered 201, and 400 without a body", async () => {
  const added = await call("POST", ACCOUNTS, {
    site: server.sports,
    json: { emailAddress: freshEmailAddress(), firstName: "Guest", lastName: "Doe" },
  });
  assert.equal(added.status, 201, added.text);
  for (const body of [{ json: null }, { json: {} }, { payload: "" }]) {
    assertEnvelope(await call("POST", ACCOUNTS, { site: server.sports, ...body }), {
      status: 400,
      errorCode: "MISSING_OR_INVALID_PARAMETER",
    });
  }
});

test("Add-Account-And-Login and Create-Login without a body are answered 400", async () => {
  const guest = await addGuest(server.sports);
  for (const operation of ["Add-Account-And-Login", `${guest.id}/Create-Login`]) {
    for (const json of [null, {}]) {
      const answer = await call("POST", `${ACCOUNTS}/${operation}`, { site: server.sports, json });
      assertEnvelope(answer, { status: 400, errorCode: "MISSING_OR_INVALID_PARAMETER" });
    }
  }
});

test("a password needs at least 6 characters with a number and a letter, in the vendor's words", async () => {
  for (const password of ["ab1", "abcdefgh", "12345678"]) {
    await refused(signUp(server.sports, {}, password), {
      status: 400,
      errorCode: "MISSING_OR_INVALID_PARAMETER",
      message: texts.WEAK_PASSWORD,
    });
  }
});

test("a refused sign-up leaves no account behind", async () => {
  const emailAddress = freshEmailAddress();
  await refused(signUp(server.sports, { emailAddress }, "weak"), { status: 400 });
  const page = await accounts.getAccounts({ filter: `emailAddress eq ${emailAddress}` });
  assert.equal(page.totalCount, 0);
  const { account } = await signUp(server.sports, { emailAddress });
  assert.equal(account.emailAddress, emailAddress);
});
