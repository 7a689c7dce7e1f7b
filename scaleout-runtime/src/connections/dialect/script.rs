//! A batch of statements, parsed as T-SQL where it is T-SQL.

use std::ops::ControlFlow;

use sqlparser::ast::{self, Visit, Visitor, visit_relations};
use sqlparser::dialect::MsSqlDialect;
use sqlparser::parser::Parser;

use super::marks::number_marks;
use super::names::{Names, name_of};
use super::output::untranslatable;
use super::rewrite::rewrite;
use crate::connections::{Dialect, TableName};

/// A batch: what a `GO` would end.
#[derive(Clone, Debug)]
pub enum Script {
    /// T-SQL that can be translated.
    TSql {
        /// The text.
        text: String,
        /// Its statements.
        statements: Vec<ast::Statement>,
    },
    /// Not T-SQL, or more of it than the parser knows: passes untouched.
    Untouched(String),
}

/// One translated statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Text for the database.
    pub sql: String,
    /// What it does.
    pub kind: StatementKind,
    /// How many parameters it takes, numbered from 1 in its text.
    pub parameters: Parameters,
}

/// The parameters of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// So many: the next ones of the batch.
    Next(usize),
    /// Not known: all of the batch.
    All,
}

/// What a statement does, as far as running it depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// Gives rows.
    Query,
    /// Inserts, updates, deletes.
    Change,
    /// Creates something, in a schema that may not be there yet.
    Create,
    /// Begins a transaction.
    Begin,
    /// Commits or rolls back.
    End,
    /// Calls a procedure.
    Procedure,
    /// What only T-SQL has, by its word: control of flow (`IF`, `DECLARE`, …), some `OUTPUT` clauses.
    Flow(&'static str),
    /// Anything else.
    Other,
}

impl Statement {
    /// Why the statement runs on SQL Server only; `None` when it may run anywhere.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        match self.kind {
            StatementKind::Flow(word) => Some(format!(
                "T-SQL's `{word}` is not translated; write plain statements, or statements of \
                 the database itself"
            )),
            _ => None,
        }
    }
}

impl Script {
    /// Parses a batch.
    #[must_use]
    pub fn parse(sql: &str) -> Self {
        match Parser::parse_sql(&MsSqlDialect {}, sql) {
            Ok(statements) => Self::TSql {
                text: sql.to_owned(),
                statements,
            },
            Err(_) => Self::Untouched(sql.to_owned()),
        }
    }

    /// Tables that the batch names. Without those of an untouched batch.
    #[must_use]
    pub fn tables(&self) -> Vec<TableName> {
        let Self::TSql { statements, .. } = self else {
            return Vec::new();
        };
        let mut tables = Vec::new();
        // It never breaks off.
        let _ = visit_relations(statements, |name| {
            tables.extend(name_of(name));
            ControlFlow::<()>::Continue(())
        });
        tables
    }

    /// Names of common table expressions (`WITH x AS …`), in lower case.
    #[must_use]
    pub fn common_tables(&self) -> Vec<String> {
        let Self::TSql { statements, .. } = self else {
            return Vec::new();
        };
        let mut found = CommonTables::default();
        // It never breaks off.
        let _ = statements.visit(&mut found);
        found.0
    }

    /// Whether it creates something. False for an untouched batch.
    #[must_use]
    pub fn creates(&self) -> bool {
        let Self::TSql { statements, .. } = self else {
            return false;
        };
        let mut kinds = statements.iter().map(kind_of);
        kinds.any(|kind| kind == StatementKind::Create)
    }

    /// The statements in the SQL of a database, in order.
    #[must_use]
    pub fn translate(self, dialect: Dialect, names: &dyn Names) -> Vec<Statement> {
        let (text, statements) = match self {
            Self::Untouched(sql) => return vec![untouched(sql, dialect)],
            Self::TSql { text, statements } => (text, statements),
        };
        if dialect == Dialect::SqlServer {
            return vec![untouched(text, dialect)];
        }
        // What needs no translation keeps its own text, comments and all.
        let alone = statements.len() == 1;
        let translate_one = |original: ast::Statement| {
            let kind = kind_of(&original);
            let mut statement = original.clone();
            let rewritten = rewrite(&mut statement, dialect, names)?;
            let parameters = Parameters::Next(rewritten.parameters);
            let sql = match rewritten.replaced {
                Some(sql) => sql,
                None if alone && statement == original => text.clone(),
                None => statement.to_string(),
            };
            Some(Statement {
                sql,
                kind,
                parameters,
            })
        };
        statements.into_iter().filter_map(translate_one).collect()
    }
}

