"""What an operator watches: each worker's figures, told in Prometheus' text format."""
