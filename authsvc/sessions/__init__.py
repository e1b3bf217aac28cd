"""Being signed in: sessions, the tokens that show them, and the check that other services ask for."""
