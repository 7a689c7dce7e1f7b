-- Pages of a status, newest first. The negative keeps the server from taking the primary key for it,
-- which has all statuses (`store/view_query.rs`).
DROP INDEX operation_by_status;
CREATE INDEX operation_newest_by_status ON operation (status, (-operation_id));
