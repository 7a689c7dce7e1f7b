//! Which errors and warnings say why an execution failed, and which only follow from them.

/// What is known of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said<'a> {
    /// SSIS code as its bits; 0 when it has none.
    pub code: u32,
    /// Path of the executable that raised it.
    pub package_path: &'a str,
    /// Data flow component.
    pub component: Option<&'a str>,
    /// The text without the places that it repeats.
    pub text: &'a str,
}

/// Who speaks for a data flow as a whole.
const PIPELINE: &str = "SSIS.Pipeline";

/// Codes of errors that name no cause of their own: they pass on that something before them
/// failed. See "Integration Services Error and Message Reference".
const FOLLOWING: [u32; 14] = [
    // A component failed on a row, as its disposition says; the error before it names the value.
    0xC020_9029,
    0xC020_902A,
    // A flat file was being read or written; the error before it names the row.
    0xC020_2092,
    // Validation of a component, of a data flow, of a task or package.
    0xC004_7017,
    0xC004_706B,
    0xC004_700C,
    0xC002_4107,
    // The phases of a component.
    0xC004_701A,
    0xC004_7018,
    0xC004_7022,
    0xC004_7038,
    // The threads of a data flow.
    0xC004_7021,
    0xC004_7039,
    // Errors reached the maximum, so the result is failure.
    0x8001_9002,
];

/// For each error, in the order in which they were raised: the position of the error that it
/// repeats or follows from, `None` for a root.
#[must_use]
pub fn roots(errors: &[Said<'_>]) -> Vec<Option<usize>> {
    let mut found: Vec<usize> = Vec::new();
    let mut follows = vec![None; errors.len()];
    for (at, error) in errors.iter().enumerate() {
        let repeated = found.iter().find(|&&root| repeats(error, &errors[root]));
        let cause = || {
            let is_cause =
                |&&root: &&usize| is_within(errors[root].package_path, error.package_path);
            let follower = FOLLOWING.contains(&error.code);
            found.iter().rev().find(is_cause).filter(|_| follower)
        };
        match repeated.or_else(cause) {
            Some(root) => follows[at] = Some(*root),
            None => found.push(at),
        }
    }
    prefer_components(errors, &mut follows);
    follows
}

/// The same words, at the same place or on their way up from it.
fn repeats(error: &Said<'_>, root: &Said<'_>) -> bool {
    let same_line = is_within(root.package_path, error.package_path)
        || is_within(error.package_path, root.package_path);
    same_line && error.code_fits(root) && error.text == root.text
}

impl Said<'_> {
    /// Our own errors lose their code on the way up; different codes are different errors.
    fn code_fits(&self, other: &Self) -> bool {
        self.code == 0 || other.code == 0 || self.code == other.code
    }

    /// How exactly it says where: a component, else an executable.
    fn exactness(&self) -> (bool, usize) {
        let component = self.component.is_some_and(|name| name != PIPELINE);
        (component, self.package_path.len())
    }
}

/// Whether a path is `outer` or something in it.
fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
}

/// Of errors with the same words the one that names the place most exactly stands for all.
fn prefer_components(errors: &[Said<'_>], follows: &mut [Option<usize>]) {
    for root in 0..errors.len() {
        if follows[root].is_some() {
            continue;
        }
        let same = |at: &usize| follows[*at] == Some(root) && errors[*at].text == errors[root].text;
        let better = (0..errors.len())
            .filter(same)
            .filter(|&at| errors[root].exactness() < errors[at].exactness())
            .max_by_key(|&at| errors[at].exactness());
        if let Some(better) = better {
            let group = follows.iter_mut().filter(|cause| **cause == Some(root));
            group.for_each(|cause| *cause = Some(better));
            follows[root] = Some(better);
            follows[better] = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<'a>(
        code: u32,
        package_path: &'a str,
        component: Option<&'a str>,
        text: &'a str,
    ) -> Said<'a> {
        Said {
            code,
            package_path,
            component,
            text,
        }
    }

    #[test]
    fn what_the_engine_adds_follows_from_the_error_of_the_component() {
        let load = r"\Package\Load";
        let errors = [
            said(0xC020_20A1, load, Some("Read"), "row 2 was truncated"),
            said(0xC020_902A, load, Some("Read"), "the disposition says fail"),
            said(0xC004_7038, load, Some(PIPELINE), "PrimeOutput failed"),
            said(0xC004_7021, load, Some(PIPELINE), "a thread ended"),
        ];
        assert_eq!(roots(&errors), [None, Some(0), Some(0), Some(0)]);
    }

    #[test]
    fn the_same_words_on_their_way_up_are_told_once_where_they_arose() {
        let errors = [
            said(0, r"\Package\Load", None, "connection refused"),
            said(
                0xC020_801C,
                r"\Package\Load",
                Some("Read"),
                "connection refused",
            ),
            said(0, r"\Package", None, "connection refused"),
            said(
                0xC002_4107,
                r"\Package",
                None,
                "the package did not validate",
            ),
        ];
        assert_eq!(roots(&errors), [Some(1), None, Some(1), Some(1)]);
    }

    #[test]
    fn errors_of_other_tasks_are_roots_of_their_own() {
        let errors = [
            said(0, r"\Package\A", None, "file not found"),
            said(0, r"\Package\B", None, "file not found"),
            said(
                0xC004_701A,
                r"\Package\B",
                Some(PIPELINE),
                "pre-execute failed",
            ),
            said(0, r"\Package\CD", None, "no right to write"),
            said(
                0xC004_701A,
                r"\Package\C",
                Some(PIPELINE),
                "pre-execute failed",
            ),
        ];
        assert_eq!(roots(&errors), [None, None, Some(1), None, None]);
    }

    #[test]
    fn of_two_causes_in_one_task_the_later_one_is_followed() {
        let load = r"\Package\Load";
        let errors = [
            said(0, load, Some("Read"), "one"),
            said(0, load, Some("Write"), "two"),
            said(0xC004_7021, load, Some(PIPELINE), "a thread ended"),
        ];
        assert_eq!(roots(&errors), [None, None, Some(1)]);
    }

    #[test]
    fn an_error_that_could_follow_stands_for_itself_when_nothing_came_before() {
        let errors = [
            said(
                0xC004_7021,
                r"\Package\Load",
                Some(PIPELINE),
                "a thread ended",
            ),
            said(
                0xC004_7022,
                r"\Package\Load",
                Some(PIPELINE),
                "input failed",
            ),
        ];
        assert_eq!(roots(&errors), [None, Some(0)]);
        assert_eq!(roots(&[]), []);
    }
}
