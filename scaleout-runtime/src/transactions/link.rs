//! Which transaction counts at a place: those under way and those left, from the inside outward.

use std::sync::Arc;

use super::transaction::Transaction;

/// A container that began a transaction, or that stays out of the one around it.
#[derive(Clone, Debug)]
pub struct Link {
    /// Package path of the container.
    pub owner: String,
    /// How many packages are around the container's own.
    pub depth: usize,
    /// What it began; `None` where it stays out.
    pub transaction: Option<Arc<Transaction>>,
    /// What counted around it.
    pub outer: Option<Arc<Link>>,
}

impl Link {
    /// What counts for an event handler of the executable at `path`: an event goes up through
    /// containers, and a handler must not work in a transaction that is further in than itself.
    #[must_use]
    pub fn at(link: Option<&Arc<Self>>, path: &str, depth: usize) -> Option<Arc<Self>> {
        let mut at = link;
        while let Some(link) = at {
            let counts = match link.depth.cmp(&depth) {
                std::cmp::Ordering::Less => true,
                std::cmp::Ordering::Equal => is_inside(path, &link.owner),
                std::cmp::Ordering::Greater => false,
            };
            if counts {
                return Some(Arc::clone(link));
            }
            at = link.outer.as_ref();
        }
        None
    }
}

/// Whether `path` is `container` or below it.
fn is_inside(path: &str, container: &str) -> bool {
    let rest = path.strip_prefix(container);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['\\', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(owner: &str, depth: usize, outer: Option<Arc<Link>>) -> Option<Arc<Link>> {
        Some(Arc::new(Link {
            owner: owner.to_owned(),
            depth,
            transaction: None,
            outer,
        }))
    }

    fn owner(link: Option<&Arc<Link>>, path: &str, depth: usize) -> Option<String> {
        Link::at(link, path, depth).map(|link| link.owner.clone())
    }

    #[test]
    fn a_handler_is_in_the_transaction_of_its_own_container_or_further_out() {
        let outer = link(r"\Package\S", 0, None);
        let inner = link(r"\Package\S\T", 0, outer);
        let inner = inner.as_ref();
        let of = |path| owner(inner, path, 0);
        assert_eq!(of(r"\Package\S\T"), Some(r"\Package\S\T".to_owned()));
        assert_eq!(of(r"\Package\S\Two"), Some(r"\Package\S".to_owned()));
        assert_eq!(of(r"\Package\S"), Some(r"\Package\S".to_owned()));
        assert_eq!(of(r"\Package"), None);
    }

    #[test]
    fn a_child_package_is_inside_what_its_parent_began_and_the_parent_not_inside_its_own() {
        let of_parent = link(r"\Package\S", 0, None);
        assert!(owner(of_parent.as_ref(), r"\Package", 1).is_some());
        let of_child = link(r"\Package", 1, of_parent);
        let of = |path, depth| owner(of_child.as_ref(), path, depth);
        assert_eq!(of(r"\Package\S", 0), Some(r"\Package\S".to_owned()));
        assert_eq!(of(r"\Package", 0), None);
    }
}
