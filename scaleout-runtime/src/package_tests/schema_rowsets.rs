//! What databases say of themselves, as loops go over it.

use super::harness::set;
use super::loops::{foreach, with_files};

/// One loop over a rowset of the database `x.db`: what the column of a number came to, and errors.
struct Asked {
    folder: tempfile::TempDir,
}

impl Asked {
    fn of(tables: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = rusqlite::Connection::open(folder.path().join("x.db")).unwrap();
        database.execute_batch(tables).unwrap();
        Self { folder }
    }

    fn raw(&self, id: &str, restriction: &str, column: usize) -> (Option<String>, String) {
        let manager = format!(
            r#"<DTS:ConnectionManagers><DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[db]" DTS:CreationName="ADO.NET:SQLite" DTS:ObjectName="db" DTS:DTSID="{{00000000-0000-4000-8000-000000000077}}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="Provider=SQLite;Data Source={}"/></DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>"#,
            self.folder.path().join("x.db").display()
        );
        let data = format!(
            r#"<FEESchemaRowset Connection="db" Schema="{{{id}}}">{restriction}</FEESchemaRowset>"#
        );
        let add = "@[User::all] = @[User::all] + @[User::f] + ';'";
        let body = set("Package\\F", "t", add, "");
        let kind = "Microsoft.ForEachSchemaRowsetEnumerator";
        let each = foreach(kind, &data, &[("User::f", column)], &body);
        let ran = with_files(&each).collections(&manager).run();
        let value = ran.value_of("t").map(str::to_owned);
        (value, ran.said("OnError").join(";"))
    }

