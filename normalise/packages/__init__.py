"""Translation packages: found, fetched, checked, built, bundled."""
