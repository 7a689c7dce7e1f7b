//! Logs that people read through the master.

use scaleout_agent::master::Master;
use scaleout_agent::worker::Worker;
use scaleout_agent::{LogPlace, RotatingLog};
use scaleout_core::client::LogName;
use scaleout_core::error::Explain as _;
use scaleout_core::protocol::logs::LogQuery;
use uuid::Uuid;

use super::lab::{Lab, certificate, gate, open};

fn tail(lines: u32) -> LogQuery {
    LogQuery {
        tail: Some(lines),
        after: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_and_a_worker_give_the_end_of_their_logs_and_what_follows() {
    let mut lab = Lab::new().await;
    lab.stop_master().await;
    let place = LogPlace::of_master(&lab.path("master"));
    let log = RotatingLog::open(place.clone()).unwrap();
    for number in 0..5 {
        log.write_line(format!("m{number}\n").as_bytes()).unwrap();
    }
    let mut options = lab.master_options();
    options.log = Some(place);
    lab.master = Some(Master::start(options).await.unwrap());
    let client = lab.client();
    let page = client.log(&LogName::Master, &tail(2)).await.unwrap();
    assert_eq!(page.lines, ["m3", "m4"]);
    log.write_line(b"m5\n").unwrap();
    let next = LogQuery {
        tail: None,
        after: page.next,
    };
    let page = client.log(&LogName::Master, &next).await.unwrap();
    assert_eq!(page.lines, ["m5"]);

    let issued = certificate(&["worker"]);
    lab.trust(&issued);
    let mut options = lab.worker_options(1, &issued);
    let place = LogPlace::of_worker(&options.data_dir);
    let log = RotatingLog::open(place.clone()).unwrap();
    log.write_line(b"w0\n").unwrap();
    options.log = Some(place);
    let worker = Worker::start(options).await.unwrap();
    lab.enable(worker.id()).await;
    let of_worker = LogName::Worker(worker.id());
    let page = client.log(&of_worker, &tail(9)).await.unwrap();
    assert_eq!(page.lines, ["w0"]);
    // Again and again: each question wakes the worker anew.
    log.write_line(b"w1\n").unwrap();
    let next = LogQuery {
        tail: None,
        after: page.next,
    };
    for _ in 0..3 {
        let page = client.log(&of_worker, &next).await.unwrap();
        assert_eq!(page.lines, ["w1"]);
    }
    let nobody = client.log(&LogName::Worker(Uuid::nil()), &tail(9)).await;
    assert_eq!(nobody.unwrap_err().code(), "SO1215");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_task_logs_of_an_execution_come_from_the_worker_that_ran_it() {
    let mut lab = Lab::new().await;
    let gate = gate(lab.folder.path());
    let client = lab.client();
    let waiting = lab.start("gate", &[], 0).await;
    let nothing = client.log(&LogName::Execution(waiting), &tail(9)).await;
    let nothing = nothing.unwrap();
    assert!(nothing.lines.is_empty() && !nothing.is_final);
    let (_worker, options) = lab.worker(1).await;
    lab.until_message(waiting, "before").await;
    let of_it = LogName::Execution(waiting);
    let page = client.log(&of_it, &tail(9)).await.unwrap();
    assert!(page.lines[0].contains("has begun attempt 1"), "{page:?}");
    assert!(page.lines[1].contains("\"before\""), "{page:?}");
    assert!(!page.is_final);
    open(&gate).await;
    lab.ended(waiting).await;
    let next = |after| LogQuery { tail: None, after };
    let page = client.log(&of_it, &next(page.next)).await.unwrap();
    assert!(page.lines[0].contains("\"after\""), "{page:?}");
    assert!(page.lines[1].contains("has ended: success"), "{page:?}");
    let end = client.log(&of_it, &next(page.next)).await.unwrap();
    assert!(end.lines.is_empty() && end.is_final, "{end:?}");
    let file = options
        .data_dir
        .join(format!("ScaleOut/Tasks/{waiting}-1.log"));
    assert!(file.is_file());
    let missing = client.log(&LogName::Execution(4711), &tail(9)).await;
    assert_eq!(missing.unwrap_err().code(), "SO1108");
}
