-- What housekeeping must not touch is found quickly; and the server of the logs that a person has
-- chosen is shown by `master_properties`, as the address of the master is.

CREATE INDEX operation_active ON operation (status) WHERE status IN (2, 5, 8);

DROP VIEW catalog_properties;
CREATE VIEW catalog_properties AS
SELECT property_name, property_value FROM catalog_property
WHERE property_name NOT IN ('MASTER_ADDRESS', 'CLUSTER_LOGDB_SERVER');
