//! `catalog.add_data_tap`

use scaleout_core::protocol::task::TappedTask;
use scaleout_core::registry::{BoundArguments, ProcedureResult};

use super::call::Call;
use super::data_tap;
use crate::error::CatalogError;

/// Taps a path of the data flow task that stands at a path in the package. Whether the package has
/// them shows when it runs.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let path = args.text("@task_package_path").to_owned();
    data_tap::add(cx, args, TappedTask::PackagePath(path)).await
}
