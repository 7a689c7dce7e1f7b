//! `catalog.get_project`

use base64::Engine as _;
use scaleout_core::registry::{BoundArguments, ProcedureResult, Rows};
use serde_json::Value;

use super::call::Call;
use super::lookup::{self, ProjectName};
use crate::error::CatalogError;
use crate::store::projects;

/// Returns the `.ispac` of a project as it was deployed.
pub async fn run(cx: &Call<'_>, args: &BoundArguments) -> Result<ProcedureResult, CatalogError> {
    let name = ProjectName::of(args);
    let mut session = cx.shared.store.reader().await?;
    let project = lookup::project(&mut session, &cx.rights(), &name).await?;
    let content = projects::file(&mut session, &project.project_hash)
        .await?
        .ok_or_else(|| name.missing())?;
    Ok(project_stream(&content))
}

/// A result set of one project file.
pub fn project_stream(content: &[u8]) -> ProcedureResult {
    let text = base64::engine::general_purpose::STANDARD.encode(content);
    ProcedureResult {
        rows: Some(Rows {
            columns: vec!["project_stream".into()],
            rows: vec![vec![Value::String(text)]],
        }),
        ..ProcedureResult::default()
    }
}
