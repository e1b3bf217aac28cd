"""What is lost, wrong or refused when a primary of Valkey Cluster and one of PostgreSQL are killed under load."""
