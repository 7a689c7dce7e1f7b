-- The masters that work on this catalog.
CREATE TABLE master (
    address text NOT NULL PRIMARY KEY,
    machine_name text NOT NULL,
    process_id bigint NOT NULL,
    program_version text NOT NULL,
    thumbprint text NOT NULL,
    started_time timestamptz NOT NULL,
    last_online_time timestamptz NOT NULL
);

CREATE VIEW catalog.masters AS
SELECT address, machine_name, process_id, program_version, thumbprint, started_time, last_online_time
FROM master;
