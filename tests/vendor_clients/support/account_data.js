/** The rest-sdk's clients for what is kept on an account, for calls made on one site. */
"use strict";

const {
  CustomerAccountApi,
  CustomerAttributeDefinitionApi,
  CustomerSegmentApi,
} = require("@kibocommerce/rest-sdk/clients/Customer");
const { withAccessToken } = require("./rest_sdk");

function onSite(site) {
  const configuration = withAccessToken(site);
  return {
    accounts: new CustomerAccountApi(configuration),
    definitions: new CustomerAttributeDefinitionApi(configuration),
    segments: new CustomerSegmentApi(configuration),
  };
}

module.exports = { onSite };
