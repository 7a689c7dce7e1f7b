//! The plan of a batch: which of its packages may start next, and which never can.
//!
//! A batch is a set of items with names; an item may start when all items that it comes after have
//! succeeded. One that comes after something that failed is skipped, and so is what comes after it.
//!
//! This module starts nothing: callers tell the states and carry out the steps.

use std::collections::HashMap;

/// An item as it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Name, unique in the batch whatever its case.
    pub name: String,
    /// Names of the items that must have succeeded before it starts.
    pub after: Vec<String>,
}

/// Why items make no batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two items have one name.
    #[error("`{name}` is there twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// An item comes after one that is not there.
    #[error("`{name}` comes after `{after}`, which is not in the batch")]
    Unknown {
        /// The item.
        name: String,
        /// What it comes after.
        after: String,
    },
    /// Items wait for each other.
    #[error("these wait for each other: {}", arrows(names))]
    Cycle {
        /// Each comes after the next one, the last after the first.
        names: Vec<String>,
    },
}

fn arrows(names: &[String]) -> String {
    let quoted = names.iter().chain(names.first());
    let quoted: Vec<String> = quoted.map(|name| format!("`{name}`")).collect();
    quoted.join(" after ")
}

/// How far an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// Not started.
    Waiting,
    /// Started, not ended.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended in any other way.
    Failed,
    /// Never to be started.
    Skipped,
}

impl ItemState {
    fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Skipped)
    }
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Start this item.
    Start(usize),
    /// Skip this item.
    Skip {
        /// The item.
        item: usize,
        /// The item before it that failed or was skipped.
        because: usize,
    },
}

/// The items of a batch by their numbers, in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    after: Vec<Vec<usize>>,
}

impl Plan {
    /// A plan of these items.
    ///
    /// # Errors
    /// All that is wrong with them: names that are there twice or not at all, and cycles.
    pub fn new(items: &[Item]) -> Result<Self, Vec<PlanError>> {
        let mut errors = Vec::new();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        for (number, item) in items.iter().enumerate() {
            if numbers.insert(item.name.to_lowercase(), number).is_some() {
                let name = item.name.clone();
                errors.push(PlanError::Twice { name });
            }
        }
        let mut after = Vec::with_capacity(items.len());
        for item in items {
            let mut before = Vec::new();
            for name in &item.after {
                match numbers.get(&name.to_lowercase()) {
                    Some(number) => before.push(*number),
                    None => errors.push(PlanError::Unknown {
                        name: item.name.clone(),
                        after: name.clone(),
                    }),
                }
            }
            before.sort_unstable();
            before.dedup();
            after.push(before);
        }
        errors.extend(cycles(&after).into_iter().map(|cycle| PlanError::Cycle {
            names: cycle.iter().map(|&at| items[at].name.clone()).collect(),
        }));
        match errors.is_empty() {
            true => Ok(Self { after }),
            false => Err(errors),
        }
    }

    /// What is to be done when the items are in these states, in their order. Nothing when all that
    /// could start has; the batch is over when no item waits or runs then.
    #[must_use]
    pub fn next(&self, states: &[ItemState]) -> Vec<Step> {
        let mut states = states.to_vec();
        let mut steps = Vec::new();
        // A skipped item lets those behind it be skipped in the same look.
        loop {
            let before = steps.len();
            for item in 0..self.after.len() {
                if states[item] != ItemState::Waiting {
                    continue;
                }
                if let Some(step) = self.step_of(item, &states) {
                    states[item] = match step {
                        Step::Start(_) => ItemState::Running,
                        Step::Skip { .. } => ItemState::Skipped,
                    };
                    steps.push(step);
                }
            }
            if steps.len() == before {
                return steps;
            }
        }
    }

    fn step_of(&self, item: usize, states: &[ItemState]) -> Option<Step> {
        let mut before = self.after[item].iter().copied();
        let broken = |at: &usize| matches!(states[*at], ItemState::Failed | ItemState::Skipped);
        if let Some(because) = before.clone().find(broken) {
            return Some(Step::Skip { item, because });
        }
        let ready = before.all(|at| states[at] == ItemState::Succeeded);
        ready.then_some(Step::Start(item))
    }

    /// Whether nothing waits or runs any more.
    #[must_use]
    pub fn is_over(states: &[ItemState]) -> bool {
        states.iter().all(|state| state.is_over())
    }
}

