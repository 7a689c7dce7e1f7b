-- Certificates of workers as the catalog knows them: what they say, whether it trusts them (beside what a
-- master's folder Root holds), and whether they are refused whoever else trusts them. A row whose
-- certificate is NULL trusts one by its thumbprint, which may be the SHA-1 one.
CREATE TABLE certificate (
    thumbprint text NOT NULL PRIMARY KEY,
    thumbprint_sha1 text,
    certificate text,
    subject text,
    not_before timestamptz,
    not_after timestamptz,
    is_trusted boolean NOT NULL,
    trusted_until timestamptz,
    added_by_name text NOT NULL,
    added_time timestamptz NOT NULL,
    revoked_by_name text,
    revoked_time timestamptz
);

-- Invitations for a worker, as hashes.
CREATE TABLE join_token (
    token_hash text NOT NULL PRIMARY KEY,
    created_by_name text NOT NULL,
    created_time timestamptz NOT NULL,
    expires_time timestamptz NOT NULL,
    auto_approve text NOT NULL,
    enables boolean NOT NULL,
    -- The one certificate that it was used with.
    thumbprint text
);

-- Workers that have asked to join.
CREATE TABLE join_request (
    request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    worker_id uuid NOT NULL,
    display_name text NOT NULL,
    machine_name text NOT NULL,
    address text NOT NULL,
    thumbprint text NOT NULL UNIQUE,
    certificate text NOT NULL,
    state text NOT NULL,
    requested_time timestamptz NOT NULL,
    decided_by_name text,
    decided_time timestamptz
);

ALTER TABLE worker ADD COLUMN thumbprint text;
ALTER TABLE worker ADD COLUMN renew_certificate boolean NOT NULL DEFAULT FALSE;

CREATE VIEW catalog.worker_certificates AS
SELECT w.worker_id AS workeragentid, c.thumbprint, c.thumbprint_sha1, c.subject, c.not_before, c.not_after,
    (o.thumbprint IS NOT NULL AND o.thumbprint = c.thumbprint) AS is_current,
    c.is_trusted, c.trusted_until, c.added_by_name, c.added_time, c.revoked_by_name, c.revoked_time
FROM certificate c
LEFT JOIN worker_certificate w ON w.thumbprint = c.thumbprint
LEFT JOIN worker o ON o.worker_id = w.worker_id;

CREATE VIEW catalog.worker_requests AS
SELECT request_id, worker_id AS workeragentid, display_name AS displayname, machine_name AS machinename,
    address, thumbprint, state, requested_time, decided_by_name, decided_time
FROM join_request;
