-- The masters that work on this catalog; several only where it is on a server.
CREATE TABLE master (
    address TEXT NOT NULL PRIMARY KEY,
    machine_name TEXT NOT NULL,
    process_id INTEGER NOT NULL,
    program_version TEXT NOT NULL,
    thumbprint TEXT NOT NULL,
    started_time TEXT NOT NULL,
    last_online_time TEXT NOT NULL
);

CREATE VIEW masters AS
SELECT address, machine_name, process_id, program_version, thumbprint, started_time, last_online_time
FROM master;
