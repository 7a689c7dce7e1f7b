//! How many executions of one package, or with one key, may run at once.
//!
//! Of all executions of a package the lowest cap counts: that of the one that waits and those of
//! the ones that run. So what was started to run alone stays alone, whoever starts another one
//! without a cap. The same holds for keys.

use std::collections::HashMap;

use super::snapshot::{HeldExecution, PendingExecution};

/// The caps of one execution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// Most executions of its package at once (`PACKAGE_LIMIT`).
    pub package_limit: Option<u32>,
    /// What it shares with others (`CONCURRENCY_KEY`).
    pub key: Option<KeyCap>,
}

/// A key and how many may hold it at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCap {
    /// `CONCURRENCY_KEY`, as written.
    pub key: String,
    /// `CONCURRENCY_LIMIT`
    pub limit: u32,
}

/// A cap that keeps an execution from starting, and who uses it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CapReached {
    /// That of its package.
    Package {
        /// The cap.
        limit: u32,
        /// Executions that run.
        by: Vec<i64>,
    },
    /// That of its key.
    Key {
        /// The key.
        key: String,
        /// The cap.
        limit: u32,
        /// Executions that run.
        by: Vec<i64>,
    },
}

/// What runs, by package and by key.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    packages: HashMap<(i64, String), Used>,
    keys: HashMap<String, Used>,
}

#[derive(Clone, Debug, Default)]
struct Used {
    by: Vec<i64>,
    lowest: Option<u32>,
}

impl Used {
    fn add(&mut self, execution_id: i64, cap: Option<u32>) {
        self.by.push(execution_id);
        self.lowest = lower(self.lowest, cap);
    }

    /// The cap that is reached, if one is.
    fn reached(&self, cap: Option<u32>) -> Option<u32> {
        let limit = lower(self.lowest, cap)?;
        let used = u32::try_from(self.by.len()).unwrap_or(u32::MAX);
        (limit <= used).then_some(limit)
    }
}

fn lower(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

impl Usage {
    /// Of everything that is leased.
    #[must_use]
    pub fn of(held: &[HeldExecution]) -> Self {
        let mut usage = Self::default();
        for one in held {
            let package = (one.project_id, one.package_name.clone());
            usage.add(one.execution_id, package, &one.caps);
        }
        usage
    }

    /// One more that is going to run.
    pub fn take(&mut self, execution: &PendingExecution) {
        let package = (execution.project_id, execution.package_name.clone());
        self.add(execution.execution_id, package, &execution.caps);
    }

    fn add(&mut self, execution_id: i64, package: (i64, String), caps: &Caps) {
        let package = self.packages.entry(package).or_default();
        package.add(execution_id, caps.package_limit);
        if let Some(cap) = &caps.key {
            let key = self.keys.entry(cap.key.clone()).or_default();
            key.add(execution_id, Some(cap.limit));
        }
    }

    /// The cap that keeps an execution from starting, if one does.
    #[must_use]
    pub fn obstacle(&self, execution: &PendingExecution) -> Option<CapReached> {
        self.reached(
            (execution.project_id, &execution.package_name),
            &execution.caps,
        )
    }

    /// The same for an execution that is known by its package and caps only.
    #[must_use]
    pub fn reached(&self, package: (i64, &str), caps: &Caps) -> Option<CapReached> {
        let package = (package.0, package.1.to_owned());
        let of_package = self.packages.get(&package).and_then(|used| {
            let limit = used.reached(caps.package_limit)?;
            let by = used.by.clone();
            Some(CapReached::Package { limit, by })
        });
        of_package.or_else(|| {
            let cap = caps.key.as_ref()?;
            let used = self.keys.get(&cap.key)?;
            let limit = used.reached(Some(cap.limit))?;
            Some(CapReached::Key {
                key: cap.key.clone(),
                limit,
                by: used.by.clone(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(limit: Option<u32>) -> Caps {
        Caps {
            package_limit: limit,
            key: None,
        }
    }

    fn key(key: &str, limit: u32) -> Caps {
        let key = key.to_owned();
        Caps {
            package_limit: None,
            key: Some(KeyCap { key, limit }),
        }
    }

    fn usage(held: &[(i64, &str, Caps)]) -> Usage {
        let mut usage = Usage::default();
        for (id, name, caps) in held {
            usage.add(*id, (1, (*name).to_owned()), caps);
        }
        usage
    }

    #[test]
    fn the_lowest_cap_of_a_package_counts_whoever_has_it() {
        let two = usage(&[(41, "a", package(None)), (42, "a", package(Some(2)))]);
        let expected = CapReached::Package {
            limit: 2,
            by: vec![41, 42],
        };
        assert_eq!(two.reached((1, "a"), &package(None)), Some(expected));
        assert_eq!(two.reached((1, "b"), &package(Some(1))), None);
        assert_eq!(two.reached((2, "a"), &package(Some(1))), None);
        let one = usage(&[(41, "a", package(None))]);
        assert_eq!(one.reached((1, "a"), &package(None)), None);
        assert_eq!(one.reached((1, "a"), &package(Some(2))), None);
        assert!(one.reached((1, "a"), &package(Some(1))).is_some());
    }

    #[test]
    fn a_key_joins_packages_and_leaves_others_alone() {
        let held = usage(&[(41, "a", key("dwh", 1))]);
        let reached = held.reached((1, "b"), &key("dwh", 5));
        assert!(matches!(reached, Some(CapReached::Key { limit: 1, .. })));
        assert_eq!(held.reached((1, "b"), &key("other", 1)), None);
        assert_eq!(held.reached((1, "b"), &package(None)), None);
    }
}
