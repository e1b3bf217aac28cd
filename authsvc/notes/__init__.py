"""Notes that staff keep on a customer account; shoppers never see them."""
