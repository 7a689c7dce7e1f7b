SELECT name AS CATALOG_NAME FROM sys.databases
