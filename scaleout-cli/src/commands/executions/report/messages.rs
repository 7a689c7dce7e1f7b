//! The page All messages: what an execution said, errors and warnings first where there is more
//! than a page holds.

use super::super::messages::{COLUMNS, cells, is_bad, read_all};
use super::{Drawn, Subject};
use crate::error::CliError;
use crate::output::Report;

pub(super) async fn draw(subject: &Subject<'_>) -> Result<Drawn, CliError> {
    let id = subject.execution.execution_id;
    let all = read_all(subject.client, id).await?;
    let most = usize::try_from(subject.limit).unwrap_or(usize::MAX);
    let kept = kept(&all.iter().map(is_bad).collect::<Vec<_>>(), most);
    let shown: Vec<_> = kept.iter().map(|&at| &all[at]).collect();
    let mut table = Report::table(COLUMNS);
    table.rows = shown.iter().map(|one| cells(one).to_vec()).collect();
    if shown.len() < all.len() {
        table.after.push(format!(
            "{} of {} messages, errors and warnings first: `soctl executions messages {id}` shows all",
            shown.len(),
            all.len()
        ));
    }
    Ok(Drawn::new(&shown, table))
}

/// Which messages a page holds, in their order: those that tell of trouble, then the others from
/// the beginning.
fn kept(is_bad: &[bool], most: usize) -> Vec<usize> {
    let of = |wanted: bool| (0..is_bad.len()).filter(move |&at| is_bad[at] == wanted);
    let mut kept: Vec<usize> = of(true).chain(of(false)).take(most).collect();
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn trouble_has_the_first_places_and_the_order_stays() {
        let bad = [false, true, false, false, true];
        assert_eq!(kept(&bad, 3), [0, 1, 4]);
        assert_eq!(kept(&bad, 1), [1]);
        assert_eq!(kept(&bad, 9), [0, 1, 2, 3, 4]);
    }
}
