//! What a master removes by itself.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use scaleout_agent::master::{Master, MasterOptions};
use scaleout_core::model::{Clock, SystemClock};
use scaleout_core::registry::ViewQuery;

use crate::lab::Lab;

/// A clock that is two days ahead.
#[derive(Debug)]
struct InTwoDays;

impl Clock for InTwoDays {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_hours(48)
    }
}

#[tokio::test]
async fn housekeeping_runs_a_day_after_the_last_time_and_not_before() {
    let mut lab = Lab::new().await;
    let cleanups = ViewQuery {
        equals: vec![("operation_type".to_owned(), "2".to_owned())],
        ..ViewQuery::default()
    };
    lab.stop_master().await;
    lab.start_master().await.unwrap();
    let young = lab.client().view("operations", &cleanups).await.unwrap();
    assert_eq!(young.rows.len(), 0);
    lab.stop_master().await;
    let options = MasterOptions {
        clock: Arc::new(InTwoDays),
        ..lab.master_options()
    };
    lab.master = Some(Master::start(options).await.unwrap());
    // The master answers at once when there is a row.
    let found = lab
        .client()
        .view_waiting("operations", &cleanups, Duration::from_secs(30))
        .await
        .unwrap();
    assert_eq!(
        found.iter().next().unwrap().text("caller_name"),
        Some("master")
    );
}
