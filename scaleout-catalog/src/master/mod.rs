//! What the master does with the catalog on behalf of workers.

mod children;
mod events;
mod grant;
mod leases;
mod overdue;
mod sweep;
mod workers;

pub use children::stop_children;
pub use sweep::take_back_expired;
