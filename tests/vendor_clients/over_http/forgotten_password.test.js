/** A forgotten password, as the vendor's SDK asks for it and its confirm page replaces it ([K] 3.3). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, ACCOUNTS } = require("../support/calls");
const { mailTo } = require("../support/mailbox");
const { refused } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { freshEmailAddress, signIn, signUp } = require("../support/shoppers");

const { accounts } = onSite(server.sports);
const NEW_PASSWORD = "Racket2027";

test("Reset-Password mails a link, and Update-Forgotten-Password takes its code once", async () => {
  const { emailAddress, username, password, ticket } = await signUp(server.sports);
  await accounts.resetPassword({
    customerResetPasswordInfo: { emailAddress, userName: username, customerSetCode: "" },
  });
  const mail = await mailTo(emailAddress);
  const link = new URL(mail.match(/https?:\/\/[^\s"<]+\/user\/resetpasswordconfirm[^\s"<]*/)[0].replaceAll("&amp;", "&"));
  assert.equal(link.hostname, server.sports.host);
  assert.equal(link.searchParams.get("u"), ticket.userId);
  // The vendor's confirm page finds the account by the link's user id, and takes its username.
  const found = await accounts.getAccounts({ filter: `userId eq ${link.searchParams.get("u")}` });
  const confirmationInfo = {
    userName: found.items[0].userName,
    newPassword: NEW_PASSWORD,
    confirmationCode: link.searchParams.get("t"),
  };
  await accounts.updateForgottenPassword({ confirmationInfo });
  assert.equal((await signIn(server.kids, username, NEW_PASSWORD)).userId, ticket.userId);
  await refused(signIn(server.sports, username, password), {
    status: 401,
    errorCode: "INVALID_CREDENTIALS",
  });
  await refused(accounts.updateForgottenPassword({ confirmationInfo }), {
    status: 400,
    errorCode: "MISSING_OR_INVALID_PARAMETER",
  });
});

test("Reset-Password says the same of an address that nobody has", async () => {
  const { emailAddress } = await signUp(server.sports);
  const ask = (address) =>
    call("POST", `${ACCOUNTS}/Reset-Password`, {
      site: server.sports,
      json: { emailAddress: address },
    });
  const known = await ask(emailAddress);
  const unknown = await ask(freshEmailAddress());
  assert.deepEqual([known.status, known.text], [200, ""]);
  assert.deepEqual([unknown.status, unknown.text], [200, ""]);
});
