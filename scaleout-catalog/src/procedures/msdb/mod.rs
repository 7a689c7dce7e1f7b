//! The procedures of jobs, one file per procedure; in the original they are in msdb.

mod help;
mod help_of_one;
mod lookup;
mod schedule_numbers;
mod sp_add_job;
mod sp_add_jobschedule;
mod sp_add_jobserver;
mod sp_add_jobstep;
mod sp_add_operator;
mod sp_add_proxy;
mod sp_add_schedule;
mod sp_attach_schedule;
mod sp_delete_job;
mod sp_delete_jobserver;
mod sp_delete_jobstep;
mod sp_delete_operator;
mod sp_delete_proxy;
mod sp_delete_schedule;
mod sp_detach_schedule;
mod sp_grant_login_to_proxy;
mod sp_help_job;
mod sp_help_jobactivity;
mod sp_help_jobhistory;
mod sp_help_jobstep;
mod sp_purge_jobhistory;
mod sp_revoke_login_from_proxy;
mod sp_start_job;
mod sp_stop_job;
mod sp_update_job;
mod sp_update_jobstep;
mod sp_update_schedule;
mod table;

pub(crate) use sp_add_jobstep::may_run;
pub use table::HANDLERS;
