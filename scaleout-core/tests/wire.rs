//! Every message that crosses a process has a recorded example in `wire/`: it still decodes, and
//! encodes to the same JSON again. A message is added or changed by adding a file, never by
//! editing one that a release has sent.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops where it is"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use scaleout_core::protocol::child::{AwaitChild, AwaitChildReply, ChildStarted, StartChild};
use scaleout_core::protocol::event::Event;
use scaleout_core::protocol::executor::{FromExecutor, RuntimeSettings, ToExecutor};
use scaleout_core::protocol::job::{CallJob, JobOutcome};
use scaleout_core::protocol::login::{LoginReply, LoginRequest, WhoAmI};
use scaleout_core::protocol::logs::LogAnswer;
use scaleout_core::protocol::task::TaskDescription;
use scaleout_core::protocol::worker::{
    Complete, CompleteReply, HandBack, HandBackReply, Heartbeat, HeartbeatReply, Join, JoinReply,
    LeaseReply, LeaseRequest, LogBatch, LogReply, Register, Registered, Renew, Renewed,
    TaskHeartbeat, TaskHeartbeatReply,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

type Encode = fn(&str) -> Result<Value, serde_json::Error>;

/// The recorded examples: file without `.json`, and the type that reads and writes it.
const EXAMPLES: [(&str, Encode); 82] = [
    ("event/component_phase", again::<Event>),
    ("event/data_statistics", again::<Event>),
    ("event/dumped", again::<Event>),
    ("event/executable_ended", again::<Event>),
    ("event/message", again::<Event>),
    ("event/message_of_a_task", again::<Event>),
    ("event/message_with_context", again::<Event>),
    ("event/output", again::<Event>),
    ("event/validated", again::<Event>),
    ("from_executor/call_job", again::<FromExecutor>),
    ("from_executor/counters", again::<FromExecutor>),
    ("from_executor/event", again::<FromExecutor>),
    ("from_executor/finished_canceled", again::<FromExecutor>),
    ("from_executor/finished_failure", again::<FromExecutor>),
    ("from_executor/finished_success", again::<FromExecutor>),
    ("from_executor/ready", again::<FromExecutor>),
    ("from_executor/run_child", again::<FromExecutor>),
    ("login/reply", again::<LoginReply>),
    ("login/request_certificate", again::<LoginRequest>),
    ("login/request_password", again::<LoginRequest>),
    ("login/who_am_i", again::<WhoAmI>),
    ("task/task_description", again::<TaskDescription>),
    ("task/task_of_a_child", again::<TaskDescription>),
    ("task/task_with_command", again::<TaskDescription>),
    ("task/task_with_diagnostics", again::<TaskDescription>),
    ("task/task_with_password", again::<TaskDescription>),
    ("task/validation", again::<TaskDescription>),
    ("to_executor/child_ended", again::<ToExecutor>),
    ("to_executor/child_refused", again::<ToExecutor>),
    ("to_executor/dump", again::<ToExecutor>),
    ("to_executor/exit", again::<ToExecutor>),
    ("to_executor/job_called", again::<ToExecutor>),
    ("to_executor/job_refused", again::<ToExecutor>),
    ("to_executor/run", again::<ToExecutor>),
    ("to_executor/run_with_dump_folders", again::<ToExecutor>),
    ("to_executor/stop", again::<ToExecutor>),
    ("worker/await_child", again::<AwaitChild>),
    ("worker/await_child_reply", again::<AwaitChildReply>),
    ("worker/await_child_reply_ended", again::<AwaitChildReply>),
    ("worker/call_job", again::<CallJob>),
    ("worker/call_job_reply_done", again::<JobOutcome>),
    ("worker/call_job_reply_refused", again::<JobOutcome>),
    ("worker/child_started", again::<ChildStarted>),
    ("worker/complete_ended_unexpectedly", again::<Complete>),
    ("worker/complete_ran", again::<Complete>),
    ("worker/complete_ran_measured", again::<Complete>),
    ("worker/complete_with_events_left_out", again::<Complete>),
    ("worker/complete_reply_accepted", again::<CompleteReply>),
    (
        "worker/complete_reply_log_incomplete",
        again::<CompleteReply>,
    ),
    ("worker/complete_reply_stale", again::<CompleteReply>),
    ("worker/hand_back", again::<HandBack>),
    ("worker/hand_back_at_the_end", again::<HandBack>),
    ("worker/hand_back_reply", again::<HandBackReply>),
    ("worker/heartbeat", again::<Heartbeat>),
    ("worker/heartbeat_reply", again::<HeartbeatReply>),
    (
        "worker/heartbeat_reply_with_certificates",
        again::<HeartbeatReply>,
    ),
    (
        "worker/heartbeat_reply_with_logs_wanted",
        again::<HeartbeatReply>,
    ),
    ("worker/heartbeat_with_gate", again::<Heartbeat>),
    ("worker/join", again::<Join>),
    ("worker/join_reply_approved", again::<JoinReply>),
    ("worker/join_reply_pending", again::<JoinReply>),
    ("worker/lease_reply", again::<LeaseReply>),
    ("worker/lease_reply_with_logs_wanted", again::<LeaseReply>),
    ("worker/lease_request", again::<LeaseRequest>),
    (
        "worker/lease_request_with_child_slots",
        again::<LeaseRequest>,
    ),
    ("worker/log_answer", again::<LogAnswer>),
    ("worker/log_answer_with_problem", again::<LogAnswer>),
    ("worker/log_batch", again::<LogBatch>),
    ("worker/log_reply", again::<LogReply>),
    ("worker/register", again::<Register>),
    ("worker/register_numbered", again::<Register>),
    ("worker/registered", again::<Registered>),
    ("worker/registered_with_certificates", again::<Registered>),
    ("worker/renew", again::<Renew>),
    ("worker/renewed", again::<Renewed>),
    ("worker/start_child", again::<StartChild>),
    ("worker/task_heartbeat", again::<TaskHeartbeat>),
    ("worker/task_heartbeat_reply", again::<TaskHeartbeatReply>),
    (
        "worker/task_heartbeat_reply_with_dumps",
        again::<TaskHeartbeatReply>,
    ),
    (
        "worker/task_heartbeat_reply_with_hand_back",
        again::<TaskHeartbeatReply>,
    ),
    ("worker/task_heartbeat_with_began", again::<TaskHeartbeat>),
    (
        "worker/task_heartbeat_with_counters",
        again::<TaskHeartbeat>,
    ),
];

fn again<T: Serialize + DeserializeOwned>(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_str::<T>(text)?)
}

