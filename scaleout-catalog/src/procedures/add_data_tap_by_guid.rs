//! `catalog.add_data_tap_by_guid`

use scaleout_core::protocol::task::TappedTask;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::Call;
use super::data_tap;
use crate::error::CatalogError;

/// Taps a path of the data flow task with an id.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let guid = args.uuid("@dataflow_task_guid");
    data_tap::add(cx, args, TappedTask::Guid(guid)).await
}
