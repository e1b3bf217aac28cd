/** mozu-node-sdk over https, finding the tenant's domain by itself ([K] 5.2, 5.3). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { onSite } = require("../support/mozu");
const server = require("../support/server");
const { PASSWORD, freshEmailAddress } = require("../support/shoppers");

test("without a tenant host the package looks the tenant up and calls its domain over https", async () => {
  const { customerSets } = onSite(server.sports);
  assert.equal((await customerSets.getCustomerSets()).totalCount, 3);
  assert.equal(customerSets.context.tenantPod, `https://${server.host}/`);
});

test("a shopper registers on one site and signs in on another site of the set", async () => {
  const emailAddress = freshEmailAddress();
  const { customerAccount } = await onSite(server.sports).accounts.addAccountAndLogin({
    account: { userName: emailAddress, emailAddress, firstName: "J", lastName: "D" },
    password: PASSWORD,
  });
  const ticket = await onSite(server.kids).authTickets.createUserAuthTicket({
    username: emailAddress,
    password: PASSWORD,
  });
  assert.equal(ticket.customerAccount.id, customerAccount.id);
});
