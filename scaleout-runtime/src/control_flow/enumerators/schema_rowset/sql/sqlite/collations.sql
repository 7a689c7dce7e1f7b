SELECT name AS COLLATION_NAME FROM pragma_collation_list
