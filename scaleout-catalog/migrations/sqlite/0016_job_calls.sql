-- Jobs that packages have started or stopped. A call is known by the place of its task, how often
-- that has called, and the retry of its execution: a package that runs again after the loss of its
-- worker, and a call whose answer was lost, start nothing twice.
CREATE TABLE job_call (
    execution_id INTEGER NOT NULL REFERENCES execution (execution_id),
    retry INTEGER NOT NULL,
    path TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    -- The run that was started; NULL where one was stopped.
    run_id INTEGER,
    PRIMARY KEY (execution_id, retry, path, occurrence)
);
