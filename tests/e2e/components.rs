//! The smaller components of the data flow, each in a package that people would write.

#![expect(
    clippy::too_many_lines,
    reason = "a package is read from its source to its destination, in one piece"
)]

use std::fmt::Write;

use crate::support::package::{
    self, FlatFile, destination, destination_input, source, source_column, source_output,
};
use crate::support::{Site, Soctl};

/// A column of an output, or one that an input reads: its name, what it is, its properties.
type Column<'c> = (&'c str, String, Vec<(&'c str, String)>);

fn properties(list: &[(&str, String)]) -> String {
    let mut text = String::from("<properties>");
    for (name, value) in list {
        write!(
            text,
            r#"<property dataType="System.String" containsID="true" name="{name}">{value}</property>"#
        )
        .unwrap();
    }
    text + "</properties>"
}

fn input(component: &str) -> String {
    format!(r"Package\Load\{component}.Inputs[in]")
}

fn output(component: &str, name: &str) -> String {
    format!(r"Package\Load\{component}.Outputs[{name}]")
}

fn made(component: &str, column: &str) -> String {
    format!("{}.Columns[{column}]", output(component, "out"))
}

/// The input of a component: for each column its lineage id; `readWrite` where that is said.
fn reading(component: &str, columns: &[Column<'_>]) -> String {
    let port = input(component);
    let mut text =
        format!(r#"<inputs><input refId="{port}" hasSideEffects="true" name="in"><inputColumns>"#);
    for (name, lineage, list) in columns {
        let (lineage, usage) = match lineage.strip_prefix("readWrite ") {
            Some(lineage) => (lineage, r#" usageType="readWrite""#),
            None => (lineage.as_str(), ""),
        };
        let list = properties(list);
        write!(text, r#"<inputColumn refId="{port}.Columns[{name}]" cachedName="{name}" lineageId="{lineage}"{usage}>{list}</inputColumn>"#).unwrap();
    }
    text + "</inputColumns></input></inputs>"
}

/// An output: for each column its type.
fn making(component: &str, name: &str, synchronous: bool, columns: &[Column<'_>]) -> String {
    let port = output(component, name);
    let synchronous = match synchronous {
        true => format!(r#" synchronousInputId="{}""#, input(component)),
        false => String::new(),
    };
    let mut text = format!(r#"<output refId="{port}" name="{name}"{synchronous}><outputColumns>"#);
    for (name, facets, list) in columns {
        let list = properties(list);
        write!(text, r#"<outputColumn refId="{port}.Columns[{name}]" lineageId="{port}.Columns[{name}]" name="{name}" {facets}>{list}</outputColumn>"#).unwrap();
    }
    text + "</outputColumns></output>"
}

fn component(
    name: &str,
    class: &str,
    list: &[(&str, String)],
    connection: Option<&str>,
    ports: &str,
) -> String {
    let list = properties(list);
    let connections = connection.map_or(String::new(), |manager| {
        format!(
            r#"<connections><connection refId="Package\Load\{name}.Connections[c]" connectionManagerID="Package.ConnectionManagers[{manager}]" connectionManagerRefId="Package.ConnectionManagers[{manager}]" name="{manager}Connection"/></connections>"#
        )
    });
    format!(
        r#"<component refId="Package\Load\{name}" componentClassID="{class}" name="{name}">{list}{connections}{ports}</component>"#
    )
}

fn outputs(list: &[String]) -> String {
    format!("<outputs>{}</outputs>", list.concat())
}

fn file(
    soctl: &Soctl,
    name: &'static str,
    columns: Vec<(&'static str, &'static str, u32)>,
) -> FlatFile {
    FlatFile {
        name,
        path: soctl
            .home()
            .join(format!("{name}.csv"))
            .display()
            .to_string(),
        code_page: 65001,
        columns,
    }
}

fn text(value: &str) -> String {
    value.to_owned()
}

fn run(soctl: &Soctl, name: &str, managers: &str, executables: &str) {
    let path = soctl.home().join(format!("{name}.dtsx"));
    std::fs::write(&path, package::with_body(name, managers, executables)).unwrap();
    let path = path.display().to_string();
    let valid = soctl.run(&["validate", &path]);
    assert_eq!(valid.code, 0, "{}{}", valid.stdout, valid.stderr);
    let report = soctl.json(&["execute", "--package", &path]);
    assert_eq!(report[0]["status"], "succeeded", "{report:#}");
}

fn written(soctl: &Soctl, name: &str) -> String {
    std::fs::read_to_string(soctl.home().join(name)).unwrap()
}

const NUMBER: &str = r#"dataType="i4""#;
const NAME: &str = r#"dataType="wstr" length="10""#;

#[test]
fn columns_become_rows_and_columns_again_with_names_mapped_and_audited() {
    let site = Site::start();
    let soctl = &site.soctl;
    std::fs::write(
        soctl.home().join("sales.csv"),
        "name,q1,q2\r\nann,1,2\r\nbob,3,4\r\n",
    )
    .unwrap();
    let sales = file(
        soctl,
        "sales",
        vec![("name", "wstr", 10), ("q1", "i4", 0), ("q2", "i4", 0)],
    );
    let done = file(
        soctl,
        "done",
        vec![
            ("name", "wstr", 10),
            ("second", "i4", 0),
            ("package", "wstr", 10),
        ],
    );
    let from = |column: &str| source_column("Read", column);
    let unpivoted = |column: &str| format!("#{{{}}}", made("Rows", column));
    let components = [
        source("Read", "sales", &sales),
        component(
            "Upper",
            "Microsoft.CharacterMap",
            &[],
            None,
            &(reading(
                "Upper",
                &[(
                    "name",
                    format!("readWrite {}", from("name")),
                    vec![("MapFlags", text("512"))],
                )],
            ) + &outputs(&[making("Upper", "out", true, &[])])),
        ),
        component(
            "Rows",
            "Microsoft.UnPivot",
            &[],
            None,
            &(reading(
                "Rows",
                &[
                    (
                        "name",
                        from("name"),
                        vec![("DestinationColumn", unpivoted("name"))],
                    ),
                    (
                        "q1",
                        from("q1"),
                        vec![
                            ("DestinationColumn", unpivoted("qty")),
                            ("PivotKeyValue", text("Q1")),
                        ],
                    ),
                    (
                        "q2",
                        from("q2"),
                        vec![
                            ("DestinationColumn", unpivoted("qty")),
                            ("PivotKeyValue", text("Q2")),
                        ],
                    ),
                ],
            ) + &outputs(&[making(
                "Rows",
                "out",
                false,
                &[
                    ("name", text(NAME), vec![]),
                    ("quarter", text(NAME), vec![("PivotKey", text("true"))]),
                    ("qty", text(NUMBER), vec![]),
                ],
            )])),
        ),
        component(
            "Columns",
            "Microsoft.Pivot",
            &[("PassThroughUnmatchedPivotKeys", text("true"))],
            None,
            &(reading(
                "Columns",
                &[
                    (
                        "name",
                        made("Rows", "name"),
                        vec![("PivotUsage", text("1"))],
                    ),
                    (
                        "quarter",
                        made("Rows", "quarter"),
                        vec![("PivotUsage", text("2"))],
                    ),
                    ("qty", made("Rows", "qty"), vec![("PivotUsage", text("3"))]),
                ],
            ) + &outputs(&[making(
                "Columns",
                "out",
                false,
                &[
                    (
                        "name",
                        text(NAME),
                        vec![("SourceColumn", unpivoted("name"))],
                    ),
                    (
                        "second",
                        text(NUMBER),
                        vec![
                            ("SourceColumn", unpivoted("qty")),
                            ("PivotKeyValue", text("Q2")),
                        ],
                    ),
                ],
            )])),
        ),
        component(
            "Who",
            "Microsoft.Lineage",
            &[],
            None,
            &(reading("Who", &[])
                + &outputs(&[making(
                    "Who",
                    "out",
                    true,
                    &[(
                        "package",
                        text(NAME),
                        vec![("LineageItemSelected", text("2"))],
                    )],
                )])),
        ),
        component(
            "All",
            "Microsoft.PctSampling",
            &[("SamplingValue", text("100")), ("SamplingSeed", text("1"))],
            None,
            &(reading("All", &[]) + &outputs(&[making("All", "out", true, &[])])),
        ),
        destination(
            "Write",
            &done,
            &[
                ("name", made("Columns", "name")),
                ("second", made("Columns", "second")),
                ("package", made("Who", "package")),
            ],
        ),
    ];
    let flow = package::data_flow(
        &components.concat(),
        &[
            (&source_output("Read"), &input("Upper")),
            (&output("Upper", "out"), &input("Rows")),
            (&output("Rows", "out"), &input("Columns")),
            (&output("Columns", "out"), &input("Who")),
            (&output("Who", "out"), &input("All")),
            (&output("All", "out"), &destination_input("Write")),
        ],
    );
    run(
        soctl,
        "quarters",
        &(sales.manager() + &done.manager()),
        &flow,
    );
    assert_eq!(
        written(soctl, "done.csv"),
        "\"name\",\"second\",\"package\"\r\n\"ANN\",\"2\",\"quarters\"\r\n\"BOB\",\"4\",\"quarters\"\r\n"
    );
}

/// A second data flow in the place of the one that is called `Load`.
fn renamed(flow: &str, name: &str) -> String {
    flow.replace(r"Package\Load", &format!(r"Package\{name}"))
        .replace(r#"ObjectName="Load""#, &format!(r#"ObjectName="{name}""#))
        .replace(r#"DTS:DTSID="{00000000"#, r#"DTS:DTSID="{11111111"#)
}

/// The second executable after the first.
fn after(first: &str, second: &str) -> String {
    format!(
        r#"</DTS:Executables><DTS:PrecedenceConstraints><DTS:PrecedenceConstraint DTS:refId="Package.PrecedenceConstraints[c]" DTS:CreationName="" DTS:DTSID="{{00000000-0000-4000-8000-0000000000cc}}" DTS:From="Package\{first}" DTS:LogicalAnd="True" DTS:ObjectName="c" DTS:To="Package\{second}"/></DTS:PrecedenceConstraints><DTS:Executables>"#
    )
}

#[test]
fn a_cache_is_filled_by_one_data_flow_and_looked_up_in_by_the_next_and_kept_in_a_file() {
    let site = Site::start();
    let soctl = &site.soctl;
    std::fs::write(
        soctl.home().join("people.csv"),
        "id,name\r\n1,Ann\r\n2,Bob\r\n",
    )
    .unwrap();
    std::fs::write(
        soctl.home().join("orders.csv"),
        "id,name\r\n2,x\r\n9,y\r\n1,z\r\n",
    )
    .unwrap();
    let columns = || vec![("id", "i4", 0), ("name", "wstr", 10)];
    let (people, orders) = (
        file(soctl, "people", columns()),
        file(soctl, "orders", columns()),
    );
    let found = file(soctl, "found", vec![("id", "i4", 0), ("who", "wstr", 10)]);
    let cache = format!(
        r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[Cache]" DTS:CreationName="CACHE" DTS:ObjectName="Cache" DTS:DTSID="{{00000000-0000-4000-8000-0000000000ca}}"><DTS:ObjectData><DTS:ConnectionManager DTS:UseFile="True" DTS:ConnectionString="{}"><DTS:CacheColumns><DTS:CacheColumn DTS:DataType="3" DTS:IndexPosition="1" DTS:ObjectName="id"/><DTS:CacheColumn DTS:DataType="130" DTS:Length="10" DTS:ObjectName="name"/></DTS:CacheColumns></DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager>"#,
        soctl.home().join("people.caw").display()
    );
    let fill = component(
        "Keep",
        "Microsoft.Cache",
        &[],
        Some("Cache"),
        &(reading(
            "Keep",
            &[
                (
                    "id",
                    source_column("Read", "id"),
                    vec![("CacheColumnName", text("id"))],
                ),
                (
                    "name",
                    source_column("Read", "name"),
                    vec![("CacheColumnName", text("name"))],
                ),
            ],
        ) + &outputs(&[making("Keep", "out", true, &[])])),
    );
    let fill = package::data_flow(
        &(source("Read", "people", &people) + &fill),
        &[(&source_output("Read"), &input("Keep"))],
    );
    let lookup = component(
        "Find",
        "Microsoft.Lookup",
        &[
            ("ConnectionType", text("1")),
            ("NoMatchBehavior", text("1")),
        ],
        Some("Cache"),
        &(reading(
            "Find",
            &[(
                "id",
                source_column("Read", "id"),
                vec![("JoinToReferenceColumn", text("id"))],
            )],
        ) + &outputs(&[
            making(
                "Find",
                "out",
                true,
                &[(
                    "who",
                    text(NAME),
                    vec![("CopyFromReferenceColumn", text("name"))],
                )],
            ),
            making("Find", "none", true, &[]),
        ])),
    );
    let load = package::data_flow(
        &[
            source("Read", "orders", &orders),
            lookup,
            destination(
                "Write",
                &found,
                &[
                    ("id", source_column("Read", "id")),
                    ("who", made("Find", "who")),
                ],
            ),
        ]
        .concat(),
        &[
            (&source_output("Read"), &input("Find")),
            (&output("Find", "out"), &destination_input("Write")),
        ],
    );
    let managers = [people.manager(), orders.manager(), found.manager(), cache].concat();
    let both = renamed(&fill, "Fill") + &load + &after("Fill", "Load");
    run(soctl, "lookups", &managers, &both);
    let expected = "\"id\",\"who\"\r\n\"2\",\"Bob\"\r\n\"1\",\"Ann\"\r\n";
    assert_eq!(written(soctl, "found.csv"), expected);
    // The next package finds the file.
    std::fs::remove_file(soctl.home().join("found.csv")).unwrap();
    run(soctl, "again", &managers, &load);
    assert_eq!(written(soctl, "found.csv"), expected);
}

#[test]
fn rows_go_through_a_raw_file_and_a_workbook() {
    let site = Site::start();
    let soctl = &site.soctl;
    std::fs::write(
        soctl.home().join("people.csv"),
        "id,name\r\n1,Ann\r\n2,Öz\r\n",
    )
    .unwrap();
    let columns = || vec![("id", "i4", 0), ("name", "wstr", 10)];
    let people = file(soctl, "people", columns());
    let copied = file(
        soctl,
        "copied",
        vec![("id", "i4", 0), ("name", "wstr", 255)],
    );
    let raw = soctl.home().join("people.raw").display().to_string();
    let save = component(
        "Save",
        "Microsoft.RawDestination",
        &[("FileName", raw.clone())],
        None,
        &reading(
            "Save",
            &[
                ("id", source_column("Read", "id"), vec![]),
                ("name", source_column("Read", "name"), vec![]),
            ],
        ),
    );
    let save = package::data_flow(
        &(source("Read", "people", &people) + &save),
        &[(&source_output("Read"), &input("Save"))],
    );
    run(soctl, "save", &people.manager(), &save);

    let book = format!(
        r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[OleDb]" DTS:CreationName="EXCEL" DTS:ObjectName="OleDb" DTS:DTSID="{{00000000-0000-4000-8000-0000000000ee}}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="Provider=Microsoft.ACE.OLEDB.12.0;Data Source={};Extended Properties=&quot;EXCEL 12.0 XML;HDR=YES&quot;;"/></DTS:ObjectData></DTS:ConnectionManager>"#,
        soctl.home().join("people.xlsx").display()
    );
    let raw_source = component(
        "Raw",
        "Microsoft.RawSource",
        &[("FileName", raw)],
        None,
        &outputs(&[making(
            "Raw",
            "out",
            false,
            &[("id", text(NUMBER), vec![]), ("name", text(NAME), vec![])],
        )]),
    );
    let into = input("Sheet");
    let mut sheet = component(
        "Sheet",
        "Microsoft.ExcelDestination",
        &[("OpenRowset", text("People$"))],
        Some("OleDb"),
        &reading(
            "Sheet",
            &[
                ("id", made("Raw", "id"), vec![]),
                ("name", made("Raw", "name"), vec![]),
            ],
        ),
    );
    for (name, facets) in [
        ("id", r#"dataType="r8""#),
        ("name", r#"dataType="wstr" length="255""#),
    ] {
        let plain = format!(r#"refId="{into}.Columns[{name}]""#);
        let mapped = format!(r#"{plain} externalMetadataColumnId="{into}.External[{name}]""#);
        let external = format!(
            r#"<externalMetadataColumn refId="{into}.External[{name}]" {facets} name="{name}"/>"#
        );
        sheet = sheet.replacen(&plain, &mapped, 1);
        sheet = sheet.replacen("</inputColumns>", &format!("</inputColumns><externalMetadataColumns isUsed=\"True\">{external}</externalMetadataColumns>"), 1);
    }
    let sheet = sheet.replace(
        "</externalMetadataColumns><externalMetadataColumns isUsed=\"True\">",
        "",
    );
    let export = package::data_flow(&(raw_source + &sheet), &[(&output("Raw", "out"), &into)]);
    run(soctl, "export", &book, &export);

    let read = component(
        "Book",
        "Microsoft.ExcelSource",
        &[("OpenRowset", text("People$"))],
        Some("OleDb"),
        &outputs(&[making(
            "Book",
            "out",
            false,
            &[
                ("id", text(NUMBER), vec![]),
                ("name", text(r#"dataType="wstr" length="255""#), vec![]),
            ],
        )]),
    );
    let import = package::data_flow(
        &(read
            + &destination(
                "Write",
                &copied,
                &[("id", made("Book", "id")), ("name", made("Book", "name"))],
            )),
        &[(&output("Book", "out"), &destination_input("Write"))],
    );
    run(soctl, "import", &(book + &copied.manager()), &import);
    assert_eq!(
        written(soctl, "copied.csv"),
        "\"id\",\"name\"\r\n\"1\",\"Ann\"\r\n\"2\",\"Öz\"\r\n"
    );
}

#[test]
fn members_of_a_dimension_are_told_apart() {
    let site = Site::start();
    let soctl = &site.soctl;
    let path = soctl.home().join("d.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    let table = "CREATE TABLE D (Id int, City nvarchar(10), IsCurrent int);
        INSERT INTO D VALUES (1, 'Oslo', 0), (1, 'Rome', 1), (2, 'Bonn', 1)";
    database.execute_batch(table).unwrap();
    std::fs::write(
        soctl.home().join("members.csv"),
        "id,city\r\n1,Rome\r\n2,Köln\r\n3,Wien\r\n",
    )
    .unwrap();
    let columns = || vec![("id", "i4", 0), ("city", "wstr", 10)];
    let members = file(soctl, "members", columns());
    let (new, changed) = (
        file(soctl, "new", columns()),
        file(soctl, "changed", columns()),
    );
    let connection = format!(
        r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[Lookup]" DTS:CreationName="OLEDB" DTS:ObjectName="Lookup" DTS:DTSID="{{00000000-0000-4000-8000-0000000000db}}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="Provider=SQLite;Data Source={}"/></DTS:ObjectData></DTS:ConnectionManager>"#,
        path.display()
    );
    let scd = component(
        "Compare",
        "Microsoft.SCD",
        &[
            ("SqlCommand", text("SELECT [Id], [City] FROM [dbo].[D]")),
            ("CurrentRowWhere", text("[IsCurrent] = 1")),
        ],
        Some("Lookup"),
        &(reading(
            "Compare",
            &[
                (
                    "id",
                    source_column("Read", "id"),
                    vec![("ColumnType", text("1"))],
                ),
                (
                    "city",
                    source_column("Read", "city"),
                    vec![("ColumnType", text("3"))],
                ),
            ],
        ) + &outputs(
            &[
                "Unchanged Output",
                "New Output",
                "Fixed Attribute Output",
                "Changing Attribute Updates Output",
                "Historical Attribute Inserts Output",
                "Inferred Member Updates Output",
            ]
            .map(|name| making("Compare", name, true, &[])),
        )),
    );
    let columns = [
        ("id", source_column("Read", "id")),
        ("city", source_column("Read", "city")),
    ];
    let flow = package::data_flow(
        &[
            source("Read", "members", &members),
            scd,
            destination("New", &new, &columns),
            destination("Changed", &changed, &columns),
        ]
        .concat(),
        &[
            (&source_output("Read"), &input("Compare")),
            (&output("Compare", "New Output"), &destination_input("New")),
            (
                &output("Compare", "Historical Attribute Inserts Output"),
                &destination_input("Changed"),
            ),
        ],
    );
    let managers = [
        members.manager(),
        new.manager(),
        changed.manager(),
        connection,
    ]
    .concat();
    run(soctl, "members", &managers, &flow);
    assert_eq!(
        written(soctl, "new.csv"),
        "\"id\",\"city\"\r\n\"3\",\"Wien\"\r\n"
    );
    assert_eq!(
        written(soctl, "changed.csv"),
        "\"id\",\"city\"\r\n\"2\",\"Köln\"\r\n"
    );
}
