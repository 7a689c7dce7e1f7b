-- Certificates of workers as the catalog knows them: what they say, whether it trusts them (beside what a
-- master's folder Root holds), and whether they are refused whoever else trusts them. A row whose
-- certificate is NULL trusts one by its thumbprint, which may be the SHA-1 one.
CREATE TABLE certificate (
    thumbprint TEXT NOT NULL PRIMARY KEY,
    thumbprint_sha1 TEXT,
    certificate TEXT,
    subject TEXT,
    not_before TEXT,
    not_after TEXT,
    is_trusted INTEGER NOT NULL,
    trusted_until TEXT,
    added_by_name TEXT NOT NULL,
    added_time TEXT NOT NULL,
    revoked_by_name TEXT,
    revoked_time TEXT
);

-- Invitations for a worker, as hashes.
CREATE TABLE join_token (
    token_hash TEXT NOT NULL PRIMARY KEY,
    created_by_name TEXT NOT NULL,
    created_time TEXT NOT NULL,
    expires_time TEXT NOT NULL,
    auto_approve TEXT NOT NULL,
    enables INTEGER NOT NULL,
    -- The one certificate that it was used with.
    thumbprint TEXT
);

-- Workers that have asked to join.
CREATE TABLE join_request (
    request_id INTEGER PRIMARY KEY AUTOINCREMENT,
    worker_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    machine_name TEXT NOT NULL,
    address TEXT NOT NULL,
    thumbprint TEXT NOT NULL UNIQUE,
    certificate TEXT NOT NULL,
    state TEXT NOT NULL,
    requested_time TEXT NOT NULL,
    decided_by_name TEXT,
    decided_time TEXT
);

ALTER TABLE worker ADD COLUMN thumbprint TEXT;
ALTER TABLE worker ADD COLUMN renew_certificate INTEGER NOT NULL DEFAULT 0;

CREATE VIEW worker_certificates AS
SELECT w.worker_id AS WorkerAgentId, c.thumbprint, c.thumbprint_sha1, c.subject, c.not_before, c.not_after,
    CASE WHEN o.thumbprint = c.thumbprint THEN 1 ELSE 0 END AS is_current,
    c.is_trusted, c.trusted_until, c.added_by_name, c.added_time, c.revoked_by_name, c.revoked_time
FROM certificate c
LEFT JOIN worker_certificate w ON w.thumbprint = c.thumbprint
LEFT JOIN worker o ON o.worker_id = w.worker_id;

CREATE VIEW worker_requests AS
SELECT request_id, worker_id AS WorkerAgentId, display_name AS DisplayName, machine_name AS MachineName,
    address, thumbprint, state, requested_time, decided_by_name, decided_time
FROM join_request;
