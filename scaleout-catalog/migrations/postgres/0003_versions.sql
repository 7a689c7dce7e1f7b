-- Versions of projects that can be restored, and what housekeeping looks for.

ALTER TABLE project_version ADD COLUMN project_format_version bigint;
ALTER TABLE project_version ADD COLUMN restored_by text;
ALTER TABLE project_version ADD COLUMN last_restored_time timestamptz;
UPDATE project_version SET project_format_version = (
    SELECT p.project_format_version FROM project p WHERE p.project_id = project_version.project_id);

CREATE INDEX project_version_by_file ON project_version (project_hash);
CREATE INDEX operation_by_end ON operation (end_time);
CREATE INDEX operation_not_started ON operation (created_time) WHERE status = 1;
CREATE INDEX executable_statistic_by_executable ON executable_statistic (executable_id);

-- An address that a person has chosen is no property of the original's: `master_properties` shows it.
CREATE OR REPLACE VIEW catalog.catalog_properties AS
SELECT property_name, property_value FROM catalog_property WHERE property_name <> 'MASTER_ADDRESS';

INSERT INTO catalog_property (property_name, property_value) VALUES
    ('SERVER_OPERATION_ENCRYPTION_LEVEL', '1');

CREATE VIEW catalog.object_versions AS
SELECT object_version_lsn, project_id AS object_id, 20::smallint AS object_type,
    project_name AS object_name, description, created_by, created_time, restored_by, last_restored_time
FROM project_version;
