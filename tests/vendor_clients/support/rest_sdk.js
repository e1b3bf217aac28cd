/** @kibocommerce/rest-sdk, set up the two ways the vendor's users set it up. */
"use strict";

const { Configuration } = require("@kibocommerce/rest-sdk");
const {
  CustomerAccountApi,
  CustomerSetApi,
  StorefrontAuthTicketApi,
} = require("@kibocommerce/rest-sdk/clients/Customer");
const server = require("./server");
const { applicationToken } = require("./application");

/** With a token fetched elsewhere and a whole apiHost: the only way that works over http. */
function withAccessToken(site) {
  return new Configuration({
    tenantId: server.tenantId,
    siteId: site.id,
    apiHost: server.baseUrl,
    accessToken: applicationToken,
  });
}

/** With client credentials: the package fetches the ticket, looks the tenant up and uses its domain. */
function withClientCredentials(site, overrides = {}) {
  return new Configuration({
    tenantId: server.tenantId,
    siteId: site.id,
    clientId: server.application.clientId,
    sharedSecret: server.application.sharedSecret,
    authHost: server.host,
    ...overrides,
  });
}

/** Return the customer clients of a configuration. */
function clients(configuration) {
  return {
    accounts: new CustomerAccountApi(configuration),
    customerSets: new CustomerSetApi(configuration),
    tickets: new StorefrontAuthTicketApi(configuration),
  };
}

/** Return the customer clients for calls made on one site, with an access token. */
function onSite(site) {
  return clients(withAccessToken(site));
}

/** Return the override that adds a shopper's claims to one call; the package replaces headers, so merge. */
function asShopper(accessToken) {
  return async ({ init }) => ({
    headers: { ...init.headers, "x-vol-user-claims": accessToken },
  });
}

module.exports = { withAccessToken, withClientCredentials, clients, onSite, asShopper };
