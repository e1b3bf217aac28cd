"""What proves who a shopper is beside the password, or in its place: codes by e-mail, authenticator apps."""
