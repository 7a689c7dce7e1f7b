//! Lineage as a mermaid flowchart: components as boxes, columns inside, arrows with expressions.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::model::{PackageLineage, Place};

/// One chart of all packages.
#[must_use]
pub fn mermaid(packages: &[PackageLineage]) -> String {
    let mut chart = Chart::default();
    let mut text = String::from("flowchart LR\n");
    let mut arrows = String::new();
    for package in packages {
        for task in &package.tasks {
            let scope = format!("{}{}", package.package, task.path);
            for column in &task.columns {
                let to = chart.node(&scope, &column.destination);
                let steps = column.through.iter().map(|step| step.expression.as_str());
                let label = steps.collect::<Vec<_>>().join(" → ");
                let dashed = column.possibly_fewer;
                if column.sources.is_empty() {
                    let from = chart.constant(&label);
                    push_arrow(&mut arrows, &from, &to, "", dashed);
                }
                for source in &column.sources {
                    let from = chart.node(&scope, source);
                    push_arrow(&mut arrows, &from, &to, &label, dashed);
                }
            }
        }
    }
    text.push_str(&chart.boxes());
    text.push_str(&arrows);
    text
}

/// The boxes so far.
#[derive(Default)]
struct Chart {
    /// For each box, what it is called and its columns with their node ids.
    boxes: BTreeMap<String, (String, Vec<(String, String)>)>,
    constants: Vec<String>,
    nodes: usize,
}

impl Chart {
    fn node(&mut self, scope: &str, place: &Place) -> String {
        let object = place.object.as_deref().unwrap_or_default();
        let key = format!("{scope}\n{}\n{object}", place.component);
        let title = match object {
            "" => place.component.clone(),
            object => format!("{}: {object}", place.component),
        };
        let (_, columns) = self.boxes.entry(key).or_insert((title, Vec::new()));
        if let Some((_, id)) = columns.iter().find(|(name, _)| *name == place.column) {
            return id.clone();
        }
        self.nodes += 1;
        let id = format!("c{}", self.nodes);
        columns.push((place.column.clone(), id.clone()));
        id
    }

    fn constant(&mut self, label: &str) -> String {
        self.nodes += 1;
        let id = format!("c{}", self.nodes);
        let shown = if label.is_empty() {
            "(no column)"
        } else {
            label
        };
        self.constants
            .push(format!("  {id}([\"{}\"])\n", escaped(shown)));
        id
    }

    fn boxes(&self) -> String {
        let mut text = String::new();
        for (number, (title, columns)) in self.boxes.values().enumerate() {
            line(
                &mut text,
                format_args!("  subgraph b{number}[\"{}\"]", escaped(title)),
            );
            for (name, id) in columns {
                line(&mut text, format_args!("    {id}[\"{}\"]", escaped(name)));
            }
            text.push_str("  end\n");
        }
        text + &self.constants.concat()
    }
}

fn push_arrow(text: &mut String, from: &str, to: &str, label: &str, dashed: bool) {
    let arrow = if dashed { "-.->" } else { "-->" };
    match label {
        "" => line(text, format_args!("  {from} {arrow} {to}")),
        label => line(
            text,
            format_args!("  {from} {arrow}|\"{}\"| {to}", escaped(label)),
        ),
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    writeln!(text, "{content}").expect("writing to a string does not fail");
}

/// Quotes end a label in mermaid, and line ends a line.
fn escaped(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('#', "&#35;")
}
