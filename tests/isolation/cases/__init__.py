"""What each store is asked, a feature a file."""
