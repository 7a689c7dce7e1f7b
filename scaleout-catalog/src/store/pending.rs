//! What waits for a worker, in the order of the queue.

use super::executions::added_workers;
use super::queue::caps;
use super::session::Dialect;
use super::{Row, Session, StoreError, args};
use crate::scheduling::{AllowedWorkers, PendingExecution, Tags};

const PENDING: &str = "SELECT o.operation_id, e.folder_name, e.project_name, e.package_name,
        o.caller_name, o.created_time, o.pending_since, e.any_worker, o.attempts, o.lost,
        o.last_worker, o.priority, e.project_id, e.required_tags, e.concurrency_key,
        e.concurrency_limit, e.package_limit, e.parent_id
    FROM operation o JOIN execution e ON e.execution_id = o.operation_id";

/// Executions that wait for a worker, longest waiting first, and whether these are all. Where more
/// than about `most` wait, the first of each priority, folder and caller: how many wait behind them
/// costs nothing.
pub async fn first(
    session: &mut Session,
    most: u32,
) -> Result<(Vec<PendingExecution>, bool), StoreError> {
    let (rows, is_whole) = match session.dialect() {
        Dialect::Sqlite => first_of_lines(session, most).await?,
        Dialect::Postgres => first_on_server(session, most).await?,
    };
    let mut pending = Vec::with_capacity(rows.len());
    for row in &rows {
        pending.push(pending_execution(session, row).await?);
    }
    pending.sort_by_key(|one| (one.pending_since, one.execution_id));
    Ok((pending, is_whole))
}

/// Line after line: on a file a statement costs no way.
async fn first_of_lines(session: &mut Session, most: u32) -> Result<(Vec<Row>, bool), StoreError> {
    let lines = lines(session).await?;
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX).max(1);
    let each = (most / count).max(1);
    let sql = format!(
        "{PENDING} WHERE o.status = 5 AND o.priority = $1 AND o.queue_folder = $2
             AND o.caller_name = $3
         ORDER BY o.pending_since, o.operation_id LIMIT $4"
    );
    let mut is_whole = true;
    let mut first = Vec::new();
    for (priority, folder, caller) in lines {
        let args = args![priority, folder, caller, each.saturating_add(1)];
        let mut rows = session.rows(sql.clone(), args).await?;
        let each = usize::try_from(each).unwrap_or(usize::MAX);
        is_whole &= rows.len() <= each;
        rows.truncate(each);
        first.append(&mut rows);
    }
    Ok((first, is_whole))
}

/// The same with one statement. `beyond` is true of what shows that there are more.
async fn first_on_server(session: &mut Session, most: u32) -> Result<(Vec<Row>, bool), StoreError> {
    let sql = format!(
        "{}, head AS ({HEADS}),
         each AS (SELECT greatest($1 / greatest(count(*), 1), 1) AS count FROM head)
         SELECT p.*, p.place > each.count AS beyond
         FROM each CROSS JOIN head CROSS JOIN LATERAL (
             SELECT f.*, row_number() OVER (ORDER BY f.pending_since, f.operation_id) AS place
             FROM ({PENDING} WHERE o.status = 5 AND o.priority = head.priority
                     AND o.queue_folder = head.queue_folder AND o.caller_name = head.caller_name
                 ORDER BY o.pending_since, o.operation_id LIMIT each.count + 1) f) p",
        lines_query(Dialect::Postgres)
    );
    let mut is_whole = true;
    let mut first = Vec::new();
    for row in session.rows(sql, args![most]).await? {
        let beyond: bool = row.get("beyond")?;
        is_whole &= !beyond;
        if !beyond {
            first.push(row);
        }
    }
    Ok((first, is_whole))
}

/// The child executions that wait: of each parent those first that took longest lately, before them
/// those that have never run.
pub async fn children(
    session: &mut Session,
    most: u32,
) -> Result<Vec<PendingExecution>, StoreError> {
    let sql = format!(
        "{PENDING} WHERE o.status = 5 AND e.parent_id IS NOT NULL
         ORDER BY e.parent_id, CASE WHEN e.expected_ms IS NULL THEN 0 ELSE 1 END,
             e.expected_ms DESC, e.parent_path, o.operation_id
         LIMIT $1"
    );
    let rows = session.rows(sql, args![most]).await?;
    let mut pending = Vec::with_capacity(rows.len());
    for row in &rows {
        pending.push(pending_execution(session, row).await?);
    }
    Ok(pending)
}

