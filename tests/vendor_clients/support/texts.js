/** The vendor's texts that storefront themes compare letter by letter ([K] 1.5, 2.5, 3.3, 4, 7). */
"use strict";

module.exports = {
  EMAIL_ADDRESS_HAS_LOGIN:
    "Missing or invalid parameter: EmailAddress EmailAddress already associated with a login",
  // The double space and the space at the end are the vendor's.
  ACCOUNT_LOCKED:
    "The system does not permit the attempted operation.  User account is locked, Please contact System Administrator ",
  // So is this space at the end.
  WRONG_OLD_PASSWORD: "Missing or invalid parameter: password ",
  WEAK_PASSWORD:
    "Missing or invalid parameter: password Password must be a minimum of 6 characters with at least 1 number and 1 alphabetic character",
};
