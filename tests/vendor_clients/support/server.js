/** The live authsvc that these tests talk to, as `authsvc demo` describes it in its demo.json. */
"use strict";

const { readFileSync } = require("node:fs");

const demo = JSON.parse(readFileSync(process.env.AUTHSVC_DEMO_FILE, "utf8"));

/** Return the demo merchant's site of this name: {id, name, host, customerSet}. */
function siteNamed(name) {
  const found = demo.sites.find((site) => site.name === name);
  if (!found) throw new Error(`demo.json lists no site ${name}`);
  return found;
}

module.exports = {
  baseUrl: demo.baseUrl,
  /** Host and port without a scheme: what the vendor's clients call authHost and domain. */
  host: new URL(demo.baseUrl).host,
  tenantId: demo.tenantId,
  application: demo.application,
  shoppers: demo.shoppers,
  customerSets: demo.customerSets,
  // The documents' example: two sites share the set b2c, two share b2b, the fifth stays in the default set.
  sports: siteNamed("Mystic Sports"),
  kids: siteNamed("Mystic Kids"),
  business: siteNamed("Mystic Business"),
  parts: siteNamed("Mystic Parts"),
  /** The page that shows what the demo mails. */
  mailbox: demo.mailbox,
  fifth: demo.sites.find((site) => site.customerSet === "default"),
};
