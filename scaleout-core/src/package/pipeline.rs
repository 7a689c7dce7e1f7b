//! The data flow part of a package: components, ports, columns, paths.

use super::DataType;

/// The `pipeline` element of a Data Flow task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipeline {
    /// `defaultBufferMaxRows`; 10,000 when absent.
    pub default_buffer_max_rows: u32,
    /// `defaultBufferSize` in bytes; 10,485,760 when absent.
    pub default_buffer_size: u64,
    /// `engineThreads`; 10 when absent.
    pub engine_threads: u32,
    /// `runInOptimizedMode`; true when absent.
    pub run_in_optimized_mode: bool,
    /// `autoAdjustBufferSize`; false when absent.
    pub auto_adjust_buffer_size: bool,
    /// Components, in file order.
    pub components: Vec<Component>,
    /// Paths, in file order.
    pub paths: Vec<Path>,
}

/// Connects an output to an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Reference or id of the path.
    pub ref_id: String,
    /// Name.
    pub name: String,
    /// `startId`: the [`Output::id`].
    pub start: String,
    /// `endId`: the [`Input::id`].
    pub end: String,
}

/// A data flow component.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// `refId`, or the numeric `id` of formats 2 and 3.
    pub id: String,
    /// Name.
    pub name: String,
    /// `componentClassID` exactly as written.
    pub class_id: String,
    /// Canonical type, such as `Microsoft.FlatFileSource`, `Microsoft.DataReaderSourceAdapter`
    /// (ADO NET source) or, for a hosted third-party component, its type name up to the
    /// first comma. Unknown class ids stay as written.
    pub component_type: String,
    /// Line of its element in the file.
    pub line: u32,
    /// `usesDispositions`.
    pub uses_dispositions: bool,
    /// `validateExternalMetadata`; true when absent.
    pub validate_external_metadata: bool,
    /// `localeId`; -1 when absent.
    pub locale_id: i32,
    /// `version`.
    pub version: u32,
    /// Custom properties.
    pub properties: Vec<Property>,
    /// Connections.
    pub connections: Vec<ComponentConnection>,
    /// Inputs, in file order.
    pub inputs: Vec<Input>,
    /// Outputs, in file order.
    pub outputs: Vec<Output>,
}

impl Component {
    /// Text of a custom property, `None` when it is absent.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        property(&self.properties, name)
    }
}

/// Text of a custom property in a list.
#[must_use]
pub fn property<'a>(properties: &'a [Property], name: &str) -> Option<&'a str> {
    let found = properties.iter().find(|property| property.name == name);
    found.map(|property| property.value.as_str())
}

/// A custom property of a component, port or column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Property {
    /// Name.
    pub name: String,
    /// Text, entities decoded.
    pub value: String,
    /// Elements of an array property.
    pub array: Vec<String>,
    /// `containsID`: the text holds lineage references.
    pub contains_id: bool,
    /// `expressionType="Notify"`: may be set by a property expression.
    pub expression_allowed: bool,
}

/// A connection that a component uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentConnection {
    /// Role name inside the component, such as `OleDbConnection`.
    pub name: String,
    /// `connectionManagerID` as written: refId, `{GUID}`, `{GUID}:external`, `{GUID}:invalid`, or a name.
    pub manager_id: String,
    /// `connectionManagerRefId`; empty when absent.
    pub manager_ref_id: String,
}

/// What happens to a row with an error or a truncation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Disposition {
    /// Absent or `NotUsed`.
    #[default]
    NotUsed,
    /// `IgnoreFailure`
    IgnoreFailure,
    /// `FailComponent`
    FailComponent,
    /// `RedirectRow`
    RedirectRow,
}

/// An input of a component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    /// `refId` or numeric id.
    pub id: String,
    /// Name (localised: never key on it).
    pub name: String,
    /// `hasSideEffects`.
    pub has_side_effects: bool,
    /// `errorRowDisposition` of the input.
    pub error_row_disposition: Disposition,
    /// `truncationRowDisposition` of the input.
    pub truncation_row_disposition: Disposition,
    /// Custom properties.
    pub properties: Vec<Property>,
    /// Columns the component uses.
    pub columns: Vec<InputColumn>,
    /// External metadata columns: what the destination looks like.
    pub external_columns: Vec<ExternalColumn>,
}

/// A column that an input uses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputColumn {
    /// `refId` or numeric id.
    pub id: String,
    /// `lineageId`: which output column it is.
    pub lineage_id: String,
    /// `cachedName` (or `name`).
    pub name: String,
    /// Type as cached at design time, if the file says.
    pub data_type: Option<DataType>,
    /// `usageType="readWrite"`: changed in place.
    pub read_write: bool,
    /// `externalMetadataColumnId`: the [`ExternalColumn::id`] it maps to; empty when none.
    pub external_id: String,
    /// `errorRowDisposition`
    pub error_row_disposition: Disposition,
    /// `truncationRowDisposition`
    pub truncation_row_disposition: Disposition,
    /// `cachedSortKeyPosition` or `sortKeyPosition`
    pub sort_key_position: i32,
    /// Custom properties.
    pub properties: Vec<Property>,
}

/// An output of a component.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// `refId` or numeric id.
    pub id: String,
    /// Name (localised: never key on it).
    pub name: String,
    /// `isErrorOut`.
    pub is_error_output: bool,
    /// `synchronousInputId`; empty means asynchronous.
    pub synchronous_input_id: String,
    /// `exclusionGroup`.
    pub exclusion_group: i32,
    /// `isSorted`.
    pub is_sorted: bool,
    /// `errorRowDisposition` of the output.
    pub error_row_disposition: Disposition,
    /// `truncationRowDisposition` of the output.
    pub truncation_row_disposition: Disposition,
    /// Custom properties.
    pub properties: Vec<Property>,
    /// Columns.
    pub columns: Vec<OutputColumn>,
    /// External metadata columns: what the source looks like.
    pub external_columns: Vec<ExternalColumn>,
}

/// A column of an output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputColumn {
    /// `refId` or numeric id.
    pub id: String,
    /// `lineageId` (the `id` where absent): an opaque key, never split it.
    pub lineage_id: String,
    /// Name.
    pub name: String,
    /// Type.
    pub data_type: DataType,
    /// `sortKeyPosition`: 0 none, negative descending.
    pub sort_key_position: i32,
    /// `comparisonFlags`.
    pub comparison_flags: u32,
    /// `specialFlags`: 1 ErrorCode, 2 ErrorColumn.
    pub special_flags: u8,
    /// `errorRowDisposition`
    pub error_row_disposition: Disposition,
    /// `truncationRowDisposition`
    pub truncation_row_disposition: Disposition,
    /// `externalMetadataColumnId`; empty when none.
    pub external_id: String,
    /// Custom properties.
    pub properties: Vec<Property>,
}

/// A column as the outside has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalColumn {
    /// `refId` or numeric id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Type, if the file says one.
    pub data_type: Option<DataType>,
    /// Custom properties.
    pub properties: Vec<Property>,
}
