"""Cards: what an account knows of its payment cards; their numbers are the payment service's alone."""
