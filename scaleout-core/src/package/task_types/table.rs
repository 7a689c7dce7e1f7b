//! The tables of stock tasks and Foreach enumerators: canonical name, name for people, every other name.

/// One stock task or enumerator.
pub(super) struct TaskType {
    pub(super) canonical: &'static str,
    pub(super) display: &'static str,
    pub(super) other_names: &'static [&'static str],
}

/// Stock tasks.
pub(super) const TASKS: &[TaskType] = &[
    TaskType {
        canonical: "Microsoft.Pipeline",
        display: "Data Flow task",
        other_names: &[
            "DTS.Pipeline",
            "SSIS.Pipeline",
            "{5918251B-2970-45A4-AB5F-01C3C588FE5A}",
            "{E3CFBEA8-1F48-40D8-91E1-2DEDC1EDDD56}",
        ],
    },
    TaskType {
        canonical: "Microsoft.ExecuteSQLTask",
        display: "Execute SQL task",
        other_names: &[
            "Microsoft.SqlServer.Dts.Tasks.ExecuteSQLTask.ExecuteSQLTask",
            "STOCK:SQLTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.ExecutePackageTask",
        display: "Execute Package task",
        other_names: &[
            "DTS.ExecutePackageTask",
            "SSIS.ExecutePackageTask",
            "STOCK:ExecutePackageTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.ExecuteProcess",
        display: "Execute Process task",
        other_names: &[
            "Microsoft.SqlServer.Dts.Tasks.ExecuteProcess.ExecuteProcess",
            "STOCK:ExecuteProcessTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.FileSystemTask",
        display: "File System task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.FileSystemTask.FileSystemTask"],
    },
    TaskType {
        canonical: "Microsoft.ScriptTask",
        display: "Script task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.ScriptTask.ScriptTask"],
    },
    TaskType {
        canonical: "Microsoft.ExpressionTask",
        display: "Expression task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.ExpressionTask.ExpressionTask"],
    },
    TaskType {
        canonical: "Microsoft.SendMailTask",
        display: "Send Mail task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.SendMailTask.SendMailTask"],
    },
    TaskType {
        canonical: "Microsoft.FtpTask",
        display: "FTP task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.FtpTask.FtpTask"],
    },
    TaskType {
        canonical: "Microsoft.BulkInsertTask",
        display: "Bulk Insert task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.BulkInsertTask.BulkInsertTask"],
    },
    TaskType {
        canonical: "Microsoft.XMLTask",
        display: "XML task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.XMLTask.XMLTask"],
    },
    TaskType {
        canonical: "Microsoft.WebServiceTask",
        display: "Web Service task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.WebServiceTask.WebServiceTask"],
    },
    TaskType {
        canonical: "Attunity.CdcControlTask",
        display: "CDC Control task",
        other_names: &["Attunity.SqlServer.CDCControlTask.CdcControlTask"],
    },
    TaskType {
        canonical: "Microsoft.DataProfilingTask",
        display: "Data Profiling task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.DataProfilingTask.DataProfilingTask"],
    },
    TaskType {
        canonical: "Microsoft.WmiDataReaderTask",
        display: "WMI Data Reader task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.WmiDataReaderTask.WmiDataReaderTask"],
    },
    TaskType {
        canonical: "Microsoft.WmiEventWatcherTask",
        display: "WMI Event Watcher task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.WmiEventWatcherTask.WmiEventWatcherTask"],
    },
    TaskType {
        canonical: "Microsoft.MessageQueueTask",
        display: "Message Queue task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.MessageQueueTask.MessageQueueTask"],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceTSQLExecuteTask",
        display: "Execute T-SQL Statement task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceTSQLExecuteTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceBackupTask",
        display: "Back Up Database task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceBackupTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceCheckIntegrityTask",
        display: "Check Database Integrity task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceCheckIntegrityTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceExecuteAgentJobTask",
        display: "Execute SQL Server Agent Job task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceExecuteAgentJobTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceHistoryCleanupTask",
        display: "History Cleanup task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceHistoryCleanupTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceFileCleanupTask",
        display: "Maintenance Cleanup task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceFileCleanupTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceNotifyOperatorTask",
        display: "Notify Operator task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceNotifyOperatorTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceReindexTask",
        display: "Rebuild Index task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceReindexTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceDefragmentIndexTask",
        display: "Reorganize Index task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceDefragmentIndexTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceShrinkTask",
        display: "Shrink Database task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceShrinkTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DbMaintenanceUpdateStatisticsTask",
        display: "Update Statistics task",
        other_names: &[
            "Microsoft.SqlServer.Management.DatabaseMaintenance.DbMaintenanceUpdateStatisticsTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.ASExecuteDDLTask",
        display: "Analysis Services Execute DDL task",
        other_names: &[
            "Microsoft.DataTransformationServices.Tasks.DTSProcessingTask.ASExecuteDDLTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DTSProcessingTask",
        display: "Analysis Services Processing task",
        other_names: &[
            "Microsoft.DataTransformationServices.Tasks.DTSProcessingTask.DTSProcessingTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.DMQueryTask",
        display: "Data Mining Query task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.DMQueryTask.DMQueryTask"],
    },
    TaskType {
        canonical: "Microsoft.TransferSqlServerObjectsTask",
        display: "Transfer SQL Server Objects task",
        other_names: &[],
    },
    TaskType {
        canonical: "Microsoft.TransferDatabaseTask",
        display: "Transfer Database task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.TransferDatabaseTask.TransferDatabaseTask"],
    },
    TaskType {
        canonical: "Microsoft.TransferErrorMessagesTask",
        display: "Transfer Error Messages task",
        other_names: &[
            "Microsoft.SqlServer.Dts.Tasks.TransferErrorMessagesTask.TransferErrorMessagesTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.TransferJobsTask",
        display: "Transfer Jobs task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.TransferJobsTask.TransferJobsTask"],
    },
    TaskType {
        canonical: "Microsoft.TransferLoginsTask",
        display: "Transfer Logins task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.TransferLoginsTask.TransferLoginsTask"],
    },
    TaskType {
        canonical: "Microsoft.TransferStoredProceduresTask",
        display: "Transfer Master Stored Procedures task",
        other_names: &[
            "Microsoft.SqlServer.Dts.Tasks.TransferStoredProceduresTask.TransferStoredProceduresTask",
        ],
    },
    TaskType {
        canonical: "Microsoft.ActiveXScriptTask",
        display: "ActiveX Script task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.ActiveXScriptTask.ActiveXScriptTask"],
    },
    TaskType {
        canonical: "Microsoft.Exec80PackageTask",
        display: "Execute DTS 2000 Package task",
        other_names: &["Microsoft.SqlServer.Dts.Tasks.Exec80PackageTask.Exec80PackageTask"],
    },
    TaskType {
        canonical: "CopyFromBlobTask",
        display: "Azure Blob Download task",
        other_names: &[],
    },
    TaskType {
        canonical: "CopyToBlobTask",
        display: "Azure Blob Upload task",
        other_names: &[],
    },
    TaskType {
        canonical: "DwUploadTask",
        display: "Azure SQL DW Upload task",
        other_names: &[],
    },
    TaskType {
        canonical: "AdlsTask",
        display: "Azure Data Lake Store File System task",
        other_names: &[],
    },
    TaskType {
        canonical: "CreateHdiClusterTask",
        display: "Azure HDInsight Create Cluster task",
        other_names: &[],
    },
    TaskType {
        canonical: "DeleteHdiClusterTask",
        display: "Azure HDInsight Delete Cluster task",
        other_names: &[],
    },
    TaskType {
        canonical: "HiveTask",
        display: "Azure HDInsight Hive task",
        other_names: &[],
    },
    TaskType {
        canonical: "PigTask",
        display: "Azure HDInsight Pig task",
        other_names: &[],
    },
    TaskType {
        canonical: "HadoopFileSystemTask",
        display: "Hadoop File System task",
        other_names: &[],
    },
    TaskType {
        canonical: "HadoopHiveTask",
        display: "Hadoop Hive task",
        other_names: &[],
    },
    TaskType {
        canonical: "HadoopPigTask",
        display: "Hadoop Pig task",
        other_names: &[],
    },
    TaskType {
        canonical: "FlexibleFileTask",
        display: "Flexible File task",
        other_names: &[],
    },
];

