//! OLE DB Command: a statement for each row of a file, the bad rows in a file of their own.

use crate::support::Site;
use crate::support::package::{
    self, FlatFile, destination, destination_input, source, source_column, source_output,
};

const COMMAND: &str = r"Package\Load\Change";

fn component() -> String {
    let input = format!("{COMMAND}.Inputs[in]");
    let (mut columns, mut externals) = (String::new(), String::new());
    for (parameter, column, facets) in [
        ("Param_0", "name", r#"dataType="wstr" length="10""#),
        ("Param_1", "id", r#"dataType="i4""#),
    ] {
        let from = source_column("Read", column);
        let external = format!("{input}.ExternalColumns[{parameter}]");
        columns += &format!(
            r#"<inputColumn refId="{input}.Columns[{column}]" cachedName="{column}" externalMetadataColumnId="{external}" lineageId="{from}"/>"#
        );
        externals += &format!(
            r#"<externalMetadataColumn refId="{external}" {facets} name="{parameter}"><properties><property dataType="System.Int32" name="DBParamInfoFlags">65</property></properties></externalMetadataColumn>"#
        );
    }
    let error_columns = ["ErrorCode", "ErrorColumn"].iter().zip(1..).map(|(name, flag)| {
        format!(
            r#"<outputColumn refId="{COMMAND}.Outputs[error].Columns[{name}]" dataType="i4" lineageId="{COMMAND}.Outputs[error].Columns[{name}]" name="{name}" specialFlags="{flag}"/>"#
        )
    });
    let error_columns: String = error_columns.collect();
    format!(
        r#"<component refId="{COMMAND}" componentClassID="Microsoft.OLEDBCommand" name="Change" usesDispositions="true" version="2"><properties><property dataType="System.String" name="SqlCommand">UPDATE [dbo].[T] SET [Name] = ? WHERE [Id] = ?</property></properties><connections><connection refId="{COMMAND}.Connections[OleDbConnection]" connectionManagerID="Package.ConnectionManagers[Db]" connectionManagerRefId="Package.ConnectionManagers[Db]" name="OleDbConnection"/></connections><inputs><input refId="{input}" hasSideEffects="true" errorRowDisposition="RedirectRow" name="in"><inputColumns>{columns}</inputColumns><externalMetadataColumns isUsed="True">{externals}</externalMetadataColumns></input></inputs><outputs><output refId="{COMMAND}.Outputs[out]" exclusionGroup="1" synchronousInputId="{input}" name="out"/><output refId="{COMMAND}.Outputs[error]" exclusionGroup="1" isErrorOut="true" synchronousInputId="{input}" name="error"><outputColumns>{error_columns}</outputColumns></output></outputs></component>"#
    )
}

#[test]
fn each_row_runs_the_statement_and_bad_ones_are_written_down() {
    let site = Site::start();
    let soctl = &site.soctl;
    let path = |name: &str| soctl.home().join(name).display().to_string();
    let database = rusqlite::Connection::open(path("t.db")).unwrap();
    let table = "CREATE TABLE T (Id int, Name text CHECK (Name <> 'bad'));
        INSERT INTO T VALUES (1, 'old'), (2, 'old'), (3, 'old')";
    database.execute_batch(table).unwrap();
    std::fs::write(
        path("changes.csv"),
        "id,name\r\n1,new\r\n2,bad\r\n3,newer\r\n",
    )
    .unwrap();

    let file = |name: &'static str, columns| FlatFile {
        name,
        path: path(&format!("{name}.csv")),
        code_page: 65001,
        columns,
    };
    let changes = file("changes", vec![("id", "i4", 0), ("name", "wstr", 10)]);
    let refused = file("refused", vec![("id", "i4", 0), ("ErrorCode", "i4", 0)]);
    let code = format!("{COMMAND}.Outputs[error].Columns[ErrorCode]");
    let written = [("id", source_column("Read", "id")), ("ErrorCode", code)];
    let components = source("Read", "changes", &changes)
        + &component()
        + &destination("Write", &refused, &written);
    let flow = package::data_flow(
        &components,
        &[
            (&source_output("Read"), &format!("{COMMAND}.Inputs[in]")),
            (
                &format!("{COMMAND}.Outputs[error]"),
                &destination_input("Write"),
            ),
        ],
    );
    let connection = format!(
        r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[Db]" DTS:CreationName="OLEDB" DTS:ObjectName="Db" DTS:DTSID="{{00000000-0000-4000-8000-0000000000db}}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="Provider=SQLite;Data Source={}"/></DTS:ObjectData></DTS:ConnectionManager>"#,
        path("t.db")
    );
    let managers = changes.manager() + &refused.manager() + &connection;
    std::fs::write(
        path("change.dtsx"),
        package::with_body("change", &managers, &flow),
    )
    .unwrap();

    let report = soctl.json(&["execute", "--package", &path("change.dtsx")]);
    assert_eq!(report[0]["status"], "succeeded", "{report:#}");
    let mut names = database.prepare("SELECT Name FROM T ORDER BY Id").unwrap();
    let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let names: Vec<String> = names.map(Result::unwrap).collect();
    assert_eq!(names, ["new", "old", "newer"]);
    // 0xC0202009: the provider refused the statement.
    assert_eq!(
        std::fs::read_to_string(path("refused.csv")).unwrap(),
        "\"id\",\"ErrorCode\"\r\n\"2\",\"-1071636471\"\r\n"
    );
}
