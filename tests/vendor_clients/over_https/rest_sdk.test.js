/**
 * @kibocommerce/rest-sdk with client credentials: it fetches the application's ticket, looks the tenant up and
 * calls the tenant's domain, each over https whatever it is told ([K] 5.3).
 */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { TenantManager } = require("@kibocommerce/rest-sdk/client-runtime/tenant-data-manager");
const { TenantsApi } = require("@kibocommerce/rest-sdk/clients/Tenant");
const { authClient } = require("../support/application");
const { refused } = require("../support/refusals");
const { asShopper, clients, withClientCredentials } = require("../support/rest_sdk");
const server = require("../support/server");
const { PASSWORD, freshEmailAddress } = require("../support/shoppers");
const { assertTicket } = require("../support/tokens");

const onSite = (site) => clients(withClientCredentials(site));

test("the demo serves https with a certificate of the authority that it names", () => {
  assert.match(server.baseUrl, /^https:/);
  assert.notEqual(process.env.NODE_TLS_REJECT_UNAUTHORIZED, "0", "certificates are really checked");
});

test("the base of every call is https:// and the domain that the tenant look-up names", async () => {
  const base = await withClientCredentials(server.sports).getBaseAPIUrl("");
  assert.equal(base, `https://${server.host}/api`);
});

test("the package's own tenant client reads the tenant", async () => {
  const tenants = new TenantsApi(withClientCredentials(server.sports));
  const tenant = await tenants.getTenant({ tenantId: server.tenantId });
  assert.equal(tenant.id, server.tenantId);
  assert.equal(tenant.domain, server.host);
});

test("the package finds a site in the tenant by siteId", async () => {
  const manager = new TenantManager(authClient(), server.host);
  const site = await manager.getSite({ tenantId: server.tenantId, siteId: server.parts.id });
  assert.equal(site.name, server.parts.name);
});

test("another tenant cannot be looked up", async () => {
  const manager = new TenantManager(authClient(), server.host);
  await assert.rejects(manager.getTenant(2147483647), /error fetching tenant data/);
});

test("wrong credentials throw our message", async () => {
  const configuration = withClientCredentials(server.sports, {
    clientId: `${server.application.clientId}.other`,
    sharedSecret: "not-the-secret",
  });
  await assert.rejects(clients(configuration).customerSets.getCustomerSets(), (error) => {
    assert.match(error.message, /^Invalid Credentials:/);
    return true;
  });
});

test("customer sets are read", async () => {
  const { customerSets } = onSite(server.sports);
  assert.equal((await customerSets.getCustomerSets()).totalCount, 3);
  await refused(customerSets.getCustomerSet({ code: "no-such-set" }), {
    status: 404,
    errorCode: "ITEM_NOT_FOUND",
  });
});

test("a shopper's journey: anonymous, registered, signed in elsewhere, current, refreshed, deleted", async () => {
  const [sports, kids] = [onSite(server.sports), onSite(server.kids)];
  assertTicket(await sports.tickets.createAnonymousShopperAuthTicket());
  const emailAddress = freshEmailAddress();
  const registered = await sports.accounts.addAccountAndLogin({
    customerAccountAndAuthInfo: {
      account: { id: 0, userName: emailAddress, emailAddress, firstName: "J", lastName: "D" },
      password: PASSWORD,
    },
  });
  const { id } = registered.customerAccount;
  const signedIn = await kids.tickets.createUserAuthTicket({
    customerUserAuthInfo: { username: emailAddress, password: PASSWORD },
  });
  const current = await sports.accounts.getCurrentAccount({}, asShopper(signedIn.accessToken));
  assert.equal(current.id, id);
  await refused(onSite(server.business).accounts.getCurrentAccount({}, asShopper(signedIn.accessToken)), {
    status: 401,
  });
  const { refreshToken } = signedIn;
  assertTicket(await kids.tickets.refreshUserAuthTicket({ refreshToken }));
  const page = await sports.accounts.getAccounts({ filter: `emailAddress eq ${emailAddress}` });
  assert.deepEqual(
    page.items.map((account) => account.id),
    [id],
  );
  await sports.accounts.deleteAccount({ accountId: id });
  await refused(sports.accounts.getAccount({ accountId: id }), { status: 404 });
});

test("a void operation is read without a body", async () => {
  const { accounts } = onSite(server.sports);
  const guest = await accounts.addAccount({
    customerAccount: { emailAddress: freshEmailAddress(), firstName: "G", lastName: "D" },
  });
  assert.equal(await accounts.deleteAccount({ accountId: guest.id }), undefined);
});
