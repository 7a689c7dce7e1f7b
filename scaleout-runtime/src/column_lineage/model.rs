//! What lineage says, as it is printed.

use serde::Serialize;

/// The lineage of one package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageLineage {
    /// File name.
    pub package: String,
    /// Its Data Flow tasks, in file order.
    pub tasks: Vec<TaskLineage>,
}

/// The lineage of one Data Flow task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskLineage {
    /// `\Package\Task`
    pub path: String,
    /// One for each column that a destination writes.
    pub columns: Vec<ColumnLineage>,
}

/// Where the values of a destination's column come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnLineage {
    /// The column that is written.
    pub destination: Place,
    /// The columns that its values are made of; none for constants, counters and the like.
    pub sources: Vec<Place>,
    /// What happens on the way, first things first.
    pub through: Vec<Step>,
    /// A component on the way does not say which of its columns it uses: all of them are listed.
    pub possibly_fewer: bool,
}

/// A column outside of the data flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Component that reads or writes it.
    pub component: String,
    /// Connection manager, where the component has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Table, query, file or variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Column.
    pub column: String,
}

/// What a component does with a value on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Component.
    pub component: String,
    /// Expression, or what is done in words.
    pub expression: String,
}
