//! Format 8: attributes, paths as ids, defaults left out.

use super::{FORMAT_8, package, pipeline};
use crate::package::{
    ConstraintValue, DataType, EvalOp, ExecutableKind, TransactionOption, VariableType,
};

#[test]
fn format_8_defaults_are_those_of_the_object_model() {
    let package = package(FORMAT_8);
    assert_eq!(package.version, (3, 0, 0));
    assert_eq!(package.max_concurrent_executables, -1);
    assert_eq!(
        (package.root.maximum_error_count, package.root.locale_id),
        (0, 1033)
    );
    let task = &package.root.executables[0];
    assert_eq!(
        (
            task.maximum_error_count,
            task.locale_id,
            task.isolation_level
        ),
        (1, -1, 1_048_576)
    );
    assert_eq!(task.transaction_option, TransactionOption::Required);
    assert_eq!(task.property_expressions[0].expression, "@[User::n] == 1");
    assert_eq!(task.other_properties.len(), 1);
    assert_eq!(task.other_properties["Odd"], "kept");
    let constraint = &package.root.precedence_constraints[0];
    assert_eq!(
        (constraint.value, constraint.eval_op),
        (ConstraintValue::Success, EvalOp::Constraint)
    );
    assert!(!constraint.logical_and);
    let parameter = &package.parameters[0];
    assert_eq!(
        (parameter.data_type, parameter.value.as_deref()),
        (VariableType::Boolean, Some("-1"))
    );
    assert!(parameter.required && !parameter.sensitive);
}

#[test]
fn escaped_line_breaks_in_attributes_survive_and_literal_ones_do_not() {
    let package = package(FORMAT_8);
    let ExecutableKind::Task(task) = &package.root.executables[0].kind else {
        panic!()
    };
    assert_eq!(task.data.name, "SqlTaskData");
    assert_eq!(
        task.data.attribute("SqlStatementSource"),
        Some("select 1\n-- two three")
    );
}

#[test]
fn format_8_variables() {
    let package = package(FORMAT_8);
    let [n, s, o] = &package.root.variables[..] else {
        panic!()
    };
    assert!(n.evaluate_as_expression);
    assert_eq!(n.expression, "1 + 1");
    assert_eq!(s.value.text, " ");
    assert_eq!(
        (o.value.data_type, o.value.text.as_str()),
        (VariableType::Object, "")
    );
    let propagate = &package.root.event_handlers[0].body.variables[0];
    assert_eq!(
        (propagate.namespace.as_str(), propagate.value.text.as_str()),
        ("System", "0")
    );
}

#[test]
fn format_8_data_flow() {
    let package = package(FORMAT_8);
    let loop_container = &package.root.executables[1];
    let ExecutableKind::ForLoop(for_loop) = &loop_container.kind else {
        panic!()
    };
    assert_eq!(for_loop.eval, "@n < 3");
    let pipeline = pipeline(&loop_container.executables[0]);
    assert!(pipeline.auto_adjust_buffer_size);
    let source = &pipeline.components[0];
    assert_eq!(source.component_type, "Microsoft.DataReaderSourceAdapter");
    assert_eq!(source.property("T"), Some("[a]"));
    let code = source
        .properties
        .iter()
        .find(|property| property.name == "Code")
        .unwrap();
    assert_eq!(code.array, ["x < y", "z"]);
    assert_eq!(source.connections[0].manager_id, "{q}:external");
    let column = &source.outputs[0].columns[0];
    assert_eq!(
        column.data_type,
        DataType::Numeric {
            precision: 9,
            scale: 2
        }
    );
    assert_eq!(column.sort_key_position, -1);
    let input = &pipeline.components[1].inputs[0];
    assert_eq!(
        input.columns[0].data_type,
        Some(DataType::Numeric {
            precision: 9,
            scale: 2
        })
    );
    assert!(input.columns[0].read_write);
    assert_eq!(input.columns[0].lineage_id, column.lineage_id);
    assert!(pipeline.components[1].outputs[1].is_error_output);
}

#[test]
fn format_8_flat_file_columns_without_type_are_fixed_width() {
    let package = package(FORMAT_8);
    let manager = &package.connection_managers[0];
    assert_eq!(manager.properties["HeaderRowDelimiter"], "\r\n");
    assert_eq!(manager.properties["TextQualifier"], "\"");
    let [a, b] = &manager.flat_file_columns[..] else {
        panic!()
    };
    assert!(a.delimited && a.text_qualified && !b.delimited);
    assert_eq!(
        (b.width, b.data_type),
        (
            4,
            DataType::Numeric {
                precision: 9,
                scale: 2
            }
        )
    );
}

#[test]
fn a_filter_without_a_kind_is_one_of_exclusions() {
    let text = FORMAT_8.replace(
        " <DTS:EventHandlers>",
        "<DTS:LoggingOptions DTS:LoggingMode=\"1\"/> <DTS:EventHandlers>",
    );
    assert_eq!(package(&text).root.logging.unwrap().filter_kind, 1);
}
