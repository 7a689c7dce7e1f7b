//! Self-written packages of each format, and the traps between them.

mod encryption;
mod format_2;
mod format_8;
mod refusals;

use super::read;
use crate::package::pipeline::Pipeline;
use crate::package::{Executable, ExecutableKind, Package, PackageError};

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
