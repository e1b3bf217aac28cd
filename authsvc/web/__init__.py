"""HTTP things that know no feature: typed operations, the error envelope, paths, health, OpenAPI."""