#[derive(Default)]
struct CommonTables(Vec<String>);

impl Visitor for CommonTables {
    type Break = ();

    fn pre_visit_query(&mut self, query: &ast::Query) -> ControlFlow<()> {
        let tables = query.with.iter().flat_map(|with| &with.cte_tables);
        self.0
            .extend(tables.map(|table| table.alias.name.value.to_lowercase()));
        ControlFlow::Continue(())
    }
}

fn untouched(sql: String, dialect: Dialect) -> Statement {
    let word = first_word(&sql);
    let sql = match dialect {
        Dialect::SqlServer => number_marks(&sql, "@P"),
        Dialect::Postgres => number_marks(&sql, "$"),
        Dialect::Sqlite => sql,
    };
    let kind = match word.as_str() {
        "select" | "with" | "values" | "table" | "pragma" | "show" | "explain" => {
            StatementKind::Query
        }
        "exec" | "execute" | "call" => StatementKind::Procedure,
        "create" => StatementKind::Create,
        "if" => StatementKind::Flow("IF"),
        "while" => StatementKind::Flow("WHILE"),
        "declare" => StatementKind::Flow("DECLARE"),
        _ => StatementKind::Other,
    };
    let parameters = Parameters::All;
    Statement {
        sql,
        kind,
        parameters,
    }
}

/// The first word behind blanks and comments, in lower case.
fn first_word(sql: &str) -> String {
    let mut rest = sql.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        } else {
            break;
        }
        rest = rest.trim_start();
    }
    let word = rest.split(|character: char| !character.is_alphanumeric());
    word.into_iter().next().unwrap_or("").to_ascii_lowercase()
}

