//! Finding the nodes that an XPath picks.

use std::collections::HashMap;

use scaleout_core::package::xml::Element;

use super::syntax::{Axis, Condition, Literal, Path, Step, Test, XPath};

/// A document, ready to be searched.
pub struct Document<'d> {
    root: &'d Element,
    /// Places of elements in the order of the document.
    places: HashMap<*const Element, usize>,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Found<'d> {
    /// Elements from the root of the document down; empty for the document itself.
    chain: Vec<&'d Element>,
    part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Itself,
    Attribute(usize),
    Text,
}

/// Where a node is in its document, whoever holds that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of its element in the order of the document; `None` for the document itself.
    element: Option<usize>,
    part: Part,
}

impl Place {
    /// The document itself.
    pub const DOCUMENT: Self = Self {
        element: None,
        part: Part::Itself,
    };
}

impl Found<'_> {
    /// The text of the node and of everything below it.
    #[must_use]
    pub fn text(&self) -> String {
        let Some(element) = self.chain.last() else {
            return String::new();
        };
        match self.part {
            Part::Attribute(at) => element.attributes[at].1.clone(),
            Part::Text => element.text.clone(),
            Part::Itself => {
                let mut text = String::new();
                collect_text(element, &mut text);
                text
            }
        }
    }
}

fn collect_text(element: &Element, text: &mut String) {
    *text += &element.text;
    for child in &element.children {
        collect_text(child, text);
    }
}

impl<'d> Document<'d> {
    /// Prepares a document.
    #[must_use]
    pub fn new(root: &'d Element) -> Self {
        let mut places = HashMap::new();
        number(root, &mut places);
        Self { root, places }
    }

    /// Where a node of this document is.
    #[must_use]
    pub fn place_of(&self, node: &Found<'_>) -> Place {
        Place {
            element: node
                .chain
                .last()
                .and_then(|element| self.number_of(element)),
            part: node.part,
        }
    }

