/** Codes as the vendor's SDK asks for and gives them: a second factor, and a code in place of the password ([K] 2.6). */
"use strict";

const assert = require("node:assert/strict");
const { createHmac } = require("node:crypto");
const { test } = require("node:test");

const { call, ACCOUNTS } = require("../support/calls");
const { mailTo } = require("../support/mailbox");
const { refused } = require("../support/refusals");
const { asShopper, onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { signUp } = require("../support/shoppers");

const { tickets } = onSite(server.sports);
const WRONG = { status: 401, errorCode: "INVALID_CREDENTIALS" };
const POLICY = "/api/commerce/customer/customersets/b2c/secondfactor";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Offer both; nobody else is asked for anything by it. */
const offered = call("PUT", POLICY, {
  site: server.sports,
  json: { requirement: "offered", isEmailOtpLoginAllowed: true },
});

/** Return what an authenticator app shows, so many steps from now (RFC 6238). */
function shownByApp(secret, steps) {
  const bits = [...secret].map((each) => ALPHABET.indexOf(each).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((each) => parseInt(each, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

test("with a second factor the ticket is limited until its code is given", async () => {
  assert.equal((await offered).status, 200);
  const { username, password, ticket } = await signUp(server.sports);
  const app = `${ACCOUNTS}/${ticket.customerAccount.id}/authenticatorapp`;
  const shopper = ticket.accessToken;
  const begun = await call("POST", app, { site: server.sports, shopper });
  const { secret, enrolment } = JSON.parse(begun.text);
  const json = { enrolment, code: shownByApp(secret, -1) };
  assert.equal((await call("POST", `${app}/confirmation`, { site: server.sports, shopper, json })).status, 200);

  const limited = await tickets.createUserAuthTicket({ customerUserAuthInfo: { username, password } });
  assert.equal(limited.requires2FA, true);
  assert.equal(limited.userId, ticket.userId);
  assert.equal(limited.customerAccount, null);
  await tickets.generateAndSend2faOtp({}, asShopper(limited.accessToken));
  const give = (otpCode) =>
    tickets.validate2FAAndCreateAuthTicket(
      { authTicket2FAInfo: { userId: limited.userId, otpCode } },
      asShopper(limited.accessToken),
    );
  await refused(give("000000"), WRONG);
  const done = await give(shownByApp(secret, 0));
  assert.equal(done.requires2FA, false);
  assert.equal(done.customerAccount.userName, username);
});

test("a code by e-mail signs in without a password, once", async () => {
  assert.equal((await offered).status, 200);
  const { emailAddress, ticket } = await signUp(server.sports);
  await tickets.generateAndSendOtp({ otpRequest: { email: emailAddress } });
  const otpCode = (await mailTo(emailAddress)).match(/\b\d{6}\b/)[0];
  const give = () => tickets.validateOtpAndCreateAuthTicket({ authTicketOtpInfo: { email: emailAddress, otpCode } });
  assert.equal((await give()).userId, ticket.userId);
  await refused(give(), WRONG);
});
