//! Certificates of workers and how workers join. In the original, stores of Windows hold the
//! certificates and Scale Out Manager copies them.

use crate::registry::permission::Permission;
use crate::registry::types::SqlType::{
    Bigint, Bit, DatetimeOffset, Int, Nvarchar, UniqueIdentifier,
};
use crate::registry::types::{Procedure, ProcedureParameter as P};

const REQUEST: P = P::required(
    "@request_id",
    Bigint,
    "The request, as the view `worker_requests` shows it.",
);
const ENABLE: P = P::optional("@enable", Bit, "1 lets the worker take executions at once.").or("0");
const WORKER: P = P::required(
    "@WorkerAgentId",
    UniqueIdentifier,
    "The worker, as `catalog.worker_agents` shows it.",
);

const fn procedure(
    name: &'static str,
    summary: &'static str,
    parameters: &'static [P],
) -> Procedure {
    Procedure {
        schema: "catalog",
        name,
        summary,
        parameters,
        permission: Permission::Administrator,
        result_set: None,
    }
}

/// `catalog.approve_worker`
pub const APPROVE_WORKER: Procedure = procedure(
    "approve_worker",
    "Lets a worker in that has asked to join: its certificate is trusted from now on.",
    &[REQUEST, ENABLE],
);

/// `catalog.create_worker_token`
pub const CREATE_WORKER_TOKEN: Procedure = procedure(
    "create_worker_token",
    "Makes a token with which one worker may ask to join; it is shown once and kept as a hash.",
    &[
        P::optional(
            "@valid_minutes",
            Int,
            "For how many minutes, at most 43200.",
        )
        .or("60"),
        P::optional(
            "@auto_approve",
            Nvarchar(Some(1024)),
            "Networks such as 10.0.0.0/8, with commas between: a worker that asks from there is let in at once.",
        ),
        ENABLE,
        P::output("@token", Nvarchar(Some(64)), "The token.").may_be_left_out(),
        P::output(
            "@expires_time",
            DatetimeOffset { with_digits: true },
            "When it ends.",
        )
        .may_be_left_out(),
    ],
);

/// `catalog.delete_worker_agent`
pub const DELETE_WORKER_AGENT: Procedure = procedure(
    "delete_worker_agent",
    "Forgets a worker; its certificates are refused from now on.",
    &[
        WORKER,
        P::optional(
            "@force",
            Bit,
            "1 also while it runs something, which is then offered to others.",
        )
        .or("0"),
    ],
);

/// `catalog.reject_worker`
pub const REJECT_WORKER: Procedure = procedure(
    "reject_worker",
    "Refuses a worker that has asked to join.",
    &[REQUEST],
);

/// `catalog.renew_worker_certificate`
pub const RENEW_WORKER_CERTIFICATE: Procedure = procedure(
    "renew_worker_certificate",
    "Tells a worker to make itself a new certificate; the one it has stays good for a day.",
    &[WORKER],
);

/// `catalog.revoke_certificate`
pub const REVOKE_CERTIFICATE: Procedure = procedure(
    "revoke_certificate",
    "Refuses a certificate from the next request on, whoever else trusts it.",
    &[P::required(
        "@thumbprint",
        Nvarchar(Some(64)),
        "SHA-1 or SHA-256 thumbprint.",
    )],
);

/// `catalog.trust_certificate`
pub const TRUST_CERTIFICATE: Procedure = procedure(
    "trust_certificate",
    "Trusts the certificate of a worker, given whole or by its thumbprint.",
    &[
        P::optional("@certificate", Nvarchar(None), "The certificate as PEM."),
        P::optional(
            "@thumbprint",
            Nvarchar(Some(64)),
            "SHA-1 or SHA-256 thumbprint, where the certificate is not at hand.",
        ),
    ],
);