    /// The same for a rowset of OLE DB, with one restriction; `-` when nothing was gone over.
    fn found(&self, id: &str, (index, value): (usize, &str), column: usize) -> String {
        let restriction = format!(r#"<Restriction Index="{index}" Value="{value}"/>"#);
        let id = format!("{id}-5cf3-11ce-ade5-00aa0044773d");
        let (found, errors) = self.raw(&id, &restriction, column);
        assert_eq!(errors, "");
        found.unwrap_or_else(|| "-".to_owned())
    }
}

const ANY: (usize, &str) = (0, "");

fn asked() -> Asked {
    Asked::of(
        "CREATE TABLE b (x int, y int); CREATE TABLE a (x int); CREATE VIEW v AS SELECT 1 AS x;
         CREATE TABLE c (k int, l int UNIQUE, PRIMARY KEY (l, k));
         CREATE TABLE d (x int, y int, FOREIGN KEY (x, y) REFERENCES c (l, k) ON DELETE CASCADE);
         CREATE INDEX by_y ON b (y, x)",
    )
}

#[test]
fn tables_and_their_columns_are_gone_over_as_the_restrictions_say() {
    let asked = asked();
    let tables = "c8b52229";
    assert_eq!(asked.found(tables, ANY, 2), "a;b;c;d;v;");
    assert_eq!(asked.found(tables, (3, "TABLE"), 2), "a;b;c;d;");
    assert_eq!(
        asked.found(tables, (3, "BASE TABLE"), 3),
        "TABLE;TABLE;TABLE;TABLE;"
    );
    assert_eq!(
        asked.found("c8b5222d", ANY, 3),
        "CREATE VIEW v AS SELECT 1 AS x;"
    );
    assert_eq!(asked.found("c8b52214", (2, "b"), 3), "x;y;");
    assert_eq!(asked.found("c8b52211", ANY, 0), "main;");
    assert_eq!(asked.found("c8b52225", ANY, 1), "dbo;");
    assert_eq!(asked.found("c8b52227", ANY, 2), "a;b;c;d;");
    for procedures in ["c8b52224", "c8b522b8", "c8b522c9"] {
        assert_eq!(asked.found(procedures, ANY, 2), "-");
    }
}

#[test]
fn columns_come_with_their_types() {
    let asked = Asked::of(
        "CREATE TABLE t (a integer NOT NULL, b nvarchar(20) DEFAULT 'x', c decimal(9,2), d datetime)",
    );
    for (column, expected) in [
        (6, "1;2;3;4;"),
        (7, "False;True;False;False;"),
        (8, ";'x';;;"),
        (9, "24;104;120;120;"),
        (10, "False;True;True;True;"),
        (11, "20;130;131;135;"),
        (13, ";20;;;"),
        (15, "19;;9;;"),
        (16, ";;2;;"),
    ] {
        assert_eq!(asked.found("c8b52214", ANY, column), expected, "{column}");
    }
    let types = "c8b5222c";
    assert_eq!(
        asked.found(types, ANY, 0),
        "real;integer;blob;text;numeric;"
    );
    assert_eq!(asked.found(types, (0, "20"), 0), "integer;");
}

#[test]
fn indexes_and_foreign_keys_come_column_by_column() {
    let asked = asked();
    let indexes = "c8b5221e";
    // The fifth restriction is the third column: the table.
    for (column, expected) in [
        (5, "by_y;by_y;"),
        (7, "False;False;"),
        (16, "1;2;"),
        (17, "y;x;"),
        (20, "1;1;"),
    ] {
        assert_eq!(asked.found(indexes, (4, "b"), column), expected);
    }
    assert_eq!(asked.found(indexes, (2, "by_y"), 2), "b;b;");
    let foreign = "c8b522c4";
    for (column, expected) in [
        (2, "c;c;"),
        (3, "l;k;"),
        (9, "x;y;"),
        (12, "1;2;"),
        (14, "CASCADE;CASCADE;"),
    ] {
        assert_eq!(asked.found(foreign, (5, "d"), column), expected);
    }
    assert_eq!(asked.found("c8b52219", ANY, 8), "CASCADE;");
}

#[test]
fn keys_and_checks_are_constraints() {
    let asked = asked();
    let keys = "c8b522c5";
    assert_eq!(asked.found(keys, ANY, 3), "l;k;");
    assert_eq!(asked.found(keys, ANY, 6), "1;2;");
    let used = "c8b52218";
    assert_eq!(asked.found(used, (5, "c"), 6), "l;k;l;");
    assert_eq!(asked.found(used, (5, "d"), 9), "1;2;");
    assert_eq!(
        asked.found("c8b5221a", ANY, 6),
        "PRIMARY KEY;FOREIGN KEY;UNIQUE;"
    );
    let asked = Asked::of(
        "CREATE TABLE t (a int CHECK (a > 0), b int, CONSTRAINT less CHECK (a < b));
         CREATE TABLE u (a int)",
    );
    assert_eq!(asked.found("c8b52215", ANY, 3), "a > 0;a < b;");
    assert_eq!(asked.found("c8b52215", (2, "less"), 3), "a < b;");
    assert_eq!(asked.found("c8b52301", (2, "t"), 5), ";less;");
    assert_eq!(asked.found("c8b5221a", (6, "CHECK"), 2), ";less;");
}

#[test]
fn a_database_without_users_has_empty_rowsets_of_them() {
    let asked = asked();
    for id in ["c8b52222", "c8b52221", "c8b52223", "c8b522ef"] {
        assert_eq!(asked.found(id, ANY, 0), "-");
    }
}

#[test]
fn other_rowsets_are_refused_by_name() {
    let asked = asked();
    for (id, name) in [
        ("00000000-0000-0000-0000-000000000000", "`{00000000"),
        ("f3264c9c-1860-4dfe-b71b-2961b2ea91bd", "`DbInfoKeywords`"),
    ] {
        let said = asked.raw(id, "", 0).1;
        assert!(said.contains(&format!("schema rowset {name}")), "{said}");
    }
    let beyond = r#"<Restriction Index="4" Value="x"/>"#;
    let said = asked
        .raw("c8b52229-5cf3-11ce-ade5-00aa0044773d", beyond, 0)
        .1;
    assert!(
        said.contains("restriction `4` is none of the schema rowset Tables"),
        "{said}"
    );
}
