//! What the master does with the catalog on behalf of workers.

mod children;
mod events;
mod grant;
mod hand_back;
pub(crate) mod job_calls;
pub(crate) mod joins;
mod leases;
mod masters;
mod overdue;
pub(crate) mod sweep;
mod waiting;
mod workers;

pub use children::stop_children;
pub use grant::Proposal;
pub use joins::CertificateStanding;
pub use sweep::take_back_expired;
