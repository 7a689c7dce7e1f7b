//! Small packages as text, for one behaviour each.

use std::fmt::Write;
use std::path::Path;

/// A flat file connection manager and its columns.
#[derive(Clone, Debug)]
pub struct FlatFile {
    /// Name.
    pub name: &'static str,
    /// Path, as the package says it.
    pub path: String,
    /// Code page.
    pub code_page: u32,
    /// Columns: name, type word of the data flow, length.
    pub columns: Vec<(&'static str, &'static str, u32)>,
}

const NUMBERS: [(&str, u32); 5] = [
    ("i4", 3),
    ("i8", 20),
    ("str", 129),
    ("wstr", 130),
    ("dbDate", 133),
];

impl FlatFile {
    /// The connection manager.
    pub fn manager(&self) -> String {
        let mut columns = String::new();
        for (at, (name, word, length)) in self.columns.iter().enumerate() {
            let delimiter = if at + 1 == self.columns.len() {
                "_x000D__x000A_"
            } else {
                "_x002C_"
            };
            let number = NUMBERS.iter().find(|(known, _)| known == word).unwrap().1;
            write!(
                columns,
                r#"<DTS:FlatFileColumn DTS:ColumnType="Delimited" DTS:ColumnDelimiter="{delimiter}" DTS:MaximumWidth="{length}" DTS:DataType="{number}" DTS:TextQualified="True" DTS:ObjectName="{name}"/>"#
            )
            .unwrap();
        }
        format!(
            r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[{name}]" DTS:CreationName="FLATFILE" DTS:ObjectName="{name}" DTS:DTSID="{{{id}}}"><DTS:ObjectData><DTS:ConnectionManager DTS:Format="Delimited" DTS:LocaleID="1033" DTS:HeaderRowDelimiter="_x000D__x000A_" DTS:ColumnNamesInFirstDataRow="True" DTS:RowDelimiter="" DTS:TextQualifier="_x0022_" DTS:CodePage="{page}" DTS:ConnectionString="{path}"><DTS:FlatFileColumns>{columns}</DTS:FlatFileColumns></DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager>"#,
            name = self.name,
            id = id(self.name),
            page = self.code_page,
            path = self.path,
        )
    }