    /// The node at a place of this document.
    #[must_use]
    pub fn at(&self, place: Place) -> Found<'d> {
        let mut chain = Vec::new();
        let mut next = place.element.map(|_| self.root);
        while let Some(element) = next {
            chain.push(element);
            // Numbers rise in the order of the document: the way leads through the last child
            // that is not behind the place.
            let behind = |child: &Element| place.element < self.number_of(child);
            let children = element.children.partition_point(|child| !behind(child));
            let arrived = self.number_of(element) == place.element;
            next = children
                .checked_sub(1)
                .filter(|_| !arrived)
                .map(|at| &element.children[at]);
        }
        Found {
            chain,
            part: place.part,
        }
    }

    /// The places of what stands directly in a node: its text, then its elements.
    #[must_use]
    pub fn inside(&self, place: Place) -> Vec<Place> {
        let node = self.at(place);
        if node.part != Part::Itself {
            return Vec::new();
        }
        let has_text = |own: &&&Element| !own.text.trim().is_empty();
        let text = node.chain.last().filter(has_text).map(|_| Place {
            part: Part::Text,
            ..place
        });
        let below = self.children(&node);
        let below = below.iter().map(|child| self.place_of(child));
        text.into_iter().chain(below).collect()
    }

    fn number_of(&self, element: &Element) -> Option<usize> {
        self.places.get(&std::ptr::from_ref(element)).copied()
    }

    /// The nodes that an expression picks, seen from the document, each once and in its order.
    #[must_use]
    pub fn select(&self, xpath: &XPath) -> Vec<Found<'d>> {
        let document = Found {
            chain: Vec::new(),
            part: Part::Itself,
        };
        self.select_from(xpath, &document)
    }

    /// The same, seen from a node.
    #[must_use]
    pub fn select_from(&self, xpath: &XPath, from: &Found<'d>) -> Vec<Found<'d>> {
        let paths = xpath.paths.iter();
        let mut found: Vec<Found<'d>> = paths.flat_map(|path| self.walk(path, from)).collect();
        self.in_order(&mut found);
        found
    }

    fn in_order(&self, found: &mut Vec<Found<'d>>) {
        let key = |node: &Found<'d>| {
            let element = node
                .chain
                .last()
                .map(|element| std::ptr::from_ref(*element));
            let place = element.and_then(|element| self.places.get(&element));
            (place.copied(), node.part)
        };
        found.sort_by_key(key);
        found.dedup_by_key(|node| key(node));
    }

    fn walk(&self, path: &Path, from: &Found<'d>) -> Vec<Found<'d>> {
        let start = match path.is_absolute {
            true => Found {
                chain: Vec::new(),
                part: Part::Itself,
            },
            false => from.clone(),
        };
        let mut at = vec![start];
        for step in &path.steps {
            let mut next: Vec<Found<'d>> =
                at.iter().flat_map(|node| self.step(step, node)).collect();
            self.in_order(&mut next);
            at = next;
        }
        at
    }

    fn step(&self, step: &Step, from: &Found<'d>) -> Vec<Found<'d>> {
        let mut found = self.along(step, from);
        for condition in &step.predicates {
            let count = found.len();
            let mut place = 0;
            found.retain(|node| {
                place += 1;
                self.holds(condition, node, place, count)
            });
        }
        found
    }

    fn along(&self, step: &Step, from: &Found<'d>) -> Vec<Found<'d>> {
        let part_of = |part: Part| Found {
            chain: from.chain.clone(),
            part,
        };
        match step.axis {
            Axis::Itself => vec![from.clone()],
            Axis::Parent if from.part == Part::Itself => {
                let outer = from.chain.split_last().map(|(_, outer)| outer.to_vec());
                let chain = outer.into_iter();
                chain
                    .map(|chain| Found {
                        chain,
                        part: Part::Itself,
                    })
                    .collect()
            }
            Axis::Parent => vec![part_of(Part::Itself)],
            _ if from.part != Part::Itself => Vec::new(),
            Axis::Attribute => {
                let attributes = from.chain.last().map(|element| &element.attributes);
                let attributes = attributes.into_iter().flatten().enumerate();
                let named = attributes.filter(|(_, (name, _))| match &step.test {
                    Test::Name(wanted) => name == wanted,
                    Test::AnyName | Test::Anything => true,
                    Test::Text => false,
                });
                named.map(|(at, _)| part_of(Part::Attribute(at))).collect()
            }
            Axis::Below => {
                let mut all = Vec::new();
                self.everything(from, &mut all);
                all
            }
            Axis::Child if step.test == Test::Text => {
                let has_text = from.chain.last().is_some_and(|own| !own.text.is_empty());
                has_text.then(|| part_of(Part::Text)).into_iter().collect()
            }
            Axis::Child => {
                let children = self.children(from).into_iter();
                let named = children.filter(|child| match &step.test {
                    Test::Name(wanted) => child.chain.last().is_some_and(|own| own.name == *wanted),
                    _ => true,
                });
                named.collect()
            }
        }
    }

    fn children(&self, from: &Found<'d>) -> Vec<Found<'d>> {
        let own = match from.chain.last() {
            Some(element) => element.children.iter().collect(),
            None => vec![self.root],
        };
        let below = own.into_iter().map(|child| {
            let mut chain = from.chain.clone();
            chain.push(child);
            Found {
                chain,
                part: Part::Itself,
            }
        });
        below.collect()
    }

    fn everything(&self, from: &Found<'d>, all: &mut Vec<Found<'d>>) {
        all.push(from.clone());
        for child in self.children(from) {
            self.everything(&child, all);
        }
    }

    fn holds(&self, condition: &Condition, node: &Found<'d>, place: usize, count: usize) -> bool {
        let any = |path: &Path, wanted: &dyn Fn(&str) -> bool| {
            let mut found = self.walk(path, node).into_iter();
            found.any(|one| wanted(&one.text()))
        };
        let inner = |condition: &Condition| self.holds(condition, node, place, count);
        match condition {
            Condition::Position(comparison, wanted) => {
                let place = u32::try_from(place).map_or(f64::INFINITY, f64::from);
                comparison.holds(place.partial_cmp(wanted))
            }
            Condition::Last => place == count,
            Condition::Exists(path) => !self.walk(path, node).is_empty(),
            Condition::Compare(path, comparison, Literal::Text(wanted)) => {
                any(path, &|text| comparison.holds(Some(text.cmp(wanted))))
            }
            Condition::Compare(path, comparison, Literal::Number(wanted)) => any(path, &|text| {
                let number = text.trim().parse::<f64>().ok();
                comparison.holds(number.and_then(|number| number.partial_cmp(wanted)))
            }),
            Condition::Contains(path, wanted) => any(path, &|text| text.contains(wanted)),
            Condition::StartsWith(path, wanted) => any(path, &|text| text.starts_with(wanted)),
            Condition::Not(condition) => !inner(condition),
            Condition::And(left, right) => inner(left) && inner(right),
            Condition::Or(left, right) => inner(left) || inner(right),
        }
    }
}

fn number(element: &Element, places: &mut HashMap<*const Element, usize>) {
    places.insert(std::ptr::from_ref(element), places.len());
    for child in &element.children {
        number(child, places);
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::package::xml;

    use super::*;

    const ORDERS: &str = r#"<o:orders xmlns:o="urn:o"><order id="1" state="new"><line>a</line><line>b</line></order>
        <order id="2"><line price="7">c</line></order><note>see <b>this</b></note></o:orders>"#;

    fn picked(xpath: &str) -> Vec<String> {
        let root = xml::read(ORDERS.as_bytes(), "orders.xml").unwrap();
        let document = Document::new(&root);
        let xpath = XPath::parse(xpath).unwrap();
        document
            .select(&xpath)
            .iter()
            .map(|found| found.text().trim().to_owned())
            .collect()
    }

    #[test]
    fn paths_pick_elements_attributes_and_text() {
        assert_eq!(picked("/orders/order/line"), ["a", "b", "c"]);
        assert_eq!(picked("//line"), ["a", "b", "c"]);
        assert_eq!(picked("/o:orders/order/@id"), ["1", "2"]);
        assert_eq!(picked("//order/@*"), ["1", "new", "2"]);
        assert_eq!(picked("/*/note"), ["see this"]);
        assert_eq!(picked("//note/text()"), ["see"]);
        assert_eq!(picked("//line/../@id"), ["1", "2"]);
        assert_eq!(picked("/orders/./order[2]/line"), ["c"]);
        assert_eq!(picked("//nothing"), [""; 0]);
    }

    #[test]
    fn predicates_choose() {
        assert_eq!(picked("//order[@id='2']/line"), ["c"]);
        assert_eq!(picked("//order[@id=2]/line"), ["c"]);
        assert_eq!(picked("//line[1]"), ["a", "c"]);
        assert_eq!(picked("//order[1]/line[last()]"), ["b"]);
        assert_eq!(picked("//line[position() > 1]"), ["b"]);
        assert_eq!(picked("//order[@state]/@id"), ["1"]);
        assert_eq!(picked("//order[not(@state)]/@id"), ["2"]);
        assert_eq!(picked("//order[line = 'b' and @state]/@id"), ["1"]);
        assert_eq!(picked("//order[line='x' or line/@price > 6]/@id"), ["2"]);
        assert_eq!(
            picked("//*[starts-with(., 'se')][contains(., 'thi')]/b"),
            ["this"]
        );
    }

    #[test]
    fn a_union_is_in_the_order_of_the_document_and_each_node_once() {
        assert_eq!(
            picked("//note | //line | //line[1]"),
            ["a", "b", "c", "see this"]
        );
    }

    #[test]
    fn what_is_not_understood_names_its_place() {
        for (text, at) in [
            ("//order[", 9),
            ("//order[@id='1]", 13),
            ("/a/following::b", 13),
            ("count(//a)", 7),
            ("", 1),
            ("//a b", 5),
        ] {
            let error = XPath::parse(text).unwrap_err();
            assert_eq!(error.at, at, "{error}");
        }
        let nested = "a[".repeat(10_000);
        assert!(XPath::parse(&nested).is_err());
    }
}
