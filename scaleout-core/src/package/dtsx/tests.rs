//! Self-written packages of each format, and the traps between them.

use super::read;
use crate::error::Explain as _;
use crate::package::pipeline::{Disposition, Pipeline};
use crate::package::{
    ConstraintValue, DataType, EvalOp, Executable, ExecutableKind, ForcedResult, Package,
    PackageError, TransactionOption, VariableType,
};

/// Format 2: property children, unprefixed IDREF, -1 and 0, numeric ids.
pub(crate) const FORMAT_2: &str = r##"<?xml version="1.0"?>
<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:ExecutableType="MSDTS.Package.1">
 <DTS:Property DTS:Name="PackageFormatVersion">2</DTS:Property>
 <DTS:Property DTS:Name="ObjectName">demo</DTS:Property>
 <DTS:Property DTS:Name="ProtectionLevel">0</DTS:Property>
 <DTS:Property DTS:Name="SaveCheckpoints">0</DTS:Property>
 <DTS:Property DTS:Name="EnableConfig">-1</DTS:Property>
 <DTS:ConnectionManager><DTS:Property DTS:Name="ObjectName">F</DTS:Property><DTS:Property DTS:Name="DTSID">{f}</DTS:Property>
  <DTS:Property DTS:Name="CreationName">FLATFILE</DTS:Property><DTS:ObjectData><DTS:ConnectionManager>
   <DTS:Property DTS:Name="Format">Delimited</DTS:Property><DTS:Property DTS:Name="CodePage">1250</DTS:Property>
   <DTS:Property DTS:Name="TextQualifier" xml:space="preserve">&lt;none&gt;</DTS:Property>
   <DTS:Property DTS:Name="ConnectionString">in.csv</DTS:Property>
   <DTS:FlatFileColumn><DTS:Property DTS:Name="ColumnType">Delimited</DTS:Property>
    <DTS:Property DTS:Name="ColumnDelimiter" xml:space="preserve">_x000D__x000A_</DTS:Property>
    <DTS:Property DTS:Name="MaximumWidth">20</DTS:Property><DTS:Property DTS:Name="DataType">129</DTS:Property>
    <DTS:Property DTS:Name="TextQualified">0</DTS:Property><DTS:Property DTS:Name="ObjectName">a</DTS:Property></DTS:FlatFileColumn>
  </DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager>
 <DTS:Configuration><DTS:Property DTS:Name="ConfigurationType">2</DTS:Property>
  <DTS:Property DTS:Name="ConfigurationString">X</DTS:Property>
  <DTS:Property DTS:Name="ConfigurationVariable">\Package.Variables[User::n].Properties[Value]</DTS:Property></DTS:Configuration>
 <DTS:PackageVariable><DTS:Property DTS:Name="PackageVariableValue">&lt;Package&gt;layout&lt;/Package&gt;</DTS:Property></DTS:PackageVariable>
 <DTS:Variable><DTS:Property DTS:Name="Namespace">User</DTS:Property><DTS:Property DTS:Name="ObjectName">n</DTS:Property>
  <DTS:Property DTS:Name="EvaluateAsExpression">0</DTS:Property><DTS:Property DTS:Name="ReadOnly">-1</DTS:Property>
  <DTS:VariableValue DTS:DataType="3">7</DTS:VariableValue></DTS:Variable>
 <DTS:LoggingOptions><DTS:Property DTS:Name="LoggingMode">1</DTS:Property><DTS:Property DTS:Name="FilterKind">0</DTS:Property>
  <DTS:Property DTS:Name="EventFilter" DTS:DataType="8">1,7,OnError</DTS:Property>
  <DTS:SelectedLogProvider DTS:InstanceID="{log}"/></DTS:LoggingOptions>
 <DTS:Executable DTS:ExecutableType="STOCK:SEQUENCE"><DTS:Property DTS:Name="ObjectName">A</DTS:Property>
  <DTS:Property DTS:Name="DTSID">{A}</DTS:Property><DTS:Property DTS:Name="Disabled">1</DTS:Property></DTS:Executable>
 <DTS:Executable DTS:ExecutableType="STOCK:FOREACHLOOP"><DTS:Property DTS:Name="ObjectName">B</DTS:Property>
  <DTS:Property DTS:Name="DTSID">{b}</DTS:Property>
  <DTS:ForEachEnumerator><DTS:Property DTS:Name="ObjectName">e</DTS:Property>
   <DTS:Property DTS:Name="CreationName">DTS.ForEachFileEnumerator.1</DTS:Property>
   <DTS:PropertyExpression DTS:Name="Directory">@[User::d]</DTS:PropertyExpression>
   <DTS:ObjectData><ForEachFileEnumeratorProperties><FEFEProperty Folder="C:\in"/></ForEachFileEnumeratorProperties></DTS:ObjectData></DTS:ForEachEnumerator>
  <DTS:ForEachVariableMapping><DTS:Property DTS:Name="VariableName">User::n</DTS:Property>
   <DTS:Property DTS:Name="ValueIndex">1</DTS:Property></DTS:ForEachVariableMapping>
  <DTS:Executable DTS:ExecutableType="DTS.Pipeline.1"><DTS:Property DTS:Name="ObjectName">D</DTS:Property>
   <DTS:Property DTS:Name="ForceExecutionResult">-1</DTS:Property>
   <DTS:Property DTS:Name="ExecValue" DTS:DataType="3">5</DTS:Property>
   <DTS:ObjectData><pipeline id="0" defaultBufferMaxRows="500" engineThreads="5"><components>
    <component id="1" name="Src" componentClassID="{2C0A8BE5-1EDC-4353-A0EF-B778599C65A0}" localeId="-1" usesDispositions="true">
     <connections><connection id="2" name="OleDbConnection" connectionManagerID="{f}"/></connections>
     <outputs><output id="3" name="Out" synchronousInputId="0" isErrorOut="false"><outputColumns>
      <outputColumn id="4" lineageId="4" name="c" dataType="str" length="10" codePage="1252" errorRowDisposition="RedirectRow" externalMetadataColumnId="0"/></outputColumns></output></outputs>
    </component>
    <component id="5" name="Dst" componentClassID="{BF01D463-7089-41EE-8F05-0A6DC17CE633}">
     <properties><property id="6" name="UserComponentTypeName" dataType="System.String">Contoso.Sink, Contoso, Version=1.0.0.0</property></properties>
     <inputs><input id="7" name="In" hasSideEffects="true"><inputColumns><inputColumn id="8" lineageId="4" usageType="readOnly"/></inputColumns></input></inputs>
    </component></components><paths><path id="9" name="p" startId="3" endId="7"/></paths></pipeline></DTS:ObjectData></DTS:Executable>
 </DTS:Executable>
 <DTS:PrecedenceConstraint><DTS:Property DTS:Name="ObjectName">C</DTS:Property><DTS:Property DTS:Name="Value">1</DTS:Property>
  <DTS:Property DTS:Name="EvalOp">3</DTS:Property><DTS:Property DTS:Name="LogicalAnd">-1</DTS:Property>
  <DTS:Property DTS:Name="Expression">@n &gt; 0</DTS:Property>
  <DTS:Executable IDREF="{a}" DTS:IsFrom="-1"/><DTS:Executable IDREF="{b}" DTS:IsFrom="0"/></DTS:PrecedenceConstraint>
 <DTS:EventHandler><DTS:Property DTS:Name="EventName">OnError</DTS:Property>
  <DTS:Executable DTS:ExecutableType="STOCK:SQLTask"><DTS:Property DTS:Name="ObjectName">Log</DTS:Property></DTS:Executable></DTS:EventHandler>
