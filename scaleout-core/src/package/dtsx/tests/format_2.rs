//! Format 2: everything in child elements, numeric ids.

use super::{FORMAT_2, package, pipeline};
use crate::package::pipeline::Disposition;
use crate::package::{
    ConstraintValue, DataType, EvalOp, ExecutableKind, ForcedResult, VariableType,
};

#[test]
fn format_2_keeps_properties_in_children() {
    let package = package(FORMAT_2);
    assert_eq!(
        (package.format_version, package.root.name.as_str()),
        (2, "demo")
    );
    assert!(package.configurations_enabled);
    assert_eq!(package.configurations[0].configuration_type, 2);
    assert_eq!(package.root.other_properties["SaveCheckpoints"], "0");
    let variable = &package.root.variables[0];
    assert!(variable.read_only && !variable.evaluate_as_expression);
    assert_eq!(
        (variable.value.data_type, variable.value.text.as_str()),
        (VariableType::Int32, "7")
    );
    let logging = package.root.logging.as_ref().unwrap();
    assert_eq!((logging.mode, logging.filter_kind), (1, 0));
    assert_eq!(
        (&logging.events[..], &logging.providers[..]),
        (&["OnError".to_owned()][..], &["{log}".to_owned()][..])
    );
}

#[test]
fn format_2_makes_paths_from_names_and_resolves_references() {
    let package = package(FORMAT_2);
    let paths: Vec<&str> = package
        .root
        .executables
        .iter()
        .map(|child| child.ref_id.as_str())
        .collect();
    assert_eq!(paths, ["Package\\A", "Package\\B"]);
    assert!(package.root.executables[0].disabled);
    let constraint = &package.root.precedence_constraints[0];
    assert_eq!(
        (constraint.from.as_str(), constraint.to.as_str()),
        ("Package\\A", "Package\\B")
    );
    assert_eq!(
        (constraint.value, constraint.eval_op),
        (ConstraintValue::Failure, EvalOp::ExpressionAndConstraint)
    );
    assert!(constraint.logical_and);
    assert_eq!(constraint.expression, "@n > 0");
    let handler = &package.root.event_handlers[0];
    assert_eq!(handler.body.ref_id, "Package.EventHandlers[OnError]");
    assert_eq!(
        handler.body.executables[0].ref_id,
        "Package.EventHandlers[OnError]\\Log"
    );
}

#[test]
fn format_2_foreach_and_data_flow() {
    let package = package(FORMAT_2);
    let loop_container = &package.root.executables[1];
    let ExecutableKind::ForeachLoop(foreach) = &loop_container.kind else {
        panic!()
    };
    assert_eq!(foreach.enumerator, "Microsoft.ForEachFileEnumerator");
    assert_eq!(foreach.data.children[0].attribute("Folder"), Some("C:\\in"));
    assert_eq!(foreach.property_expressions[0].property, "Directory");
    assert_eq!(foreach.variable_mappings, [("User::n".to_owned(), 1)]);
    let task = &loop_container.executables[0];
    assert_eq!(task.force_execution_result, ForcedResult::None);
    assert_eq!(task.forced_execution_value.as_ref().unwrap().text, "5");
    let pipeline = pipeline(task);
    assert_eq!(
        (pipeline.default_buffer_max_rows, pipeline.engine_threads),
        (500, 5)
    );
    assert!(pipeline.run_in_optimized_mode);
    let source = &pipeline.components[0];
    assert_eq!(
        (source.id.as_str(), source.component_type.as_str()),
        ("1", "Microsoft.OLEDBSource")
    );
    let output = &source.outputs[0];
    assert_eq!(output.synchronous_input_id, "");
    let column = &output.columns[0];
    assert_eq!(
        column.data_type,
        DataType::Str {
            length: 10,
            code_page: 1252
        }
    );
    assert_eq!(
        (column.error_row_disposition, column.external_id.as_str()),
        (Disposition::RedirectRow, "")
    );
    assert_eq!(pipeline.components[1].component_type, "Contoso.Sink");
    assert_eq!(pipeline.paths[0].end, pipeline.components[1].inputs[0].id);
}

#[test]
fn format_2_flat_file_has_no_qualifier_where_it_says_none() {
    let package = package(FORMAT_2);
    let manager = &package.connection_managers[0];
    assert_eq!(manager.ref_id, "Package.ConnectionManagers[F]");
    assert_eq!(manager.properties["TextQualifier"], "");
    let column = &manager.flat_file_columns[0];
    assert_eq!(
        (
            column.delimiter.as_str(),
            column.delimited,
            column.text_qualified
        ),
        ("\r\n", true, false)
    );
    assert_eq!(
        column.data_type,
        DataType::Str {
            length: 20,
            code_page: 1250
        }
    );
}
