/** Five accounts for the tests of the account list, told from all others by a last name of their own. */
"use strict";

const { onSite } = require("./rest_sdk");
const server = require("./server");
const { PASSWORD, freshWord } = require("./shoppers");

/** Make the accounts on a site of b2c; returns {lastName, accounts}, accounts by first name. */
async function makeSample() {
  const lastName = freshWord();
  const account = (firstName, details) => ({
    account: {
      firstName,
      lastName,
      emailAddress: `${firstName}.${lastName}@shoppers.example`.toLowerCase(),
      ...details,
    },
    isImport: true,
  });
  const added = await onSite(server.sports).accounts.addAccounts({
    customerAccountAndAuthInfo: [
      {
        ...account("Ann", {
          userName: `ann-${lastName}`,
          customerSinceDate: "2019-03-01T08:30:00.000Z",
          companyOrOrganization: "Rook and Sons",
          acceptsMarketing: true,
        }),
        password: PASSWORD,
      },
      {
        ...account("Bob", {
          userName: `bob-${lastName}`,
          customerSinceDate: "2020-03-01T08:30:00.000Z",
          companyOrOrganization: "Rook Chess Sets",
          contacts: [
            { email: `robert@${lastName}.example`, firstName: "Robert", lastNameOrSurname: "Rook" },
            { email: `second@${lastName}.example`, firstName: "Second", lastNameOrSurname: "Bishop" },
          ],
        }),
        password: PASSWORD,
      },
      account("Cem", { customerSinceDate: "2021-03-01T08:30:00.000Z", acceptsMarketing: true }),
      account("Dee", { customerSinceDate: "2022-03-01T08:30:00.000Z", companyOrOrganization: "O'Hara" }),
      account("Mary Ann", {
        customerSinceDate: "2023-03-01T08:30:00.000Z",
        emailAddress: `m.${lastName}@shoppers.example`,
      }),
    ],
  });
  const accounts = Object.fromEntries(added.items.map((made) => [made.firstName, made]));
  return { lastName, accounts };
}

/** List accounts as the vendor's package does; returns the page. */
function list(parameters) {
  return onSite(server.sports).accounts.getAccounts(parameters);
}

/** Return the sorted first names that the filter finds, as one string. */
async function found(filter) {
  const page = await list({ filter, pageSize: 200 });
  return page.items
    .map((account) => account.firstName)
    .sort()
    .join(" ");
}

module.exports = { makeSample, list, found };
