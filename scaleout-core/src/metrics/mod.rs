//! Numbers that services tell Prometheus: what they are made of, and the page they are shown on.
//!
//! The format is the text format 0.0.4, which Prometheus and everything that imitates it reads:
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>.

mod histogram;
mod page;

pub use histogram::{Histogram, HistogramCounts};
pub use page::{CONTENT_TYPE, Page};