/// One cycle for each set of items that wait for each other.
fn cycles(after: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut open: Vec<bool> = vec![true; after.len()];
    let mut found = Vec::new();
    loop {
        close_ready(after, &mut open);
        let Some(start) = open.iter().position(|&is_open| is_open) else {
            return found;
        };
        let mut walked = vec![start];
        // Each open item comes after another open one, so the walk meets itself.
        while let Some(&next) = walked
            .last()
            .and_then(|&at| after[at].iter().find(|&&before| open[before]))
        {
            if let Some(entry) = walked.iter().position(|&at| at == next) {
                let cycle = walked.split_off(entry);
                cycle.iter().for_each(|&at| open[at] = false);
                found.push(cycle);
                break;
            }
            walked.push(next);
        }
    }
}

/// Closes every item that waits for nothing open.
fn close_ready(after: &[Vec<usize>], open: &mut [bool]) {
    loop {
        let ready = (0..after.len())
            .find(|&item| open[item] && after[item].iter().all(|&before| !open[before]));
        match ready {
            Some(item) => open[item] = false,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(given: &[(&str, &[&str])]) -> Vec<Item> {
        given
            .iter()
            .map(|(name, after)| Item {
                name: (*name).to_owned(),
                after: after.iter().map(|name| (*name).to_owned()).collect(),
            })
            .collect()
    }

    #[test]
    fn what_comes_after_nothing_starts_at_once_and_the_rest_when_it_may() {
        use ItemState::{Running, Succeeded, Waiting};
        let plan = Plan::new(&items(&[("a", &[]), ("b", &["A"]), ("c", &["a", "b"])])).unwrap();
        assert_eq!(plan.next(&[Waiting; 3]), [Step::Start(0)]);
        assert_eq!(plan.next(&[Running, Waiting, Waiting]), []);
        assert_eq!(plan.next(&[Succeeded, Waiting, Waiting]), [Step::Start(1)]);
        assert_eq!(plan.next(&[Succeeded, Running, Waiting]), []);
    }

    #[test]
    fn what_comes_after_a_failure_is_skipped_to_its_end() {
        use ItemState::{Failed, Running, Waiting};
        let plan = Plan::new(&items(&[
            ("c", &["b"]),
            ("b", &["a"]),
            ("a", &[]),
            ("d", &[]),
        ]));
        let skip = |item, because| Step::Skip { item, because };
        let steps = plan.unwrap().next(&[Waiting, Waiting, Failed, Running]);
        assert_eq!(steps, [skip(1, 2), skip(0, 1)]);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let wrong = items(&[
            ("a", &["b"]),
            ("b", &["a"]),
            ("c", &["nowhere"]),
            ("C", &[]),
            ("d", &["d"]),
            ("e", &["d"]),
        ]);
        let said: Vec<String> = Plan::new(&wrong)
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            [
                "`C` is there twice",
                "`c` comes after `nowhere`, which is not in the batch",
                "these wait for each other: `a` after `b` after `a`",
                "these wait for each other: `d` after `d`",
            ]
        );
    }

    proptest! {
        /// Whatever order items end in and however they end: each starts once at most and only
        /// after all before it succeeded, and in the end none waits.
        #[test]
        fn each_item_starts_once_after_those_before_it_or_is_skipped(
            edges in prop::collection::vec((0..8_usize, 0..8_usize), 0..16),
            ends in prop::collection::vec((any::<prop::sample::Index>(), prop::bool::weighted(0.8)), 8),
        ) {
            let names: Vec<String> = (0..8).map(|number| number.to_string()).collect();
            let mut given: Vec<Item> = names.iter().map(|name| Item {
                name: name.clone(),
                after: Vec::new(),
            }).collect();
            // An edge goes to a lower number: no cycles.
            for (one, other) in edges.iter().filter(|(one, other)| one != other) {
                given[*one.max(other)].after.push(names[*one.min(other)].clone());
            }
            let plan = Plan::new(&given).unwrap();
            let mut states = vec![ItemState::Waiting; 8];
            let mut ends = ends.into_iter();
            loop {
                for step in plan.next(&states) {
                    match step {
                        Step::Start(item) => {
                            prop_assert_eq!(states[item], ItemState::Waiting);
                            let ready = plan.after[item].iter()
                                .all(|&before| states[before] == ItemState::Succeeded);
                            prop_assert!(ready, "{} started too early", item);
                            states[item] = ItemState::Running;
                        }
                        Step::Skip { item, because } => {
                            prop_assert!(plan.after[item].contains(&because));
                            prop_assert!(states[because] == ItemState::Failed
                                || states[because] == ItemState::Skipped);
                            states[item] = ItemState::Skipped;
                        }
                    }
                }
                let running: Vec<usize> = (0..8)
                    .filter(|&item| states[item] == ItemState::Running)
                    .collect();
                if running.is_empty() {
                    break;
                }
                let (which, well) = ends.next().expect("an end for each item");
                let ended = *which.get(&running);
                states[ended] = if well { ItemState::Succeeded } else { ItemState::Failed };
            }
            prop_assert!(Plan::is_over(&states), "{:?}", states);
        }
    }
}
