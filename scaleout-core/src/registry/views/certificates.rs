//! Certificates of workers, and workers that ask to join.

use crate::registry::types::SqlType::{Bigint, Bit, Nvarchar, UniqueIdentifier};
use crate::registry::types::{SqlType, View, ViewColumn as C};

const TIME7: SqlType = SqlType::DatetimeOffset { with_digits: true };

/// `catalog.worker_certificates`
pub const WORKER_CERTIFICATES: View = View {
    schema: "catalog",
    name: "worker_certificates",
    summary: "A certificate of a worker that the catalog knows.",
    columns: &[
        C::new(
            "WorkerAgentId",
            UniqueIdentifier,
            "The worker; NULL before it has registered.",
        ),
        C::new("thumbprint", Nvarchar(Some(64)), "SHA-256 thumbprint."),
        C::new("thumbprint_sha1", Nvarchar(Some(40)), "SHA-1 thumbprint."),
        C::new("subject", Nvarchar(Some(256)), "Subject."),
        C::new("not_before", TIME7, "First moment of its validity."),
        C::new("not_after", TIME7, "Last moment of its validity."),
        C::new("is_current", Bit, "1 when the worker showed it last."),
        C::new(
            "is_trusted",
            Bit,
            "1 when the catalog trusts it; a master also trusts what its folder Root holds.",
        ),
        C::new("trusted_until", TIME7, "When that ends; NULL for never."),
        C::new("added_by_name", Nvarchar(Some(128)), "Who added it."),
        C::new("added_time", TIME7, "When."),
        C::new(
            "revoked_by_name",
            Nvarchar(Some(128)),
            "Who revoked it; NULL when nobody has.",
        ),
        C::new("revoked_time", TIME7, "When."),
    ],
};

/// `catalog.worker_requests`
pub const WORKER_REQUESTS: View = View {
    schema: "catalog",
    name: "worker_requests",
    summary: "A worker that has asked to join.",
    columns: &[
        C::new("request_id", Bigint, "Number."),
        C::new("WorkerAgentId", UniqueIdentifier, "Id of the worker."),
        C::new("DisplayName", Nvarchar(Some(256)), "Name to show."),
        C::new("MachineName", Nvarchar(Some(256)), "Host name."),
        C::new("address", Nvarchar(Some(64)), "From where it asked."),
        C::new(
            "thumbprint",
            Nvarchar(Some(64)),
            "SHA-256 thumbprint of its certificate.",
        ),
        C::new(
            "state",
            Nvarchar(Some(16)),
            "pending, approved or rejected.",
        ),
        C::new("requested_time", TIME7, "When it asked."),
        C::new("decided_by_name", Nvarchar(Some(128)), "Who decided."),
        C::new("decided_time", TIME7, "When."),
    ],
};
