SELECT name AS COLLATION_NAME FROM sys.fn_helpcollations()