    fn facets(&self, word: &str, length: u32) -> String {
        match word {
            "str" => format!(
                r#"dataType="str" length="{length}" codePage="{}""#,
                self.code_page
            ),
            "wstr" => format!(r#"dataType="wstr" length="{length}""#),
            other => format!(r#"dataType="{other}""#),
        }
    }
}

/// A GUID made from a name.
fn id(name: &str) -> String {
    let hash = name.bytes().fold(7_u64, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    format!("00000000-0000-4000-8000-{:012X}", hash & 0xFFFF_FFFF_FFFF)
}

/// A package that copies one flat file into another: `Read` to `Write` in the task `Load`.
pub fn copy(name: &str, from: &FlatFile, to: &FlatFile) -> String {
    let managers = format!("{}{}", from.manager(), to.manager());
    with_body(name, &managers, &copy_task(from.name, from, to))
}

/// The same, but the source names a connection manager that is not there.
pub fn copy_without_connection(name: &str, from: &FlatFile, to: &FlatFile) -> String {
    with_body(name, &to.manager(), &copy_task("Missing", from, to))
}

/// A package around connection managers and executables.
pub fn with_body(name: &str, managers: &str, executables: &str) -> String {
    format!(
        r#"<?xml version="1.0"?>
<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="{name}" DTS:DTSID="{{{id}}}" DTS:LocaleID="1033" DTS:ProtectionLevel="0">
<DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
<DTS:ConnectionManagers>{managers}</DTS:ConnectionManagers>
<DTS:Variables/>
<DTS:Executables>{executables}</DTS:Executables>
</DTS:Executable>"#,
        id = id(name),
    )
}

/// An Execute Process task named `Run` with a program and its arguments.
pub fn process(name: &str, program: &str, arguments: &str) -> String {
    let task = format!(
        r#"<DTS:Executable DTS:refId="Package\Run" DTS:CreationName="Microsoft.ExecuteProcess" DTS:ExecutableType="Microsoft.ExecuteProcess" DTS:ObjectName="Run" DTS:DTSID="{{{}}}"><DTS:Variables/><DTS:ObjectData><ExecuteProcessData Executable="{program}" Arguments="{arguments}" RequireFullFileName="False"/></DTS:ObjectData></DTS:Executable>"#,
        id("Run"),
    );
    with_body(name, "", &task)
}

/// An Execute Process task that runs until there is a file.
pub fn waiting(name: &str, go: &Path) -> String {
    let script = format!(
        "-c &quot;until test -e {}; do sleep 0.1; done&quot;",
        go.display()
    );
    process(name, "sh", &script)
}

fn copy_task(connection: &str, from: &FlatFile, to: &FlatFile) -> String {
    let columns = from.columns.iter();
    let columns: Vec<(&str, String)> = columns
        .map(|(name, _, _)| (*name, source_column("Read", name)))
        .collect();
    let components = source("Read", connection, from) + &destination("Write", to, &columns);
    data_flow(
        &components,
        &[(&source_output("Read"), &destination_input("Write"))],
    )
}

/// A Data Flow task `Load` of components and the paths between their outputs and inputs.
pub fn data_flow(components: &str, ends: &[(&str, &str)]) -> String {
    let mut paths = String::new();
    for (number, (start, end)) in ends.iter().enumerate() {
        write!(paths, r#"<path refId="Package\Load.Paths[p{number}]" endId="{end}" name="p{number}" startId="{start}"/>"#).unwrap();
    }
    format!(
        r#"<DTS:Executable DTS:refId="Package\Load" DTS:CreationName="Microsoft.Pipeline" DTS:ExecutableType="Microsoft.Pipeline" DTS:ObjectName="Load" DTS:DTSID="{{{task}}}"><DTS:Variables/><DTS:ObjectData><pipeline version="1"><components>{components}</components><paths>{paths}</paths></pipeline></DTS:ObjectData></DTS:Executable>"#,
        task = id("Load"),
    )
}

/// The output of a flat file source of the task `Load`.
pub fn source_output(component: &str) -> String {
    format!(r"Package\Load\{component}.Outputs[Flat File Source Output]")
}

/// The lineage id of a column of such a source.
pub fn source_column(component: &str, column: &str) -> String {
    format!("{}.Columns[{column}]", source_output(component))
}

/// The input of a flat file destination of the task `Load`.
pub fn destination_input(component: &str) -> String {
    format!(r"Package\Load\{component}.Inputs[Flat File Destination Input]")
}

/// A flat file source over a connection manager, with all columns of the file.
pub fn source(component: &str, connection: &str, file: &FlatFile) -> String {
    let out = source_output(component);
    let (mut outputs, mut externals) = (String::new(), String::new());
    for (name, word, length) in &file.columns {
        let facets = file.facets(word, *length);
        write!(outputs, r#"<outputColumn refId="{out}.Columns[{name}]" {facets} errorRowDisposition="FailComponent" truncationRowDisposition="FailComponent" externalMetadataColumnId="{out}.ExternalColumns[{name}]" lineageId="{out}.Columns[{name}]" name="{name}"/>"#).unwrap();
        write!(externals, r#"<externalMetadataColumn refId="{out}.ExternalColumns[{name}]" {facets} name="{name}"/>"#).unwrap();
    }
    format!(
        r#"
<component refId="Package\Load\{component}" componentClassID="Microsoft.FlatFileSource" name="{component}" usesDispositions="true" version="1"><properties><property dataType="System.Boolean" name="RetainNulls">false</property></properties><connections><connection refId="Package\Load\{component}.Connections[FlatFileConnection]" connectionManagerID="Package.ConnectionManagers[{connection}]" connectionManagerRefId="Package.ConnectionManagers[{connection}]" name="FlatFileConnection"/></connections><outputs><output refId="{out}" name="Flat File Source Output"><outputColumns>{outputs}</outputColumns><externalMetadataColumns isUsed="True">{externals}</externalMetadataColumns></output></outputs></component>"#
    )
}

/// A flat file destination: for each column of the file that is written, its lineage id.
pub fn destination(component: &str, file: &FlatFile, columns: &[(&str, String)]) -> String {
    let into = destination_input(component);
    let (mut inputs, mut targets) = (String::new(), String::new());
    for (name, lineage) in columns {
        write!(inputs, r#"<inputColumn refId="{into}.Columns[{name}]" cachedName="{name}" externalMetadataColumnId="{into}.ExternalColumns[{name}]" lineageId="{lineage}"/>"#).unwrap();
    }
    for (name, word, length) in &file.columns {
        let facets = file.facets(word, *length);
        write!(targets, r#"<externalMetadataColumn refId="{into}.ExternalColumns[{name}]" {facets} name="{name}"/>"#).unwrap();
    }
    let target = file.name;
    format!(
        r#"
<component refId="Package\Load\{component}" componentClassID="Microsoft.FlatFileDestination" name="{component}"><properties><property dataType="System.Boolean" name="Overwrite">true</property></properties><connections><connection refId="Package\Load\{component}.Connections[FlatFileConnection]" connectionManagerID="Package.ConnectionManagers[{target}]" connectionManagerRefId="Package.ConnectionManagers[{target}]" name="FlatFileConnection"/></connections><inputs><input refId="{into}" hasSideEffects="true" name="Flat File Destination Input"><inputColumns>{inputs}</inputColumns><externalMetadataColumns isUsed="True">{targets}</externalMetadataColumns></input></inputs></component>
"#
    )
}
