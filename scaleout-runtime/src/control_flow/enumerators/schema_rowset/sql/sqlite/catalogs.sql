SELECT name AS CATALOG_NAME FROM pragma_database_list