/// Messages without the fields that have a default: those fields then mean what they meant before
/// they came.
const SHORTER: [&str; 3] = [
    "shorter/run",
    "shorter/task_description",
    "shorter/task_heartbeat",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire")
}

fn example(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()
}

#[test]
fn every_recorded_message_decodes_and_encodes_to_the_same_json() {
    for (name, again) in EXAMPLES {
        let text = example(name);
        let encoded = again(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            encoded,
            serde_json::from_str::<Value>(&text).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn shorter_forms_mean_as_before() {
    let task: TaskDescription = serde_json::from_str(&example("shorter/task_description")).unwrap();
    assert!(!task.dump_on_error);
    assert!(!task.project_parameters[0].sensitive);
    assert!(!task.property_overrides[0].sensitive);
    let beat: TaskHeartbeat = serde_json::from_str(&example("shorter/task_heartbeat")).unwrap();
    assert_eq!(beat.process_ids, Vec::<u32>::new());
    let run: ToExecutor = serde_json::from_str(&example("shorter/run")).unwrap();
    let ToExecutor::Run(run) = run else {
        panic!("{run:?}");
    };
    assert_eq!(run.settings, RuntimeSettings::default());
}

#[test]
fn no_recorded_message_is_forgotten() {
    let mut recorded = BTreeSet::new();
    for group in std::fs::read_dir(folder()).unwrap() {
        let group = group.unwrap().path();
        for file in std::fs::read_dir(&group).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(folder()).unwrap().with_extension("");
            recorded.insert(name.display().to_string());
        }
    }
    let named = EXAMPLES.iter().map(|(name, _)| *name).chain(SHORTER);
    assert_eq!(recorded, named.map(str::to_owned).collect());
}
