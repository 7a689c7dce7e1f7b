-- Jobs that packages have started or stopped. A call is known by the place of its task, how often
-- that has called, and the retry of its execution: a package that runs again after the loss of its
-- worker, and a call whose answer was lost, start nothing twice.
CREATE TABLE job_call (
    execution_id bigint NOT NULL REFERENCES execution (execution_id),
    retry bigint NOT NULL,
    path text NOT NULL,
    occurrence bigint NOT NULL,
    -- The run that was started; NULL where one was stopped.
    run_id bigint
);
-- Paths may be longer than what an index holds.
CREATE UNIQUE INDEX job_call_place ON job_call (execution_id, retry, md5(path), occurrence);
