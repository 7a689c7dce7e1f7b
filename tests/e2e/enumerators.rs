//! Loops over what databases and documents hold, as `dtexec` runs them.

use crate::support::Soctl;
use crate::support::postgres::PostgresCluster;
use crate::support::tasks::{TaskPackage, executable};

const ADO: &str = "Microsoft.ForEachADOEnumerator";
const NODE_LIST: &str = "Microsoft.ForEachNodeListEnumerator";
const SCHEMA_ROWSET: &str = "Microsoft.ForEachSchemaRowsetEnumerator";

/// What stands in a Foreach loop: variables take the columns of the numbers beside them.
fn each(kind: &str, data: &str, mappings: &[(&str, usize)], body: &str) -> String {
    let mapping = |(variable, index): &(&str, usize)| {
        format!(
            r#"<DTS:ForEachVariableMapping DTS:VariableName="User::{variable}" DTS:ValueIndex="{index}"/>"#
        )
    };
    let mappings: String = mappings.iter().map(mapping).collect();
    format!(
        r#"<DTS:ForEachEnumerator DTS:CreationName="{kind}"><DTS:ObjectData>{data}</DTS:ObjectData></DTS:ForEachEnumerator><DTS:Executables>{body}</DTS:Executables><DTS:ForEachVariableMappings>{mappings}</DTS:ForEachVariableMappings>"#
    )
}

/// A task that keeps `label` and the value of `variable` in the table `seen` of `Keep`.
fn keep(path: &str, label: &str, variable: &str) -> String {
    let data = format!(
        r#"<DTS:ObjectData><SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" SQLTask:Connection="Keep" SQLTask:SqlStatementSource="INSERT INTO seen VALUES ('{label}', ?)"><SQLTask:ParameterBinding SQLTask:ParameterName="0" SQLTask:DtsVariableName="User::{variable}" SQLTask:ParameterDirection="Input" SQLTask:DataType="130"/></SQLTask:SqlTaskData></DTS:ObjectData>"#
    );
    executable(path, "Microsoft.ExecuteSQLTask", &data)
}

