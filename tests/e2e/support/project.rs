//! A project of several packages as a folder that Visual Studio could have written.

use std::fmt::Write;
use std::path::Path;

/// Writes `NAME.dtproj` and its packages (file name and text) into a new folder.
pub fn write(folder: &Path, name: &str, packages: &[(&str, String)]) {
    std::fs::create_dir_all(folder).unwrap();
    let (mut listed, mut described) = (String::new(), String::new());
    for (file, text) in packages {
        std::fs::write(folder.join(file), text).unwrap();
        let package = file.trim_end_matches(".dtsx");
        write!(
            listed,
            r#"<SSIS:Package SSIS:Name="{file}" SSIS:EntryPoint="1" />"#
        )
        .unwrap();
        write!(described, r#"<SSIS:PackageMetaData SSIS:Name="{file}"><SSIS:Properties><SSIS:Property SSIS:Name="Name">{package}</SSIS:Property><SSIS:Property SSIS:Name="PackageFormatVersion">8</SSIS:Property></SSIS:Properties><SSIS:Parameters /></SSIS:PackageMetaData>"#).unwrap();
    }
    let project = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<Project><DeploymentModel>Project</DeploymentModel><ProductVersion>15.0.900.30</ProductVersion><SchemaVersion>9.0.1.0</SchemaVersion><DeploymentModelSpecificContent><Manifest>
<SSIS:Project SSIS:ProtectionLevel="DontSaveSensitive" xmlns:SSIS="www.microsoft.com/SqlServer/SSIS"><SSIS:Properties><SSIS:Property SSIS:Name="ID">{{999B0EC1-71F2-5ADC-BDC1-DAAEB1895090}}</SSIS:Property><SSIS:Property SSIS:Name="Name">{name}</SSIS:Property><SSIS:Property SSIS:Name="VersionMajor">1</SSIS:Property><SSIS:Property SSIS:Name="VersionMinor">0</SSIS:Property><SSIS:Property SSIS:Name="VersionBuild">0</SSIS:Property><SSIS:Property SSIS:Name="VersionComments"></SSIS:Property><SSIS:Property SSIS:Name="CreationDate">2026-11-21T08:00:00+00:00</SSIS:Property><SSIS:Property SSIS:Name="CreatorName">test</SSIS:Property><SSIS:Property SSIS:Name="CreatorComputerName">test</SSIS:Property><SSIS:Property SSIS:Name="Description"></SSIS:Property><SSIS:Property SSIS:Name="FormatVersion">1</SSIS:Property></SSIS:Properties>
<SSIS:Packages>{listed}</SSIS:Packages><SSIS:ConnectionManagers /><SSIS:DeploymentInfo><SSIS:ProjectConnectionParameters /><SSIS:PackageInfo>{described}</SSIS:PackageInfo></SSIS:DeploymentInfo></SSIS:Project>
</Manifest></DeploymentModelSpecificContent></Project>"#
    );
    std::fs::write(folder.join(format!("{name}.dtproj")), project).unwrap();
    std::fs::write(
        folder.join("Project.params"),
        r#"<?xml version="1.0"?><SSIS:Parameters xmlns:SSIS="www.microsoft.com/SqlServer/SSIS"/>"#,
    )
    .unwrap();
}
