"""The devices that shoppers have signed in with: known again, listed, ended, and told of when they are new."""