/// Runs a package whose connection `Keep` is a new SQLite file; gives the rows of its table `seen`.
fn seen(soctl: &Soctl, package: TaskPackage, exit: i32, parts: &[&str]) -> Vec<String> {
    let file = soctl.home().join("keep.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database
        .execute_batch("DROP TABLE IF EXISTS seen; CREATE TABLE seen (label text, value text)")
        .unwrap();
    let string = format!("Provider=SQLite;Data Source={}", file.display());
    let package = package.connection("Keep", "OLEDB", &string);
    std::fs::write(soctl.home().join("p.dtsx"), package.text()).unwrap();
    soctl
        .dtexec(&["/F", "p.dtsx", "/Rep", "EW"])
        .reports(exit, parts);
    let mut rows = database
        .prepare("SELECT label || '=' || value FROM seen ORDER BY rowid")
        .unwrap();
    let rows = rows.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn the_tables_of_a_data_set_are_gone_over_in_every_mode() {
    let soctl = Soctl::new();
    let source = soctl.home().join("source.db");
    rusqlite::Connection::open(&source)
        .unwrap()
        .execute_batch("CREATE TABLE t (a int)")
        .unwrap();
    let string = format!("Provider=SQLite;Data Source={}", source.display());
    let fill = r#"SQLTask:Connection="Net" SQLTask:ResultType="ResultSetType_Rowset" SQLTask:SqlStatementSource="SELECT 1 AS n UNION ALL SELECT 2; INSERT INTO t VALUES (3); SELECT a, 'x' AS x FROM t""#;
    let result =
        r#"<SQLTask:ResultBinding SQLTask:ResultName="0" SQLTask:DtsVariableName="User::Set"/>"#;
    let rows = |name: &str, variable: &str, mode: &str, path: &str| {
        let data = format!(r#"<FEEADO VarName="User::{variable}" EnumType="{mode}"/>"#);
        let body = keep(&format!("{path}\\Keep {name}"), name, "N");
        each(ADO, &data, &[("N", 0)], &body)
    };
    let package = |inner_mode: &str| {
        let inside = rows("table", "Table", inner_mode, "Package\\Tables\\Rows");
        let inside = executable("Package\\Tables\\Rows", "STOCK:FOREACHLOOP", &inside);
        let tables = r#"<FEEADO VarName="User::Set" EnumType="EnumerateTables"/>"#;
        TaskPackage::new("tables")
            .connection("Net", "ADO.NET:SQLite", &string)
            .variable("Set", 13, "")
            .variable("Table", 13, "")
            .variable("N", 8, "")
            .sql("Fill", fill, result)
            .container(
                "First",
                "STOCK:FOREACHLOOP",
                &rows(
                    "first",
                    "Set",
                    "EnumerateRowsInFirstTable",
                    "Package\\First",
                ),
            )
            .container(
                "All",
                "STOCK:FOREACHLOOP",
                &rows("all", "Set", "EnumerateAllRows", "Package\\All"),
            )
            .container(
                "Tables",
                "STOCK:FOREACHLOOP",
                &each(ADO, tables, &[("Table", 0)], &inside),
            )
    };
    let found = seen(
        &soctl,
        package("EnumerateRowsInFirstTable"),
        0,
        &["DTSER_SUCCESS (0)"],
    );
    let expected = "first=1 first=2 all=1 all=2 all=3 table=1 table=2 table=3";
    assert_eq!(found.join(" "), expected);
    // A table has no tables in it.
    seen(
        &soctl,
        package("EnumerateTables"),
        1,
        &["0xC0014023", "needs a data set"],
    );
}

#[test]
fn a_loop_goes_into_the_nodes_of_another_one() {
    let soctl = Soctl::new();
    let xml = "&lt;orders&gt;&lt;order&gt;&lt;line&gt;a&lt;/line&gt;&lt;line&gt;b&lt;/line&gt;&lt;/order&gt;&lt;order&gt;&lt;line&gt;c&lt;/line&gt;&lt;/order&gt;&lt;/orders&gt;";
    let lines = r#"<FEENODELIST EnumerationType="NodeText" SourceType="Variable" SourceDocument="User::Node" OuterXPathString="line"/>"#;
    let body = keep("Package\\Orders\\Lines\\Keep", "line", "Line");
    let inside = each(NODE_LIST, lines, &[("Line", 0)], &body);
    let inside = executable("Package\\Orders\\Lines", "STOCK:FOREACHLOOP", &inside);
    let orders = r#"<FEENODELIST EnumerationType="Node" SourceType="Variable" SourceDocument="User::Xml" OuterXPathString="/orders/order"/>"#;
    let package = TaskPackage::new("nodes")
        .variable("Xml", 8, xml)
        .variable("Node", 13, "")
        .variable("Line", 8, "")
        .container(
            "Orders",
            "STOCK:FOREACHLOOP",
            &each(NODE_LIST, orders, &[("Node", 0)], &inside),
        );
    let found = seen(&soctl, package, 0, &["DTSER_SUCCESS (0)"]);
    assert_eq!(found, ["line=a", "line=b", "line=c"]);
}

#[test]
fn postgresql_says_of_itself_what_schema_rowsets_ask() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    cluster.psql(
        "postgres",
        "CREATE TABLE parent (a int, b int, CONSTRAINT parent_key PRIMARY KEY (b, a));
         CREATE TABLE child (x int, y int, name varchar(12) CONSTRAINT named CHECK (name <> ''),
             z numeric(9,2),
             CONSTRAINT child_parent FOREIGN KEY (x, y) REFERENCES parent (b, a) ON DELETE CASCADE);
         CREATE UNIQUE INDEX by_y ON child (y, x);
         INSERT INTO parent VALUES (1, 2), (3, 4), (5, 6);
         INSERT INTO child SELECT b, a FROM parent;
         ANALYZE;
         CREATE ROLE reader;
         GRANT SELECT ON child TO reader WITH GRANT OPTION;
         CREATE DOMAIN short AS varchar(3);
         CREATE FUNCTION pair(n int) RETURNS TABLE (a int, b int) LANGUAGE sql
         AS $$ SELECT n, n + 1 $$;
         CREATE PROCEDURE half(IN whole int, OUT part int) LANGUAGE plpgsql
         AS $$ BEGIN part := whole / 2; END $$",
    );
    let soctl = Soctl::new();
    let found = |id: &str, index: usize, value: &str, column: usize| {
        let data = format!(
            r#"<FEESchemaRowset Connection="Db" Schema="{{{id}-5cf3-11ce-ade5-00aa0044773d}}"><Restriction Index="{index}" Value="{value}"/></FEESchemaRowset>"#
        );
        let body = keep("Package\\Each\\Keep", "c", "Name");
        let package = TaskPackage::new("rowsets")
            .connection("Db", "OLEDB", &cluster.connection_string("postgres"))
            .variable("Name", 8, "")
            .container(
                "Each",
                "STOCK:FOREACHLOOP",
                &each(SCHEMA_ROWSET, &data, &[("Name", column)], &body),
            );
        seen(&soctl, package, 0, &["DTSER_SUCCESS (0)"]).join(" ")
    };
    let indexes = "c8b5221e";
    assert_eq!(found(indexes, 4, "child", 17), "c=y c=x");
    assert_eq!(found(indexes, 2, "parent_key", 6), "c=True c=True");
    let foreign_keys = "c8b522c4";
    assert_eq!(found(foreign_keys, 2, "parent", 9), "c=x c=y");
    assert_eq!(found(foreign_keys, 5, "child", 3), "c=b c=a");
    assert_eq!(found(foreign_keys, 5, "child", 14), "c=CASCADE c=CASCADE");
    assert_eq!(
        found(foreign_keys, 5, "child", 15),
        "c=parent_key c=parent_key"
    );
    assert_eq!(found("c8b522b8", 2, "half", 3), "c=whole c=part");
    assert_eq!(found("c8b5221a", 6, "FOREIGN KEY", 2), "c=child_parent");
    assert_eq!(found("c8b52229", 2, "child", 3), "c=TABLE");
    assert_eq!(found("c8b52229", 3, "TABLE", 2), "c=child c=parent");
    // Types, and what of them a table says.
    let columns = "c8b52214";
    assert_eq!(found(columns, 2, "child", 11), "c=3 c=3 c=130 c=131");
    assert_eq!(found(columns, 2, "child", 13), "c= c= c=12 c=");
    assert_eq!(found(columns, 2, "child", 16), "c= c= c= c=2");
    assert_eq!(found("c8b5222c", 0, "72", 0), "c=uuid");
    assert_eq!(found("c8b52224", 2, "half", 3), "c=2");
    // Constraints.
    assert_eq!(found("c8b52218", 2, "parent_key", 6), "c=b c=a");
    assert_eq!(
        found("c8b52215", 2, "named", 3),
        "c=((name)::text <> ''::text)"
    );
    assert_eq!(found("c8b52301", 2, "child", 5), "c=named");
    assert_eq!(found("c8b52219", 2, "child_parent", 5), "c=parent_key");
    assert_eq!(found("c8b52219", 2, "child_parent", 8), "c=CASCADE");
    assert_eq!(
        found("c8b52217", 2, "parent", 5),
        "c=child_parent c=parent_key"
    );
    // Who may do what.
    assert_eq!(found("c8b52222", 4, "reader", 2), "c=postgres");
    assert_eq!(found("c8b52222", 4, "reader", 5), "c=SELECT");
    assert_eq!(found("c8b52222", 4, "reader", 6), "c=True");
    assert_eq!(found("c8b52221", 5, "reader", 5), "c=name c=x c=y c=z");
    assert_eq!(found("c8b52223", 5, "PUBLIC", 4), "c=short");
    assert_eq!(found("c8b522ef", 0, "reader", 3), "c=2");
    assert_eq!(found("c8b52227", 2, "child", 3), "c=3");
    assert_eq!(found("c8b522c9", 2, "pair", 3), "c=a c=b");
}

#[test]
fn postgresql_answers_for_every_rowset() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    let soctl = Soctl::new();
    let kinds =
        "10 11 12 13 14 15 16 17 18 19 1a 1b 1e 21 22 23 24 25 27 29 2c 2d 2e 2f b8 c4 c5 c9 e0 ef";
    let ids = kinds.split(' ').map(|end| format!("c8b522{end}"));
    let mut package =
        TaskPackage::new("all").connection("Db", "OLEDB", &cluster.connection_string("postgres"));
    for id in ids.chain(["c8b52301".to_owned()]) {
        let data = format!(
            r#"<FEESchemaRowset Connection="Db" Schema="{{{id}-5cf3-11ce-ade5-00aa0044773d}}"/>"#
        );
        let name: &'static str = id.leak();
        package = package.container(
            name,
            "STOCK:FOREACHLOOP",
            &each(SCHEMA_ROWSET, &data, &[], ""),
        );
    }
    std::fs::write(soctl.home().join("all.dtsx"), package.text()).unwrap();
    soctl
        .dtexec(&["/F", "all.dtsx", "/Rep", "EW"])
        .reports(0, &["DTSER_SUCCESS (0)"]);
}

#[test]
fn a_data_set_of_postgresql_has_a_table_for_each_result_set() {
    let Some(cluster) = PostgresCluster::start_or_skip() else {
        return;
    };
    cluster.psql(
        "postgres",
        "CREATE TABLE t (a int);
         CREATE FUNCTION pair(n int) RETURNS TABLE (a int, b int) LANGUAGE sql \
         AS $$ SELECT n, n + 1 UNION ALL SELECT n + 2, n + 3 $$",
    );
    let soctl = Soctl::new();
    let over = |kind: &str, sql: &str| {
        let fill = format!(
            r#"SQLTask:Connection="Net" SQLTask:ResultType="ResultSetType_Rowset" SQLTask:SqlStatementSource="{sql}""#
        );
        let result = r#"<SQLTask:ResultBinding SQLTask:ResultName="0" SQLTask:DtsVariableName="User::Set"/>"#;
        let all = r#"<FEEADO VarName="User::Set" EnumType="EnumerateAllRows"/>"#;
        let body = keep("Package\\All\\Keep", "all", "N");
        let net = cluster.connection_string("postgres");
        let package = TaskPackage::new("sets")
            .connection("Net", kind, &net)
            .variable("Set", 13, "")
            .variable("N", 8, "")
            .sql("Fill", &fill, result)
            .container(
                "All",
                "STOCK:FOREACHLOOP",
                &each(ADO, all, &[("N", 0)], &body),
            );
        seen(&soctl, package, 0, &["DTSER_SUCCESS (0)"]).join(" ")
    };
    let several = "SELECT 1 AS n; INSERT INTO t VALUES (2), (3); SELECT a FROM t WHERE a &lt; 0; \
        SELECT a, 'x' AS x FROM t";
    let found = |sql: &str| over("ADO.NET:PostgreSQL", sql);
    assert_eq!(found(several), "all=1 all=2 all=3");
    assert_eq!(found("EXEC pair 5"), "all=5 all=7");
    // A recordset has the first one, and the others run all the same.
    cluster.psql("postgres", "TRUNCATE t");
    for kind in ["OLEDB", "ODBC"] {
        assert_eq!(over(kind, several), "all=1", "{kind}");
        assert_eq!(over(kind, "EXEC pair 5"), "all=5 all=7", "{kind}");
    }
    assert_eq!(
        cluster.psql("postgres", "SELECT COUNT(*) FROM t").trim(),
        "4"
    );
    let failing = "SELECT 1 AS n; SELECT n FROM nowhere";
    assert_eq!(over("OLEDB", failing), "all=1");
}