</DTS:Executable>"##;

/// Format 8: attributes, wrappers, refIds.
pub(crate) const FORMAT_8: &str = r##"<?xml version="1.0"?>
<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:CreationName="Microsoft.Package"
  DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="demo" DTS:DTSID="{p}" DTS:LocaleID="1033" DTS:VersionMajor="3" DTS:MaxErrorCount="0">
 <DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
 <DTS:ConnectionManagers>
  <DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[F]" DTS:CreationName="FLATFILE" DTS:ObjectName="F" DTS:DTSID="{f}"><DTS:ObjectData>
   <DTS:ConnectionManager DTS:Format="Delimited" DTS:LocaleID="1033" DTS:HeaderRowDelimiter="_x000D__x000A_" DTS:RowDelimiter=""
     DTS:TextQualifier="_x0022_" DTS:CodePage="1252" DTS:ConnectionString="in.csv"><DTS:FlatFileColumns>
    <DTS:FlatFileColumn DTS:ColumnType="Delimited" DTS:ColumnDelimiter="_x002C_" DTS:MaximumWidth="20" DTS:DataType="129" DTS:TextQualified="True" DTS:ObjectName="a"/>
    <DTS:FlatFileColumn DTS:ColumnWidth="4" DTS:DataType="131" DTS:DataPrecision="9" DTS:DataScale="2" DTS:ObjectName="b"/>
   </DTS:FlatFileColumns></DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager>
  <DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[H]" DTS:CreationName="OLEDB" DTS:ObjectName="H" DTS:DTSID="{h}"><DTS:ObjectData>
   <DTS:ConnectionManager DTS:ConnectionString="Data Source=x;"><DTS:Password DTS:Name="Password" Sensitive="1" Encrypted="1">AQAAANCMnd8BFdERjHoAwE</DTS:Password></DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager>
 </DTS:ConnectionManagers>
 <DTS:PackageParameters><DTS:PackageParameter DTS:ObjectName="P" DTS:DataType="11" DTS:Required="True">
  <DTS:Property DTS:Name="ParameterValue" DTS:DataType="11">-1</DTS:Property></DTS:PackageParameter></DTS:PackageParameters>
 <DTS:Variables>
  <DTS:Variable DTS:Namespace="User" DTS:ObjectName="n" DTS:EvaluateAsExpression="True" DTS:Expression="1 + 1"><DTS:VariableValue DTS:DataType="3">0</DTS:VariableValue></DTS:Variable>
  <DTS:Variable DTS:Namespace="User" DTS:ObjectName="s"><DTS:VariableValue DTS:DataType="8" xml:space="preserve"> </DTS:VariableValue></DTS:Variable>
  <DTS:Variable DTS:Namespace="User" DTS:ObjectName="o"><DTS:VariableValue DTS:DataSubType="ManagedSerializable" DTS:DataType="13"><Envelope>x</Envelope></DTS:VariableValue></DTS:Variable>
 </DTS:Variables>
 <DTS:Executables>
  <DTS:Executable DTS:refId="Package\Sql" DTS:CreationName="Microsoft.ExecuteSQLTask" DTS:ExecutableType="Microsoft.ExecuteSQLTask" DTS:ObjectName="Sql" DTS:DTSID="{s}" DTS:TransactionOption="2" DTS:Odd="kept">
   <DTS:PropertyExpression DTS:Name="Disable">@[User::n] == 1</DTS:PropertyExpression>
   <DTS:ObjectData><SQLTask:SqlTaskData xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" SQLTask:Connection="{h}" SQLTask:SqlStatementSource="select 1&#xA;-- two
