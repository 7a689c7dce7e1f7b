//! What transforms over two sorted inputs have in common: the demands on the inputs, the rows
//! that wait, the rows that are put together.

mod gather;
mod order;
mod side;

pub use gather::{Gather, OutputColumnSource};
pub use order::{Demand, order_of, same_orders};
pub use side::{Row, Side, SideSettings};
