//! The column map of a data flow: which number stands for which column, and which column of an
//! input is which column of an output.
//!
//! A data flow logs it as `DiagnosticEx`, so that the number in an `ErrorColumn` can be looked up
//! ("Error Handling in Data") and lineage can be followed.

use std::fmt::Write;

use scaleout_core::package::pipeline::Pipeline;

use super::lineage::LineageNumbers;

/// The map as XML without any blanks between elements.
///
/// An output column has the number that `ErrorColumn` carries. A column of an input has a number
/// of its own, and `DTS:LineageID` with the number of the output column that it reads, which the
/// original leaves out.
#[must_use]
pub fn xml(pipeline: &Pipeline, task_path: &str, numbers: &LineageNumbers) -> String {
    let mut text = format!(
        r#"<DTS:PipelineColumnMap xmlns:DTS="www.microsoft.com/SqlServer/Dts"><DTS:Pipeline DTS:Path="{}">"#,
        escaped(task_path)
    );
    let mut next = numbers.highest();
    for component in &pipeline.components {
        for input in &component.inputs {
            for column in &input.columns {
                next = next.saturating_add(1);
                let place = format!("{}.Inputs[{}]", component.name, input.name);
                let lineage = format!(r#" DTS:LineageID="{}""#, numbers.number(&column.lineage_id));
                push_column(&mut text, next, &place, &column.name, &lineage);
            }
        }
        for output in &component.outputs {
            for column in &output.columns {
                let number = numbers.number(&column.lineage_id);
                let place = format!("{}.Outputs[{}]", component.name, output.name);
                push_column(&mut text, number, &place, &column.name, "");
            }
        }
    }
    text.push_str("</DTS:Pipeline></DTS:PipelineColumnMap>");
    text
}

fn push_column(text: &mut String, number: i32, place: &str, name: &str, more: &str) {
    let identification = escaped(&format!("{place}.Columns[{name}]"));
    let column = format_args!(
        r#"<DTS:Column DTS:ID="{number}" DTS:IdentificationString="{identification}"{more}/>"#
    );
    text.write_fmt(column)
        .expect("writing to a string does not fail");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::testing::pipelines::chain;
    use super::*;

    #[test]
    fn each_column_has_its_number_and_an_input_column_its_origin() {
        let flow = chain(&["a<b", "sink"]);
        let origin = &flow.components[0].outputs[0].columns[0];
        let numbers = LineageNumbers::of(&flow);
        let number = numbers.number(&origin.lineage_id);
        let (name, after) = (&origin.name, numbers.highest() + 1);
        let map = xml(&flow, r"\Package\Load", &numbers);
        assert!(map.starts_with("<DTS:PipelineColumnMap "), "{map}");
        assert!(map.contains(r#"<DTS:Pipeline DTS:Path="\Package\Load">"#));
        let written = format!(
            r#"<DTS:Column DTS:ID="{number}" DTS:IdentificationString="a&lt;b.Outputs[out].Columns[{name}]"/>"#
        );
        assert!(map.contains(&written), "{written} in {map}");
        let read = format!(
            r#"<DTS:Column DTS:ID="{after}" DTS:IdentificationString="sink.Inputs[input].Columns[{name}]" DTS:LineageID="{number}"/>"#
        );
        assert!(map.contains(&read), "{read} in {map}");
    }
}