/// One execution that waits, whatever its place.
pub async fn find(
    session: &mut Session,
    execution_id: i64,
) -> Result<Option<PendingExecution>, StoreError> {
    let sql = format!("{PENDING} WHERE o.operation_id = $1 AND o.status = 5");
    match session.row(sql, args![execution_id]).await? {
        Some(row) => Ok(Some(pending_execution(session, &row).await?)),
        None => Ok(None),
    }
}

/// Finds the first execution of each line, `line` in a `WITH`, by leaps over the index from head to head: behind a
/// whole line comes that of the next caller, else of the next folder, else of the next priority.
/// Compared as one row value, SQLite would walk through all of the line, as it finds a place in an index
/// by the first of such columns only; and it would rather sort all that waits than use this index.
fn lines_query(dialect: Dialect) -> String {
    let index = match dialect {
        Dialect::Sqlite => "INDEXED BY operation_queue",
        Dialect::Postgres => "",
    };
    let first = format!("SELECT n.operation_id FROM operation n {index} WHERE n.status = 5");
    let order = "n.pending_since, n.operation_id LIMIT 1";
    format!(
        "WITH RECURSIVE line (head) AS (
             SELECT ({first} ORDER BY n.priority, n.queue_folder, n.caller_name, {order})
             UNION ALL
             SELECT COALESCE(
                 ({first} AND n.priority = o.priority AND n.queue_folder = o.queue_folder
                     AND n.caller_name > o.caller_name ORDER BY n.caller_name, {order}),
                 ({first} AND n.priority = o.priority AND n.queue_folder > o.queue_folder
                     ORDER BY n.queue_folder, n.caller_name, {order}),
                 ({first} AND n.priority > o.priority
                     ORDER BY n.priority, n.queue_folder, n.caller_name, {order}))
             FROM line JOIN operation o ON o.operation_id = line.head)"
    )
}

/// Priority, folder and caller of each line.
const HEADS: &str = "SELECT o.priority, o.queue_folder, o.caller_name
    FROM line JOIN operation o ON o.operation_id = line.head";

/// Priority, folder and caller of each line.
async fn lines(session: &mut Session) -> Result<Vec<(i32, String, String)>, StoreError> {
    let sql = format!("{} {HEADS}", lines_query(session.dialect()));
    let rows = session.rows(sql, args![]).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.get("priority")?,
                row.get("queue_folder")?,
                row.get("caller_name")?,
            ))
        })
        .collect()
}

async fn pending_execution(
    session: &mut Session,
    row: &Row,
) -> Result<PendingExecution, StoreError> {
    let execution_id = row.get("operation_id")?;
    let allowed = if row.get("any_worker")? {
        AllowedWorkers::Any
    } else {
        AllowedWorkers::Only(added_workers(session, execution_id).await?)
    };
    Ok(PendingExecution {
        execution_id,
        folder_name: row.get("folder_name")?,
        project_name: row.get("project_name")?,
        package_name: row.get("package_name")?,
        caller_name: row.get("caller_name")?,
        created: row.get("created_time")?,
        pending_since: row.get("pending_since")?,
        allowed,
        attempts: row.get("attempts")?,
        lost: row.get("lost")?,
        last_worker: row.get("last_worker")?,
        project_id: row.get("project_id")?,
        priority: row.get("priority")?,
        required_tags: Tags::parse(&row.get::<String>("required_tags")?),
        caps: caps(row)?,
        is_child: row.get::<Option<i64>>("parent_id")?.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::migrate::migrate;
    use super::super::sqlite::Sqlite;
    use super::*;

    #[tokio::test]
    async fn the_heads_of_lines_are_found_without_looking_at_all_that_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        std::fs::File::create(&path).unwrap();
        let mut session = Session::sqlite(Sqlite::writer(&path).unwrap());
        migrate(&mut session, Timestamp::UNIX_EPOCH).await.unwrap();

        let lines = lines_query(Dialect::Sqlite);
        let plan = format!("EXPLAIN QUERY PLAN {lines} {HEADS}");
        let rows = session.rows(plan, args![]).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail").unwrap()).collect();
        let leaps = |of: &str| steps.iter().filter(|step| step.contains(of)).count();
        assert_eq!(leaps("INDEX operation_queue"), 4, "{steps:#?}");
        assert_eq!(leaps("caller_name>?"), 1, "{steps:#?}");
        assert_eq!(leaps("queue_folder>?"), 1, "{steps:#?}");
        assert_eq!(leaps("B-TREE"), 0, "{steps:#?}");
    }
}
