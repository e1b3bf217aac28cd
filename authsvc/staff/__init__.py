"""Staff users: the people of a merchant who look after customers and structure, and how they sign in."""
