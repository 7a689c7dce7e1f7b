//! The package as indented lines.

use super::contents::{ComponentLine, Contents, Node};

/// A line of the tree: what it says, and what stands below it.
struct Branch {
    text: String,
    below: Vec<Branch>,
}

impl Branch {
    fn leaf(text: String) -> Self {
        Self {
            text,
            below: Vec::new(),
        }
    }
}

/// All lines.
pub fn lines(contents: &Contents) -> Vec<String> {
    let mut lines = vec![format!(
        "{} (project {}, format {}, version {}, {})",
        contents.package,
        contents.project,
        contents.format_version,
        contents.version,
        contents.protection_level
    )];
    let mut sections = Vec::new();
    if !contents.parameters.is_empty() {
        let parameters = contents.parameters.iter().map(|one| {
            let value = match (&one.value, one.sensitive) {
                (_, true) => " (secret)".to_owned(),
                (Some(value), false) => format!(" = {value}"),
                (None, false) => String::new(),
            };
            let required = if one.required { ", required" } else { "" };
            Branch::leaf(format!("{}: {}{required}{value}", one.name, one.data_type))
        });
        sections.push(Branch {
            text: "parameters".to_owned(),
            below: parameters.collect(),
        });
    }
    if !contents.connections.is_empty() {
        let connections = contents.connections.iter().map(|one| Branch {
            text: format!(
                "{}: {} ({}) {}",
                one.name, one.kind, one.owner, one.connection_string
            ),
            below: expressions(&one.expressions),
        });
        sections.push(Branch {
            text: "connections".to_owned(),
            below: connections.collect(),
        });
    }
    sections.push(branch(&contents.root));
    draw(&sections, "", &mut lines);
    lines
}

fn expressions(of: &[String]) -> Vec<Branch> {
    of.iter()
        .map(|one| Branch::leaf(format!("expression {one}")))
        .collect()
}

fn branch(node: &Node) -> Branch {
    let mut text = format!("{}: {}", node.name, node.kind);
    if node.disabled {
        text.push_str(" [disabled]");
    }
    if !node.runs_here {
        text.push_str(" [does not run here]");
    }
    let mut below = Vec::new();
    if !node.variables.is_empty() {
        below.push(Branch::leaf(format!(
            "variables {}",
            node.variables.join(", ")
        )));
    }
    below.extend(expressions(&node.expressions));
    below.extend(node.components.iter().map(component));
    for child in &node.children {
        let mut child_branch = branch(child);
        let waits = node
            .constraints
            .iter()
            .filter(|one| one.to_path == child.path);
        let waits: Vec<String> = waits
            .map(|one| format!("{} {}", one.from, one.condition))
            .collect();
        if !waits.is_empty() {
            let or = node
                .constraints
                .iter()
                .any(|one| one.to_path == child.path && one.or);
            let between = if or { " or " } else { " and " };
            child_branch.text = format!("{} <- {}", child_branch.text, waits.join(between));
        }
        below.push(child_branch);
    }
    for handler in &node.event_handlers {
        let mut inner = branch(&handler.body);
        inner.text = format!("on {}", handler.event);
        below.push(inner);
    }
    Branch { text, below }
}

fn component(one: &ComponentLine) -> Branch {
    let to = match one.to.is_empty() {
        true => String::new(),
        false => format!(" -> {}", one.to.join(", ")),
    };
    Branch::leaf(format!("{}: {}{to}", one.name, one.kind))
}

fn draw(branches: &[Branch], indent: &str, lines: &mut Vec<String>) {
    for (at, branch) in branches.iter().enumerate() {
        let last = at + 1 == branches.len();
        let (own, below) = match last {
            true => ("└─ ", "   "),
            false => ("├─ ", "│  "),
        };
        // A name may hold line ends; a tree has one line for each thing.
        let text = branch.text.split_whitespace().collect::<Vec<_>>().join(" ");
        lines.push(format!("{indent}{own}{text}"));
        draw(&branch.below, &format!("{indent}{below}"), lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_are_drawn_with_their_lines() {
        let inner = Branch {
            text: "b\n  c".to_owned(),
            below: vec![Branch::leaf("d".to_owned())],
        };
        let all = [inner, Branch::leaf("e".to_owned())];
        let mut lines = Vec::new();
        draw(&all, "", &mut lines);
        assert_eq!(lines, ["├─ b c", "│  └─ d", "└─ e"]);
    }
}