/// Stock Foreach enumerators.
pub(super) const ENUMERATORS: &[TaskType] = &[
    TaskType {
        canonical: "Microsoft.ForEachFileEnumerator",
        display: "Foreach File enumerator",
        other_names: &["DTS.ForEachFileEnumerator"],
    },
    TaskType {
        canonical: "Microsoft.ForEachADOEnumerator",
        display: "Foreach ADO enumerator",
        other_names: &["Microsoft.SqlServer.Dts.Runtime.Enumerators.ADO.ForEachADOEnumerator"],
    },
    TaskType {
        canonical: "Microsoft.ForEachFromVarEnumerator",
        display: "Foreach From Variable enumerator",
        other_names: &[
            "Microsoft.SqlServer.Dts.Runtime.Enumerators.FromVar.ForEachFromVarEnumerator",
        ],
    },
    TaskType {
        canonical: "Microsoft.ForEachItemEnumerator",
        display: "Foreach Item enumerator",
        other_names: &["DTS.ForEachItemEnumerator"],
    },
    TaskType {
        canonical: "Microsoft.ForEachNodeListEnumerator",
        display: "Foreach NodeList enumerator",
        other_names: &[
            "Microsoft.SqlServer.Dts.Runtime.Enumerators.NodeList.ForEachNodeListEnumerator",
        ],
    },
    TaskType {
        canonical: "Microsoft.ForEachSchemaRowsetEnumerator",
        display: "Foreach ADO.NET Schema Rowset enumerator",
        other_names: &[
            "Microsoft.SqlServer.Dts.Runtime.Enumerators.ADO.ForEachSchemaRowsetEnumerator",
        ],
    },
    TaskType {
        canonical: "Microsoft.ForEachSMOEnumerator",
        display: "Foreach SMO enumerator",
        other_names: &["Microsoft.SqlServer.Dts.Runtime.Enumerators.SMO.ForEachSMOEnumerator"],
    },
    TaskType {
        canonical: "ForEachHdfsEnumerator",
        display: "Foreach HDFS File enumerator",
        other_names: &[],
    },
    TaskType {
        canonical: "ForEachBlobEnumerator",
        display: "Foreach Azure Blob enumerator",
        other_names: &[],
    },
    TaskType {
        canonical: "ForEachAdlsFileEnumerator",
        display: "Foreach ADLS File enumerator",
        other_names: &[],
    },
];
