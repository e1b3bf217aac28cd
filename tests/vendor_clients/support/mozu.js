/** mozu-node-sdk, the vendor's older package: its clients, sharing one cache of application tickets. */
"use strict";

const mozu = require("mozu-node-sdk");
const inMemoryAuthCache = require("mozu-node-sdk/plugins/in-memory-auth-cache");
const server = require("./server");

/** Every client of the package starts with a cache of its own; one for all is what a user sets up. */
const tickets = inMemoryAuthCache();

/**
 * Return the package's clients for calls made on a site.
 *
 * Without `tenantPod` in the context the package looks the tenant up and puts https:// before its domain.
 */
function onSite(site, context = {}) {
  const client = mozu.client(
    {
      appKey: server.application.clientId,
      sharedSecret: server.application.sharedSecret,
      baseUrl: `${server.baseUrl}/`,
      tenant: server.tenantId,
      site: site.id,
      ...context,
    },
    {
      plugins: [
        (made) => {
          made.authenticationStorage = tickets;
        },
      ],
    },
  );
  const customer = client.commerce().customer();
  return {
    context: client.context,
    accounts: customer.customerAccount(),
    authTickets: customer.customerAuthTicket(),
    customerSets: customer.customerSet(),
    segments: customer.customerSegment(),
    tenants: client.platform().tenant(),
  };
}

module.exports = { onSite, tickets };