three"/></DTS:ObjectData></DTS:Executable>
  <DTS:Executable DTS:refId="Package\Loop" DTS:CreationName="STOCK:FORLOOP" DTS:ExecutableType="STOCK:FORLOOP" DTS:ObjectName="Loop" DTS:DTSID="{l}" DTS:EvalExpression="@n &lt; 3" DTS:InitExpression="@n = 0" DTS:AssignExpression="@n = @n + 1">
   <DTS:Executables>
    <DTS:Executable DTS:refId="Package\Loop\D" DTS:CreationName="Microsoft.Pipeline" DTS:ExecutableType="Microsoft.Pipeline" DTS:ObjectName="D" DTS:DTSID="{d}"><DTS:ObjectData>
     <pipeline version="1" autoAdjustBufferSize="true"><components>
      <component refId="Package\Loop\D\Src" componentClassID="Microsoft.ManagedComponentHost" name="Src" localeId="1033"><properties>
        <property dataType="System.String" name="UserComponentTypeName">Microsoft.DataReaderSourceAdapter</property>
        <property dataType="System.String" name="T" state="escaped">_x005B_a_x005D_</property>
        <property dataType="System.String" name="Code" isArray="true"><arrayElements><arrayElement dataType="System.String"><![CDATA[x < y]]></arrayElement><arrayElement>z</arrayElement></arrayElements></property></properties>
       <connections><connection refId="c" connectionManagerID="{q}:external" connectionManagerRefId="Project.ConnectionManagers[Q]" name="IDbConnection"/></connections>
       <outputs><output refId="Package\Loop\D\Src.Outputs[O]" name="O"><outputColumns>
        <outputColumn refId="Package\Loop\D\Src.Outputs[O].Columns[a]" lineageId="Package\Loop\D\Src.Outputs[O].Columns[a]" name="a" dataType="numeric" precision="9" scale="2" sortKeyPosition="-1" truncationRowDisposition="FailComponent"/></outputColumns></output></outputs></component>
      <component refId="Package\Loop\D\X" componentClassID="Microsoft.DerivedColumn" name="X" usesDispositions="true">
       <inputs><input refId="Package\Loop\D\X.Inputs[I]" name="I"><inputColumns>
        <inputColumn refId="i" cachedDataType="numeric" cachedPrecision="9" cachedScale="2" cachedName="a" lineageId="Package\Loop\D\Src.Outputs[O].Columns[a]" usageType="readWrite"/></inputColumns></input></inputs>
       <outputs><output refId="Package\Loop\D\X.Outputs[O]" name="O" exclusionGroup="1" synchronousInputId="Package\Loop\D\X.Inputs[I]"/>
        <output refId="Package\Loop\D\X.Outputs[E]" name="E" isErrorOut="true" exclusionGroup="1" synchronousInputId="Package\Loop\D\X.Inputs[I]"/></outputs></component></components>
     <paths><path refId="Package\Loop\D.Paths[p]" name="p" startId="Package\Loop\D\Src.Outputs[O]" endId="Package\Loop\D\X.Inputs[I]"/></paths></pipeline></DTS:ObjectData></DTS:Executable>
   </DTS:Executables></DTS:Executable>
 </DTS:Executables>
 <DTS:PrecedenceConstraints>
  <DTS:PrecedenceConstraint DTS:refId="Package.PrecedenceConstraints[C]" DTS:From="Package\Sql" DTS:To="Package\Loop" DTS:ObjectName="C" DTS:DTSID="{c}" DTS:CreationName=""/>
 </DTS:PrecedenceConstraints>
 <DTS:EventHandlers><DTS:EventHandler DTS:refId="Package.EventHandlers[OnError]" DTS:CreationName="OnError" DTS:EventID="0" DTS:EventName="OnError" DTS:ObjectName="OnError">
  <DTS:Variables><DTS:Variable DTS:Namespace="System" DTS:ObjectName="Propagate"><DTS:VariableValue DTS:DataType="11">0</DTS:VariableValue></DTS:Variable></DTS:Variables></DTS:EventHandler></DTS:EventHandlers>
 <DTS:DesignTimeProperties><![CDATA[<Objects><DTS:Executable/></Objects>]]></DTS:DesignTimeProperties>
