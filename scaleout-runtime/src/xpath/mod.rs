//! The part of XPath 1.0 that picks nodes out of a document.
//!
//! Location paths in the short form (`/orders/order[@id='7']//line[2]/@price`), unions, and
//! predicates with positions, comparisons, `and`, `or`, `not()`, `contains()`, `starts-with()`.
//! Names are compared without their prefixes. Everything else is refused with its place.

mod evaluate;
mod node;
mod parse;
mod syntax;

pub use evaluate::{Document, Found, Place};
pub use node::XmlNode;
pub use parse::XPathError;
pub use syntax::XPath;
