//! Every component type that runs here: one line each.

use super::cache::CacheTransform;
use super::component::ComponentKind;
use super::database::{
    AdoNetDestination, AdoNetSource, OdbcDestination, OdbcSource, OleDbCommand, OleDbDestination,
    OleDbSource, SqlServerDestination,
};
use super::excel::{ExcelDestination, ExcelSource};
use super::flat_file::{FlatFileDestination, FlatFileSource};
use super::raw_file::{RawFileDestination, RawFileSource};
use super::recordset::RecordsetDestination;
use super::transforms::{
    Aggregate, Audit, CharacterMap, ConditionalSplit, CopyColumn, DataConversion, DerivedColumn,
    Lookup, Merge, MergeJoin, Multicast, PercentageSampling, Pivot, RowCount, RowSampling,
    SlowlyChangingDimension, Sort, UnionAll, Unpivot,
};

/// All kinds. A new component adds its line, in alphabetical order of its type.
static KINDS: &[&dyn ComponentKind] = &[
    &AdoNetDestination,
    &Aggregate,
    &Audit,
    &CacheTransform,
    &CharacterMap,
    &ConditionalSplit,
    &CopyColumn,
    &DataConversion,
    &AdoNetSource,
    &DerivedColumn,
    &ExcelDestination,
    &ExcelSource,
    &FlatFileDestination,
    &FlatFileSource,
    &Lookup,
    &Merge,
    &MergeJoin,
    &Multicast,
    &OleDbCommand,
    &OleDbDestination,
    &OleDbSource,
    &PercentageSampling,
    &Pivot,
    &RawFileDestination,
    &RawFileSource,
    &RecordsetDestination,
    &RowCount,
    &RowSampling,
    &SlowlyChangingDimension,
    &Sort,
    &SqlServerDestination,
    &OdbcDestination,
    &OdbcSource,
    &UnionAll,
    &Unpivot,
];

/// The kind with that canonical type, such as `Microsoft.DerivedColumn`; `None` when it does
/// not run here.
#[must_use]
pub fn kind(component_type: &str) -> Option<&'static dyn ComponentKind> {
    let found = KINDS
        .iter()
        .find(|kind| kind.component_type() == component_type);
    found.copied()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::data_flow::testing::pipelines::{chain, of_type};
    use crate::data_flow::testing::services::{Recorder, services};
    use crate::data_flow::validate;

    /// What packages hold and does not run here: its type, and what people call it.
    const REFUSED: [(&str, &str); 24] = [
        ("Attunity.CdcSourceComponent", "CDC Source"),
        ("Attunity.CdcSplitterComponent", "CDC Splitter"),
        ("AdlsDest", "Azure Data Lake Store Destination"),
        ("AdlsSource", "Azure Data Lake Store Source"),
        ("AzBlobDest", "Azure Blob Destination"),
        ("AzBlobSrc", "Azure Blob Source"),
        ("HdfsDest", "HDFS File Destination"),
        ("HdfsSource", "HDFS File Source"),
        ("Microsoft.BDD", "Balanced Data Distributor"),
        ("Microsoft.DataCorrectionComponent", "DQS Cleansing"),
        (
            "Microsoft.DataStreamingDestinationAdapter",
            "Data Streaming Destination",
        ),
        ("Microsoft.Extractor", "Export Column"),
        ("Microsoft.FuzzyGrouping", "Fuzzy Grouping"),
        ("Microsoft.FuzzyLookup", "Fuzzy Lookup"),
        ("Microsoft.Inserter", "Import Column"),
        ("Microsoft.PXPipelineDMQuery", "Data Mining Query"),
        (
            "Microsoft.PXPipelineProcessDM",
            "Data Mining Model Training Destination",
        ),
        (
            "Microsoft.PXPipelineProcessDimension",
            "Dimension Processing Destination",
        ),
        (
            "Microsoft.PXPipelineProcessPartition",
            "Partition Processing Destination",
        ),
        ("Microsoft.ScriptComponentHost", "Script Component"),
        (
            "Microsoft.SqlServer.Dts.Pipeline.DataReaderDestinationAdapter",
            "DataReader Destination",
        ),
        ("Microsoft.TermExtraction", "Term Extraction"),
        ("Microsoft.TermLookup", "Term Lookup"),
        ("Microsoft.XmlSourceAdapter", "XML Source"),
    ];

    #[test]
    fn what_does_not_run_here_is_refused_by_the_name_that_people_know() {
        let services = services(&Arc::new(Recorder::default()), &Arc::default());
        let third_party = (
            "Martin.SQLServer.Dts.MultipleHash",
            "Martin.SQLServer.Dts.MultipleHash",
        );
        for (component_type, name) in REFUSED.into_iter().chain([third_party]) {
            let mut flow = chain(&["one", "two", "three"]);
            let two = flow.components.remove(1);
            flow.components.insert(1, of_type(component_type, two));
            let problems = validate(&flow, "\\P\\D", &services, false);
            let found = problems
                .iter()
                .find(|it| it.kind == component_type)
                .unwrap();
            assert_eq!((found.code.as_str(), found.is_error()), ("SO5001", true));
            let said = found.message.contains(name) && found.message.contains("`two`");
            assert!(said, "{name}: {}", found.message);
        }
    }
}