</DTS:Executable>"##;

fn package(text: &str) -> Package {
    read(text.as_bytes(), "demo.dtsx").unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> PackageError {
    read(text.as_bytes(), "demo.dtsx").unwrap_err()
}

fn pipeline(executable: &Executable) -> &Pipeline {
    match &executable.kind {
        ExecutableKind::DataFlow(pipeline) => pipeline,
        other => panic!("{other:?}"),
    }
}

#[test]
fn format_2_keeps_properties_in_children() {
    let package = package(FORMAT_2);
    assert_eq!(
        (package.format_version, package.root.name.as_str()),
        (2, "demo")
    );
    assert!(package.configurations_enabled);
    assert_eq!(package.configurations[0].configuration_type, 2);
    assert_eq!(package.root.other_properties["SaveCheckpoints"], "0");
    let variable = &package.root.variables[0];
    assert!(variable.read_only && !variable.evaluate_as_expression);
    assert_eq!(
        (variable.value.data_type, variable.value.text.as_str()),
        (VariableType::Int32, "7")
    );
    let logging = package.root.logging.as_ref().unwrap();
    assert_eq!((logging.mode, logging.filter_kind), (1, 0));
    assert_eq!(
        (&logging.events[..], &logging.providers[..]),
        (&["OnError".to_owned()][..], &["{log}".to_owned()][..])
    );
}

#[test]
fn format_2_makes_paths_from_names_and_resolves_references() {
    let package = package(FORMAT_2);
    let paths: Vec<&str> = package
        .root
        .executables
        .iter()
        .map(|child| child.ref_id.as_str())
        .collect();
    assert_eq!(paths, ["Package\\A", "Package\\B"]);
    assert!(package.root.executables[0].disabled);
    let constraint = &package.root.precedence_constraints[0];
    assert_eq!(
        (constraint.from.as_str(), constraint.to.as_str()),
        ("Package\\A", "Package\\B")
    );
    assert_eq!(
        (constraint.value, constraint.eval_op),
        (ConstraintValue::Failure, EvalOp::ExpressionAndConstraint)
    );
    assert!(constraint.logical_and);
    assert_eq!(constraint.expression, "@n > 0");
    let handler = &package.root.event_handlers[0];
    assert_eq!(handler.body.ref_id, "Package.EventHandlers[OnError]");
    assert_eq!(
        handler.body.executables[0].ref_id,
        "Package.EventHandlers[OnError]\\Log"
    );
}

#[test]
fn format_2_foreach_and_data_flow() {
    let package = package(FORMAT_2);
    let loop_container = &package.root.executables[1];
    let ExecutableKind::ForeachLoop(foreach) = &loop_container.kind else {
        panic!()
    };
    assert_eq!(foreach.enumerator, "Microsoft.ForEachFileEnumerator");
    assert_eq!(foreach.data.children[0].attribute("Folder"), Some("C:\\in"));
    assert_eq!(foreach.property_expressions[0].property, "Directory");
    assert_eq!(foreach.variable_mappings, [("User::n".to_owned(), 1)]);
    let task = &loop_container.executables[0];
    assert_eq!(task.force_execution_result, ForcedResult::None);
    assert_eq!(task.forced_execution_value.as_ref().unwrap().text, "5");
    let pipeline = pipeline(task);
    assert_eq!(
        (pipeline.default_buffer_max_rows, pipeline.engine_threads),
        (500, 5)
    );
    assert!(pipeline.run_in_optimized_mode);
    let source = &pipeline.components[0];
    assert_eq!(
        (source.id.as_str(), source.component_type.as_str()),
        ("1", "Microsoft.OLEDBSource")
    );
    let output = &source.outputs[0];
    assert_eq!(output.synchronous_input_id, "");
    let column = &output.columns[0];
    assert_eq!(
        column.data_type,
        DataType::Str {
            length: 10,
            code_page: 1252
        }
    );
    assert_eq!(
        (column.error_row_disposition, column.external_id.as_str()),
        (Disposition::RedirectRow, "")
    );
    assert_eq!(pipeline.components[1].component_type, "Contoso.Sink");
    assert_eq!(pipeline.paths[0].end, pipeline.components[1].inputs[0].id);
}

#[test]
fn format_2_flat_file_has_no_qualifier_where_it_says_none() {
    let package = package(FORMAT_2);
    let manager = &package.connection_managers[0];
    assert_eq!(manager.ref_id, "Package.ConnectionManagers[F]");
    assert_eq!(manager.properties["TextQualifier"], "");
    let column = &manager.flat_file_columns[0];
    assert_eq!(
        (
            column.delimiter.as_str(),
            column.delimited,
            column.text_qualified
        ),
        ("\r\n", true, false)
    );
    assert_eq!(
        column.data_type,
        DataType::Str {
            length: 20,
            code_page: 1250
        }
    );
}

#[test]
fn format_3_and_6_read_like_their_neighbours() {
    let three =
        package(&FORMAT_2.replace("PackageFormatVersion\">2<", "PackageFormatVersion\">3<"));
    assert_eq!(three.format_version, 3);
    let six = FORMAT_8.replace("PackageFormatVersion\">8<", "PackageFormatVersion\">6<").replace(
        "Microsoft.ExecuteSQLTask",
        "Microsoft.SqlServer.Dts.Tasks.ExecuteSQLTask.ExecuteSQLTask, Microsoft.SqlServer.SQLTask, Version=11.0.0.0",
    );
    let six = package(&six);
    assert_eq!(six.format_version, 6);
    let ExecutableKind::Task(task) = &six.root.executables[0].kind else {
        panic!()
    };
    assert_eq!(task.task_type, "Microsoft.ExecuteSQLTask");
    assert!(
        six.root.executables[0]
            .creation_name
            .ends_with("Version=11.0.0.0")
    );
}

#[test]
fn format_8_defaults_are_those_of_the_object_model() {
    let package = package(FORMAT_8);
    assert_eq!(package.version, (3, 0, 0));
    assert_eq!(package.max_concurrent_executables, -1);
    assert_eq!(
        (package.root.maximum_error_count, package.root.locale_id),
        (0, 1033)
    );
    let task = &package.root.executables[0];
    assert_eq!(
        (
            task.maximum_error_count,
            task.locale_id,
            task.isolation_level
        ),
        (1, -1, 1_048_576)
    );
    assert_eq!(task.transaction_option, TransactionOption::Required);
    assert_eq!(task.property_expressions[0].expression, "@[User::n] == 1");
    assert_eq!(task.other_properties.len(), 1);
    assert_eq!(task.other_properties["Odd"], "kept");
    let constraint = &package.root.precedence_constraints[0];
    assert_eq!(
        (constraint.value, constraint.eval_op),
        (ConstraintValue::Success, EvalOp::Constraint)
    );
    assert!(!constraint.logical_and);
    let parameter = &package.parameters[0];
    assert_eq!(
        (parameter.data_type, parameter.value.as_deref()),
        (VariableType::Boolean, Some("-1"))
    );
    assert!(parameter.required && !parameter.sensitive);
}

#[test]
fn escaped_line_breaks_in_attributes_survive_and_literal_ones_do_not() {
    let package = package(FORMAT_8);
    let ExecutableKind::Task(task) = &package.root.executables[0].kind else {
        panic!()
    };
    assert_eq!(task.data.name, "SqlTaskData");
    assert_eq!(
        task.data.attribute("SqlStatementSource"),
        Some("select 1\n-- two three")
    );
}

#[test]
fn format_8_variables() {
    let package = package(FORMAT_8);
    let [n, s, o] = &package.root.variables[..] else {
        panic!()
    };
    assert!(n.evaluate_as_expression);
    assert_eq!(n.expression, "1 + 1");
    assert_eq!(s.value.text, " ");
    assert_eq!(
        (o.value.data_type, o.value.text.as_str()),
        (VariableType::Object, "")
    );
    let propagate = &package.root.event_handlers[0].body.variables[0];
    assert_eq!(
        (propagate.namespace.as_str(), propagate.value.text.as_str()),
        ("System", "0")
    );
}

#[test]
fn format_8_data_flow() {
    let package = package(FORMAT_8);
    let loop_container = &package.root.executables[1];
    let ExecutableKind::ForLoop(for_loop) = &loop_container.kind else {
        panic!()
    };
    assert_eq!(for_loop.eval, "@n < 3");
    let pipeline = pipeline(&loop_container.executables[0]);
    assert!(pipeline.auto_adjust_buffer_size);
    let source = &pipeline.components[0];
    assert_eq!(source.component_type, "Microsoft.DataReaderSourceAdapter");
    assert_eq!(source.property("T"), Some("[a]"));
    let code = source
        .properties
        .iter()
        .find(|property| property.name == "Code")
        .unwrap();
    assert_eq!(code.array, ["x < y", "z"]);
    assert_eq!(source.connections[0].manager_id, "{q}:external");
    let column = &source.outputs[0].columns[0];
    assert_eq!(
        column.data_type,
        DataType::Numeric {
            precision: 9,
            scale: 2
        }
    );
    assert_eq!(column.sort_key_position, -1);
    let input = &pipeline.components[1].inputs[0];
    assert_eq!(
        input.columns[0].data_type,
        Some(DataType::Numeric {
            precision: 9,
            scale: 2
        })
    );
    assert!(input.columns[0].read_write);
    assert_eq!(input.columns[0].lineage_id, column.lineage_id);
    assert!(pipeline.components[1].outputs[1].is_error_output);
}

#[test]
fn format_8_flat_file_columns_without_type_are_fixed_width() {
    let package = package(FORMAT_8);
    let manager = &package.connection_managers[0];
    assert_eq!(manager.properties["HeaderRowDelimiter"], "\r\n");
    assert_eq!(manager.properties["TextQualifier"], "\"");
    let [a, b] = &manager.flat_file_columns[..] else {
        panic!()
    };
    assert!(a.delimited && a.text_qualified && !b.delimited);
    assert_eq!(
        (b.width, b.data_type),
        (
            4,
            DataType::Numeric {
                precision: 9,
                scale: 2
            }
        )
    );
}

#[test]
fn a_password_under_a_user_key_is_left_out_with_a_note() {
    let package = package(FORMAT_8);
    let manager = &package.connection_managers[1];
    assert_eq!(manager.sensitive_missing, ["Password"]);
    assert!(!manager.properties.contains_key("Password"));
    let [note] = &package.notes[..] else {
        panic!("{:?}", package.notes)
    };
    assert_eq!(note.code, "SO2010");
    assert_eq!(note.path, "\\Package.Connections[H].Properties[Password]");
    assert!(!format!("{:?} {:?}", package.notes, manager.data).contains("AQAAANCM"));
}

#[test]
fn a_password_in_clear_is_kept() {
    let clear = FORMAT_8.replace(" Encrypted=\"1\">AQAAANCMnd8BFdERjHoAwE", ">hush");
    let package = package(&clear);
    assert_eq!(
        package.connection_managers[1].properties["Password"],
        "hush"
    );
    assert!(package.notes.is_empty());
}

#[test]
fn a_package_encrypted_as_a_whole_is_refused() {
    let text = "<DTS:Executable xmlns:DTS=\"www.microsoft.com/SqlServer/Dts\" DTS:ProtectionLevel=\"3\">\
                <EncryptedData/></DTS:Executable>";
    let error = refused(text);
    assert_eq!(error.code(), "SO2006");
    assert_eq!(
        error.to_string(),
        "`demo.dtsx`, line 1, element `Executable` is encrypted as a whole (protection level 3)"
    );
}

#[test]
fn other_files_and_formats_are_refused() {
    assert_eq!(refused("<html/>").code(), "SO2004");
    assert_eq!(refused("just text").code(), "SO2001");
    assert_eq!(refused("").code(), "SO2001");
    let seven = FORMAT_8.replace("PackageFormatVersion\">8<", "PackageFormatVersion\">7<");
    assert_eq!(refused(&seven).code(), "SO2005");
    let none = FORMAT_8.replace("PackageFormatVersion", "Other");
    assert_eq!(refused(&none).code(), "SO2008");
}

#[test]
fn a_wrong_value_is_named_with_file_line_element_and_reason() {
    let wrong = FORMAT_8.replace("DTS:TransactionOption=\"2\"", "DTS:TransactionOption=\"9\"");
    assert_eq!(
        refused(&wrong).to_string(),
        "`9` is no value for `TransactionOption` in `demo.dtsx`, line 23, element `Executable[Sql]`: \
         expected one of 0, 1, 2"
    );
    let wrong = FORMAT_8.replace(
        "dataType=\"numeric\" precision",
        "dataType=\"number\" precision",
    );
    assert!(
        refused(&wrong)
            .to_string()
            .contains("element `outputColumn[a]`")
    );
}

#[test]
fn a_constraint_must_connect_siblings() {
    let wrong = FORMAT_8.replace("DTS:To=\"Package\\Loop\"", "DTS:To=\"Package\\Loop\\D\"");
    let error = refused(&wrong);
    assert_eq!(error.code(), "SO2009");
    assert!(error.to_string().contains("`Package\\Loop\\D`"), "{error}");
}

#[test]
fn nesting_is_limited_before_the_stack_is() {
    let nested = |depth: usize| {
        let open = "<E:Executable xmlns:E=\"www.microsoft.com/SqlServer/Dts\" E:CreationName=\"STOCK:SEQUENCE\" E:ObjectName=\"s\">";
        let inner = format!("{}{}", open.repeat(depth), "</E:Executable>".repeat(depth));
        FORMAT_2.replace(
            " <DTS:EventHandler>",
            &format!("{inner} <DTS:EventHandler>"),
        )
    };
    // The package itself is one level.
    let deepest = super::MAX_NESTED_EXECUTABLES - 1;
    let package = package(&nested(deepest));
    let mut executable = &package.root.executables[2];
    let mut levels = 1;
    while let Some(child) = executable.executables.first() {
        executable = child;
        levels += 1;
    }
    assert_eq!(levels, deepest);
    assert_eq!(refused(&nested(deepest + 1)).code(), "SO2003");
}

#[test]
fn a_filter_without_a_kind_is_one_of_exclusions() {
    let text = FORMAT_8.replace(
        " <DTS:EventHandlers>",
        "<DTS:LoggingOptions DTS:LoggingMode=\"1\"/> <DTS:EventHandlers>",
    );
    assert_eq!(package(&text).root.logging.unwrap().filter_kind, 1);
}

#[test]
fn every_mark_of_encryption_counts_and_tasks_are_searched_too() {
    let marked = FORMAT_8.replace("AQAAANCMnd8BFdERjHoAwE", "0123");
    assert_eq!(package(&marked).notes.len(), 1);
    let replaced = FORMAT_8.replace(
        "<DTS:Password DTS:Name=\"Password\" Sensitive=\"1\" Encrypted=\"1\">AQAAANCMnd8BFdERjHoAwE</DTS:Password>",
        "<EncryptedData Salt=\"x\"><CipherData><CipherValue>0123</CipherValue></CipherData></EncryptedData>",
    );
    assert_eq!(
        package(&replaced).connection_managers[1].sensitive_missing,
        ["Password"]
    );
    let task = FORMAT_8.replace(
        "-- two\nthree\"/>",
        "\"><SQLTask:Key Sensitive=\"1\" Encrypted=\"1\">0123</SQLTask:Key></SQLTask:SqlTaskData>",
    );
    let paths: Vec<String> = package(&task)
        .notes
        .into_iter()
        .map(|note| note.path)
        .collect();
    assert_eq!(
        paths,
        [
            "\\Package.Connections[H].Properties[Password]",
            "\\Package\\Sql.Properties[Key]"
        ]
    );
}
