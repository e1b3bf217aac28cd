/** Shoppers made for one test each, so that tests need no order and may run again on the same data. */
"use strict";

const { randomBytes } = require("node:crypto");
const { onSite } = require("./rest_sdk");

const PASSWORD = "Racket2024";

/** Return a word that no earlier test has used. */
function freshWord() {
  return `x${randomBytes(6).toString("hex")}`;
}

/** Return an e-mail address that no earlier test has used. */
function freshEmailAddress() {
  return `${freshWord()}@shoppers.example`;
}

/** Sign a new shopper up on a site; returns {username, emailAddress, password, ticket, account}. */
async function signUp(site, account = {}, password = PASSWORD) {
  const emailAddress = account.emailAddress ?? freshEmailAddress();
  const userName = account.userName ?? emailAddress;
  const ticket = await onSite(site).accounts.addAccountAndLogin({
    customerAccountAndAuthInfo: {
      account: { id: 0, firstName: "John", lastName: "Doe", ...account, emailAddress, userName },
      password,
    },
  });
  return { username: userName, emailAddress, password, ticket, account: ticket.customerAccount };
}

/** Sign a shopper in on a site; returns the ticket. */
function signIn(site, username, password = PASSWORD) {
  return onSite(site).tickets.createUserAuthTicket({
    customerUserAuthInfo: { username, password },
  });
}

/** Make a guest account (no login) on a site; returns it. */
function addGuest(site, account = {}) {
  return onSite(site).accounts.addAccount({
    customerAccount: {
      firstName: "Guest",
      lastName: "Doe",
      ...account,
      emailAddress: account.emailAddress ?? freshEmailAddress(),
    },
  });
}

module.exports = { PASSWORD, freshWord, freshEmailAddress, signUp, signIn, addGuest };
