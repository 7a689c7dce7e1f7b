//! The end of every set-up: show the plan, ask, carry it out, say what is next.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::options::Confirm;
use super::steps::{Site, State, Step, report};
use crate::error::{CliError, CommandError};
use crate::output::{Outcome, Talk};

/// Shows or carries out a plan. `facts` says afterwards what there is now, as data and as lines.
///
/// # Errors
/// The answer is no, or a step cannot be done.
pub fn finish(
    site: &Site,
    steps: &[Step],
    confirm: &Confirm,
    talk: &Talk,
    now: Timestamp,
    facts: impl Fn(&Site) -> Result<(Value, Vec<String>), CliError>,
) -> Result<Outcome, CliError> {
    let planned = site.plan(steps)?;
    if confirm.dry_run {
        let json = json!({ "dry_run": true, "changed": false, "steps": planned });
        let mut report = report(&planned);
        report
            .after
            .push("nothing was changed; without `--dry-run` it is done".to_owned());
        return Ok(Outcome::new(&json, report));
    }
    let is_needed = planned.iter().any(|one| one.state == State::ToDo);
    if is_needed && confirm.asks() {
        for one in planned.iter().filter(|one| one.state == State::ToDo) {
            talk.say(&format!("  {}: {}", one.action, one.detail));
        }
        if !talk.confirm("Go on?") {
            return Err(CommandError::Interrupted.into());
        }
    }
    let done = site.apply(steps, now)?;
    let (mut json, lines) = facts(site)?;
    json["dry_run"] = false.into();
    json["changed"] = is_needed.into();
    json["steps"] = json!(done);
    let mut report = report(&done);
    report.after = lines;
    if !is_needed {
        report.after.insert(
            0,
            "everything was so already; nothing was changed".to_owned(),
        );
    }
    Ok(Outcome::new(&json, report))
}
