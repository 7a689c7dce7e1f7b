//! Which function handles which procedure of jobs.

use super::*;
use crate::procedures::table::Handler;

/// All of them, by name.
pub const HANDLERS: &[(&str, Handler)] = &[
    ("sp_add_job", |cx, args| Box::pin(sp_add_job::run(cx, args))),
    ("sp_add_jobschedule", |cx, args| {
        Box::pin(sp_add_jobschedule::run(cx, args))
    }),
    ("sp_add_jobserver", |cx, args| {
        Box::pin(sp_add_jobserver::run(cx, args))
    }),
    ("sp_add_jobstep", |cx, args| {
        Box::pin(sp_add_jobstep::run(cx, args))
    }),
    ("sp_add_operator", |cx, args| {
        Box::pin(sp_add_operator::run(cx, args))
    }),
    ("sp_add_proxy", |cx, args| {
        Box::pin(sp_add_proxy::run(cx, args))
    }),
    ("sp_add_schedule", |cx, args| {
        Box::pin(sp_add_schedule::run(cx, args))
    }),
    ("sp_attach_schedule", |cx, args| {
        Box::pin(sp_attach_schedule::run(cx, args))
    }),
    ("sp_delete_job", |cx, args| {
        Box::pin(sp_delete_job::run(cx, args))
    }),
    ("sp_delete_jobserver", |cx, args| {
        Box::pin(sp_delete_jobserver::run(cx, args))
    }),
    ("sp_delete_jobstep", |cx, args| {
        Box::pin(sp_delete_jobstep::run(cx, args))
    }),
    ("sp_delete_operator", |cx, args| {
        Box::pin(sp_delete_operator::run(cx, args))
    }),
    ("sp_delete_proxy", |cx, args| {
        Box::pin(sp_delete_proxy::run(cx, args))
    }),
    ("sp_delete_schedule", |cx, args| {
        Box::pin(sp_delete_schedule::run(cx, args))
    }),
    ("sp_detach_schedule", |cx, args| {
        Box::pin(sp_detach_schedule::run(cx, args))
    }),
    ("sp_grant_login_to_proxy", |cx, args| {
        Box::pin(sp_grant_login_to_proxy::run(cx, args))
    }),
    ("sp_help_job", |cx, args| {
        Box::pin(sp_help_job::run(cx, args))
    }),
    ("sp_help_jobactivity", |cx, args| {
        Box::pin(sp_help_jobactivity::run(cx, args))
    }),
    ("sp_help_jobhistory", |cx, args| {
        Box::pin(sp_help_jobhistory::run(cx, args))
    }),
    ("sp_help_jobstep", |cx, args| {
        Box::pin(sp_help_jobstep::run(cx, args))
    }),
    ("sp_purge_jobhistory", |cx, args| {
        Box::pin(sp_purge_jobhistory::run(cx, args))
    }),
    ("sp_revoke_login_from_proxy", |cx, args| {
        Box::pin(sp_revoke_login_from_proxy::run(cx, args))
    }),
    ("sp_start_job", |cx, args| {
        Box::pin(sp_start_job::run(cx, args))
    }),
    ("sp_stop_job", |cx, args| {
        Box::pin(sp_stop_job::run(cx, args))
    }),
    ("sp_update_job", |cx, args| {
        Box::pin(sp_update_job::run(cx, args))
    }),
    ("sp_update_jobstep", |cx, args| {
        Box::pin(sp_update_jobstep::run(cx, args))
    }),
    ("sp_update_schedule", |cx, args| {
        Box::pin(sp_update_schedule::run(cx, args))
    }),
];
