//! Packages of tasks that run one after the other.

use std::fmt::Write;

/// A package, part by part.
#[derive(Debug)]
pub struct TaskPackage {
    name: &'static str,
    managers: String,
    variables: String,
    parameters: String,
    tasks: Vec<(&'static str, String)>,
}

impl TaskPackage {
    /// A package without anything.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            managers: String::new(),
            variables: String::new(),
            parameters: String::new(),
            tasks: Vec::new(),
        }
    }

    /// A connection manager; `body` is what stands in its object data.
    pub fn manager(mut self, name: &str, kind: &str, body: &str) -> Self {
        let number = self.managers.matches("DTS:CreationName").count() + 1;
        write!(self.managers, r#"<DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[{name}]" DTS:CreationName="{kind}" DTS:ObjectName="{name}" DTS:DTSID="{{00000000-0000-4000-8000-0000000000{number:02}}}"><DTS:ObjectData>{body}</DTS:ObjectData></DTS:ConnectionManager>"#).unwrap();
        self
    }

    /// A connection manager that is only a connection string.
    pub fn connection(self, name: &str, kind: &str, string: &str) -> Self {
        let body = format!(r#"<DTS:ConnectionManager DTS:ConnectionString="{string}"/>"#);
        self.manager(name, kind, &body)
    }

    /// A variable of the package with a number of its type (8 text, 3 integer).
    pub fn variable(mut self, name: &str, data_type: u8, value: &str) -> Self {
        write!(self.variables, r#"<DTS:Variable DTS:Namespace="User" DTS:ObjectName="{name}" DTS:IncludeInDebugDump="2345"><DTS:VariableValue DTS:DataType="{data_type}">{value}</DTS:VariableValue></DTS:Variable>"#).unwrap();
        self
    }

    /// A text parameter of the package.
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        write!(self.parameters, r#"<DTS:PackageParameter DTS:CreationName="" DTS:DataType="8" DTS:ObjectName="{name}"><DTS:Property DTS:DataType="8" DTS:Name="ParameterValue">{value}</DTS:Property></DTS:PackageParameter>"#).unwrap();
        self
    }

    /// A container that runs after those before it; `inner` is what stands in its element.
    pub fn container(mut self, name: &'static str, kind: &str, inner: &str) -> Self {
        let text = executable(&format!("Package\\{name}"), kind, inner);
        self.tasks.push((name, text));
        self
    }

    /// A task that runs after those before it; `data` is its object data.
    pub fn task(mut self, name: &'static str, kind: &str, data: &str) -> Self {
        let text = format!(
            r#"<DTS:Executable DTS:refId="Package\{name}" DTS:CreationName="{kind}" DTS:ExecutableType="{kind}" DTS:ObjectName="{name}" DTS:DTSID="{{00000000-0000-4000-8000-0000000001{:02}}}"><DTS:Variables/><DTS:ObjectData>{data}</DTS:ObjectData></DTS:Executable>"#,
            self.tasks.len() + 1
        );
        self.tasks.push((name, text));
        self
    }

    /// A property expression of a task.
    pub fn expression(mut self, task: &str, property: &str, expression: &str) -> Self {
        let escaped = expression
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let text = format!(
            r#"<DTS:PropertyExpression DTS:Name="{property}">{escaped}</DTS:PropertyExpression><DTS:Variables/>"#
        );
        let mut tasks = self.tasks.iter_mut();
        let (_, found) = tasks.find(|(name, _)| *name == task).unwrap();
        *found = found.replace("<DTS:Variables/>", &text);
        self
    }

    /// An Execute SQL task; `attributes` and `children` as its object data has them.
    pub fn sql(self, name: &'static str, attributes: &str, children: &str) -> Self {
        let data = format!(
            r#"<SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" {attributes}>{children}</SQLTask:SqlTaskData>"#
        );
        self.task(name, "Microsoft.ExecuteSQLTask", &data)
    }

    /// The file.
    pub fn text(&self) -> String {
        let tasks: String = self.tasks.iter().map(|(_, text)| text.as_str()).collect();
        let mut constraints = String::new();
        for pair in self.tasks.windows(2) {
            let (from, to) = (pair[0].0, pair[1].0);
            write!(constraints, r#"<DTS:PrecedenceConstraint DTS:refId="Package.PrecedenceConstraints[{from}-{to}]" DTS:From="Package\{from}" DTS:To="Package\{to}" DTS:LogicalAnd="True" DTS:ObjectName="{from}-{to}"/>"#).unwrap();
        }
        format!(
            r#"<?xml version="1.0"?>
<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:CreationName="Microsoft.Package" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="{name}" DTS:DTSID="{{00000000-0000-4000-8000-000000000000}}" DTS:VersionMajor="1" DTS:VersionBuild="7" DTS:VersionGUID="{{00000000-0000-4000-8000-00000000000A}}" DTS:LocaleID="1033" DTS:ProtectionLevel="0">
<DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
<DTS:ConnectionManagers>{managers}</DTS:ConnectionManagers>
<DTS:PackageParameters>{parameters}</DTS:PackageParameters>
<DTS:Variables>{variables}</DTS:Variables>
<DTS:Executables>{tasks}</DTS:Executables>
<DTS:PrecedenceConstraints>{constraints}</DTS:PrecedenceConstraints>
</DTS:Executable>"#,
            name = self.name,
            managers = self.managers,
            parameters = self.parameters,
            variables = self.variables,
        )
    }
}

/// An executable at a path such as `Package\Loop\Task`.
pub fn executable(path: &str, kind: &str, inner: &str) -> String {
    let name = path.rsplit('\\').next().unwrap();
    let digits = path.bytes().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into()) % 0xFFFF_FFFF
    });
    format!(
        r#"<DTS:Executable DTS:refId="{path}" DTS:CreationName="{kind}" DTS:ExecutableType="{kind}" DTS:ObjectName="{name}" DTS:DTSID="{{00000000-0000-4000-8000-0002{digits:08X}}}">{inner}</DTS:Executable>"#
    )
}
