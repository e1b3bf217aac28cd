/** The rest-sdk's clients for what is kept on an account. */
"use strict";

const {
  CustomerAccountApi,
  CustomerAttributeDefinitionApi,
  CustomerSegmentApi,
} = require("@kibocommerce/rest-sdk/clients/Customer");
const { withAccessToken } = require("./rest_sdk");

/** Return the clients of a configuration. */
function clients(configuration) {
  return {
    accounts: new CustomerAccountApi(configuration),
    definitions: new CustomerAttributeDefinitionApi(configuration),
    segments: new CustomerSegmentApi(configuration),
  };
}

/** Return the clients for calls made on one site, with an access token. */
function onSite(site) {
  return clients(withAccessToken(site));
}

module.exports = { clients, onSite };
