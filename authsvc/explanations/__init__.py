"""Why a customer can or cannot use a site: by which rule, because of which change, made by whom, and what to do."""
