SELECT datname AS CATALOG_NAME FROM pg_catalog.pg_database WHERE NOT datistemplate