fn kind_of(statement: &ast::Statement) -> StatementKind {
    if let Some(clause) = untranslatable(statement) {
        return StatementKind::Flow(clause);
    }
    match statement {
        ast::Statement::Query(_) => StatementKind::Query,
        ast::Statement::Insert(_)
        | ast::Statement::Update(_)
        | ast::Statement::Delete(_)
        | ast::Statement::Merge(_)
        | ast::Statement::Truncate(_) => StatementKind::Change,
        ast::Statement::CreateTable(_)
        | ast::Statement::CreateView(_)
        | ast::Statement::CreateIndex(_)
        | ast::Statement::CreateSchema { .. } => StatementKind::Create,
        ast::Statement::StartTransaction { statements, .. } if statements.is_empty() => {
            StatementKind::Begin
        }
        ast::Statement::Commit { .. } | ast::Statement::Rollback { .. } => StatementKind::End,
        ast::Statement::Execute { .. } | ast::Statement::Call(_) => StatementKind::Procedure,
        ast::Statement::If(_) => StatementKind::Flow("IF"),
        ast::Statement::While(_) => StatementKind::Flow("WHILE"),
        ast::Statement::Declare { .. } => StatementKind::Flow("DECLARE"),
        ast::Statement::Print(_) => StatementKind::Flow("PRINT"),
        ast::Statement::RaisError { .. } => StatementKind::Flow("RAISERROR"),
        ast::Statement::StartTransaction { .. } => StatementKind::Flow("BEGIN"),
        _ => StatementKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::AsWritten;
    use super::*;

    fn all(sql: &str, dialect: Dialect) -> String {
        let statements = Script::parse(sql).translate(dialect, &AsWritten);
        let texts: Vec<String> = statements.into_iter().map(|one| one.sql).collect();
        texts.join(" | ")
    }

    #[test]
    fn both_databases_alike() {
        for (sql, expected) in [
            (
                "SELECT [a b], t.[c] FROM [staging].[X] AS t",
                r#"SELECT "a b", t."c" FROM "staging"."X" AS t"#,
            ),
            ("SELECT N'x''y'", "SELECT 'x''y'"),
            ("SELECT 1 -- untouched", "SELECT 1 -- untouched"),
            (
                "select TOP 3 a from t order by a",
                "SELECT a FROM t ORDER BY a LIMIT 3",
            ),
            ("select TOP (3) a from t", "SELECT a FROM t LIMIT 3"),
            ("SELECT ISNULL(a, 0)", "SELECT coalesce(a, 0)"),
            ("SELECT LEN(a)", "SELECT length(rtrim(a))"),
            ("SELECT a + 'x' + b", "SELECT a || 'x' || b"),
            ("SELECT a + 1", "SELECT a + 1"),
            (
                "SELECT CONVERT(int, a) FROM t WITH (NOLOCK)",
                "SELECT CAST(a AS INT) FROM t",
            ),
            ("SELECT db.dbo.t.c", "SELECT t.c"),
            ("SET NOCOUNT ON; SELECT [a]", r#"SELECT "a""#),
            ("BEGIN TRAN; COMMIT TRAN", "BEGIN | COMMIT"),
            ("select 1; select 2;", "SELECT 1 | SELECT 2"),
        ] {
            assert_eq!(all(sql, Dialect::Sqlite), expected, "{sql}");
            assert_eq!(all(sql, Dialect::Postgres), expected, "{sql}");
        }
    }

    #[test]
    fn each_database_its_own() {
        for (sql, sqlite, postgres) in [
            (
                "TRUNCATE TABLE [staging].[X];",
                r#"DELETE FROM "staging"."X""#,
                r#"TRUNCATE TABLE "staging"."X""#,
            ),
            (
                "SELECT GETDATE()",
                "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', 'localtime')",
                "SELECT localtimestamp",
            ),
            (
                "SELECT LEFT(a, 2), CHARINDEX('x', a)",
                "SELECT substr(a, 1, 2), instr(a, 'x')",
                "SELECT LEFT(a, 2), strpos(a, 'x')",
            ),
            (
                "SELECT TOP (?) a FROM t WHERE b = ?",
                "SELECT a FROM t WHERE b = ?2 LIMIT ?1",
                "SELECT a FROM t WHERE b = $2 LIMIT $1",
            ),
            (
                "CREATE TABLE t ([Id] int IDENTITY(1,1) PRIMARY KEY, [N] nvarchar(max), [F] bit)",
                r#"CREATE TABLE t ("Id" INTEGER PRIMARY KEY, "N" ntext, "F" BIT)"#,
                r#"CREATE TABLE t ("Id" INT generated by default as identity PRIMARY KEY, "N" TEXT, "F" BOOLEAN)"#,
            ),
        ] {
            assert_eq!(all(sql, Dialect::Sqlite), sqlite, "{sql}");
            assert_eq!(all(sql, Dialect::Postgres), postgres, "{sql}");
            let numbered = sql.replacen('?', "@P1", 1).replacen('?', "@P2", 1);
            assert_eq!(all(sql, Dialect::SqlServer), numbered);
        }
    }

    #[test]
    fn what_is_no_t_sql_passes_untouched() {
        for sql in ["SELECT a[1]::int FROM [", "VACUUM INTO $$x$$", "hello"] {
            assert_eq!(all(sql, Dialect::Postgres), sql);
        }
        let other = Script::parse("-- c\n/* d */ SELECT FROM FROM");
        let other = other.translate(Dialect::Sqlite, &AsWritten);
        assert_eq!(other[0].kind, StatementKind::Query);
    }

    #[test]
    fn tables_are_found_wherever_they_stand() {
        let script = Script::parse(
            "TRUNCATE TABLE [s].[A]; INSERT INTO B SELECT * FROM db.dbo.C WHERE EXISTS (SELECT 1 FROM D)",
        );
        let names: Vec<String> = script.tables().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["[s].[A]", "[B]", "[db].[dbo].[C]", "[D]"]);
    }

    #[test]
    fn real_names_replace_those_of_the_package() {
        struct Lower;
        impl Names for Lower {
            fn table(&self, table: &TableName) -> Option<Vec<String>> {
                Some(vec!["public".to_owned(), table.table.to_lowercase()])
            }
            fn column(&self, column: &str) -> Option<String> {
                column
                    .eq_ignore_ascii_case("name")
                    .then(|| "name".to_owned())
            }
        }
        let script = Script::parse("SELECT t.[Name], Other FROM dbo.[X] t WHERE NAME = 'a'");
        let translated = script.translate(Dialect::Postgres, &Lower);
        assert_eq!(
            translated[0].sql,
            r#"SELECT t."name", Other FROM "public"."x" t WHERE "name" = 'a'"#
        );
    }
}
