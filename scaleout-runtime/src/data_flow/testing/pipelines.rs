//! Small pipelines, written by hand.

use scaleout_core::package::DataType;
use scaleout_core::package::pipeline::{
    Component, Disposition, Input, InputColumn, Output, OutputColumn, Path, Pipeline, Property,
};

/// A pipeline with the defaults of a file that says nothing.
pub fn pipeline(components: Vec<Component>, paths: Vec<Path>) -> Pipeline {
    Pipeline {
        default_buffer_max_rows: 10_000,
        default_buffer_size: 10_485_760,
        engine_threads: 10,
        run_in_optimized_mode: true,
        auto_adjust_buffer_size: false,
        components,
        paths,
    }
}

/// A component whose id, name and type are `name`.
pub fn component(name: &str, outputs: Vec<Output>) -> Component {
    Component {
        id: name.to_owned(),
        name: name.to_owned(),
        class_id: name.to_owned(),
        component_type: name.to_owned(),
        line: 1,
        uses_dispositions: false,
        validate_external_metadata: true,
        locale_id: 1033,
        version: 0,
        properties: Vec::new(),
        connections: Vec::new(),
        inputs: Vec::new(),
        outputs,
    }
}

/// The component with an input `<name>.in` and the type given.
pub fn of_type(component_type: &str, component: Component) -> Component {
    Component {
        component_type: component_type.to_owned(),
        ..component
    }
}

/// The component with one more input: `<name>.in`, then `<name>.in2`, ….
pub fn with_input(mut component: Component) -> Component {
    let number = component.inputs.len();
    let suffix = if number == 0 {
        String::new()
    } else {
        (number + 1).to_string()
    };
    component.inputs.push(Input {
        id: format!("{}.in{suffix}", component.name),
        name: format!("input{suffix}"),
        ..Input::default()
    });
    component
}

/// An output `<component>.out` without columns.
pub fn output(component: &str, synchronous_with: &str) -> Output {
    named_output(component, "out", synchronous_with)
}

/// An output `<component>.<name>` without columns.
pub fn named_output(component: &str, name: &str, synchronous_with: &str) -> Output {
    Output {
        id: format!("{component}.{name}"),
        name: name.to_owned(),
        synchronous_input_id: synchronous_with.to_owned(),
        ..Output::default()
    }
}

/// The error output `<component>.error` of a synchronous component.
pub fn error_output(component: &str, synchronous_with: &str) -> Output {
    let mut code = column(&format!("{component}.ErrorCode"), DataType::I4);
    code.special_flags = 1;
    let mut error_column = column(&format!("{component}.ErrorColumn"), DataType::I4);
    error_column.special_flags = 2;
    Output {
        is_error_output: true,
        exclusion_group: 1,
        columns: vec![code, error_column],
        ..named_output(component, "error", synchronous_with)
    }
}

/// An output column whose lineage id is given; its name is what follows the last dot.
pub fn column(lineage_id: &str, data_type: DataType) -> OutputColumn {
    OutputColumn {
        id: lineage_id.to_owned(),
        lineage_id: lineage_id.to_owned(),
        name: lineage_id
            .rsplit('.')
            .next()
            .unwrap_or(lineage_id)
            .to_owned(),
        data_type,
        sort_key_position: 0,
        comparison_flags: 0,
        special_flags: 0,
        error_row_disposition: Disposition::NotUsed,
        truncation_row_disposition: Disposition::NotUsed,
        external_id: String::new(),
        properties: Vec::new(),
    }
}

/// An input column that reads a lineage id.
pub fn reads(lineage_id: &str) -> InputColumn {
    InputColumn {
        id: format!("reads {lineage_id}"),
        lineage_id: lineage_id.to_owned(),
        name: lineage_id
            .rsplit('.')
            .next()
            .unwrap_or(lineage_id)
            .to_owned(),
        ..InputColumn::default()
    }
}

/// A custom property.
pub fn property(name: &str, value: &str) -> Property {
    Property {
        name: name.to_owned(),
        value: value.to_owned(),
        ..Property::default()
    }
}

/// A path from an output to an input, by id.
pub fn path(start: &str, end: &str) -> Path {
    Path {
        ref_id: format!("{start}>{end}"),
        name: format!("{start}>{end}"),
        start: start.to_owned(),
        end: end.to_owned(),
    }
}

/// A source with one `DT_I4` column `<name>.c`.
pub fn source(name: &str) -> Component {
    let mut out = output(name, "");
    out.columns.push(column(&format!("{name}.c"), DataType::I4));
    component(name, vec![out])
}

/// A synchronous component with one input and one output.
pub fn middle(name: &str) -> Component {
    with_input(component(name, vec![output(name, &format!("{name}.in"))]))
}

/// A destination that reads the lineage ids.
pub fn sink(name: &str, lineage_ids: &[&str]) -> Component {
    let mut sink = with_input(component(name, Vec::new()));
    sink.inputs[0].columns = lineage_ids.iter().map(|id| reads(id)).collect();
    sink
}

/// Source, synchronous components, destination, in a row; all read the source's column.
pub fn chain(names: &[&str]) -> Pipeline {
    let (first, last) = (names[0], names[names.len() - 1]);
    let mut components = vec![source(first)];
    components.extend(names[1..names.len() - 1].iter().map(|name| middle(name)));
    components.push(sink(last, &[&format!("{first}.c")]));
    let paths = names
        .windows(2)
        .map(|pair| path(&format!("{}.out", pair[0]), &format!("{}.in", pair[1])))
        .collect();
    pipeline(components, paths)
}
