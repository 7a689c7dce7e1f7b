//! The control flow as a flowchart in Mermaid's words.

use std::fmt::Write;

use super::contents::{ConstraintLine, Contents, Node};

/// The whole diagram.
pub fn text(contents: &Contents) -> String {
    let mut drawing = Drawing {
        text: "flowchart TD\n".to_owned(),
        known: Vec::new(),
    };
    let root = &contents.root;
    drawing.inside(root, 1);
    for handler in &root.event_handlers {
        drawing.handler(&root.name, &handler.event, &handler.body, 1);
    }
    drawing.text
}

struct Drawing {
    text: String,
    /// Paths, whose places are the names of their nodes.
    known: Vec<String>,
}

impl Drawing {
    fn line(&mut self, depth: usize, text: &str) {
        let indent = "  ".repeat(depth);
        // Writing to a String does not fail.
        let _written = writeln!(self.text, "{indent}{text}");
    }

    /// The name of a node in the diagram.
    fn id(&mut self, path: &str) -> String {
        let at = match self.known.iter().position(|known| known == path) {
            Some(at) => at,
            None => {
                self.known.push(path.to_owned());
                self.known.len() - 1
            }
        };
        format!("n{at}")
    }

    /// Children and what is between them.
    fn inside(&mut self, node: &Node, depth: usize) {
        for child in &node.children {
            self.node(child, depth);
        }
        for constraint in &node.constraints {
            self.edge(constraint, depth);
        }
    }

    fn node(&mut self, node: &Node, depth: usize) {
        let id = self.id(&node.path);
        let state = match (node.disabled, node.runs_here) {
            (true, _) => " (disabled)",
            (false, false) => " (does not run here)",
            (false, true) => "",
        };
        let title = escaped(&format!("{}: {}{state}", node.name, node.kind));
        if node.children.is_empty() {
            self.line(depth, &format!("{id}[\"{title}\"]"));
        } else {
            self.line(depth, &format!("subgraph {id}[\"{title}\"]"));
            self.inside(node, depth + 1);
            self.line(depth, "end");
        }
        for handler in &node.event_handlers {
            self.handler(&node.name, &handler.event, &handler.body, depth);
        }
    }

    fn handler(&mut self, owner: &str, event: &str, body: &Node, depth: usize) {
        let id = self.id(&format!("{}@{event}", body.path));
        let title = escaped(&format!("on {event} of {owner}"));
        self.line(depth, &format!("subgraph {id}[\"{title}\"]"));
        self.inside(body, depth + 1);
        self.line(depth, "end");
    }

    fn edge(&mut self, constraint: &ConstraintLine, depth: usize) {
        let from = self.id(&constraint.from_path);
        let to = self.id(&constraint.to_path);
        let arrow = match constraint.or {
            true => "-.->",
            false => "-->",
        };
        let line = match constraint.condition.as_str() {
            "success" => format!("{from} {arrow} {to}"),
            condition => format!("{from} {arrow}|\"{}\"| {to}", escaped(condition)),
        };
        self.line(depth, &line);
    }
}

/// Text between quotes: signs that Mermaid would read are written as entities.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
    {
        match letter {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_mermaid_are_written_as_entities() {
        assert_eq!(
            escaped("a \"b\"\n<c> #1"),
            "a #quot;b#quot; #lt;c#gt; #35;1"
        );
    }
}
