"""The grammar of the vendor's lists, filters, sort orders and pages, and how PostgreSQL is asked for them."""
