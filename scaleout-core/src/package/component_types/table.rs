//! The table of stock data flow components: canonical type, name for people, every other class id.

/// One stock component.
pub(super) struct ComponentType {
    pub(super) canonical: &'static str,
    pub(super) display: &'static str,
    pub(super) other_names: &'static [&'static str],
}

/// Stock components.
pub(super) const COMPONENTS: &[ComponentType] = &[
    ComponentType {
        canonical: "Microsoft.OLEDBSource",
        display: "OLE DB Source",
        other_names: &[
            "{165A526D-D5DE-47FF-96A6-F8274C19826B}",
            "DTSAdapter.OLEDBSource",
            "{2C0A8BE5-1EDC-4353-A0EF-B778599C65A0}",
            "{BCEFE59B-6819-47F7-A125-63753B33ABB7}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.ExcelSource",
        display: "Excel Source",
        other_names: &[
            "{B551FCA8-23BD-4719-896F-D8F352A5283C}",
            "{8C084929-27D1-479F-9641-ABB7CDADF1AC}",
            "{A4B1E1C8-17F3-46C8-AAD0-34F0C6FE42DE}",
            "DTSAdapter.ExcelSource",
        ],
    },
    ComponentType {
        canonical: "Microsoft.FlatFileSource",
        display: "Flat File Source",
        other_names: &[
            "{D23FD76B-F51D-420F-BBCB-19CBF6AC1AB4}",
            "{5ACD952A-F16A-41D8-A681-713640837664}",
            "DTSAdapter.FlatFileSource",
            "{90C7770B-DE7C-435E-880E-E718C92C0573}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.DataReaderSourceAdapter",
        display: "ADO NET Source",
        other_names: &["Microsoft.SqlServer.Dts.Pipeline.DataReaderSourceAdapter"],
    },
    ComponentType {
        canonical: "Microsoft.SSISODBCSrc",
        display: "ODBC Source",
        other_names: &["Attunity.SSISODBCSrc", "AttunitySSISODBCSrc"],
    },
    ComponentType {
        canonical: "Microsoft.XmlSourceAdapter",
        display: "XML Source",
        other_names: &["Microsoft.SqlServer.Dts.Pipeline.XmlSourceAdapter"],
    },
    ComponentType {
        canonical: "Microsoft.RawSource",
        display: "Raw File Source",
        other_names: &[
            "{480C7D5A-CE63-405C-B338-3C7F26560EE3}",
            "DTSAdapter.RawSource",
            "{51DC0B24-7421-45C3-B4AB-9481A683D91D}",
        ],
    },
    ComponentType {
        canonical: "Attunity.CdcSourceComponent",
        display: "CDC Source",
        other_names: &["Attunity.SqlServer.CDCSrc.CdcSourceComponent"],
    },
    ComponentType {
        canonical: "HdfsSource",
        display: "HDFS File Source",
        other_names: &[],
    },
    ComponentType {
        canonical: "AzBlobSrc",
        display: "Azure Blob Source",
        other_names: &[],
    },
    ComponentType {
        canonical: "AdlsSource",
        display: "Azure Data Lake Store Source",
        other_names: &[],
    },
    ComponentType {
        canonical: "Microsoft.DerivedColumn",
        display: "Derived Column",
        other_names: &[
            "{49928E82-9C4E-49F0-AABE-3812B82707EC}",
            "{2932025B-AB99-40F6-B5B8-783A73F80E24}",
            "{9CF90BF0-5BCC-4C63-B91D-1F322DC12C26}",
            "DTSTransform.DerivedColumn",
        ],
    },
    ComponentType {
        canonical: "Microsoft.DataConvert",
        display: "Data Conversion",
        other_names: &[
            "{62B1106C-7DB8-4EC8-ADD6-4C664DFFC54A}",
            "DTSTransform.DataConvert",
            "{C3BF62C8-7C5C-4F85-83C3-E0B6F6BE267C}",
            "{BD06A22E-BC69-4AF7-A69B-C44C2EF684BB}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.ConditionalSplit",
        display: "Conditional Split",
        other_names: &[
            "{7F88F654-4E20-4D14-84F4-AF9C925D3087}",
            "DTSTransform.ConditionalSplit",
            "{53A228EE-EBFA-48D6-A1AC-5269E5824A2C}",
            "{3AE878C6-0D6C-4F48-8128-40E00E9C1B7D}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.Multicast",
        display: "Multicast",
        other_names: &[
            "{EC139FBC-694E-490B-8EA7-35690FB0F445}",
            "{1ACA4459-ACE0-496F-814A-8611F9C27E23}",
            "DTSTransform.Multicast",
            "{F1CEE4CE-066D-4FBE-9DC4-4C697A617264}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.RowCount",
        display: "Row Count",
        other_names: &[
            "{E2697D8C-70DA-42B2-8208-A19CE3A9FE41}",
            "{DE50D3C7-41AF-4804-9247-CF1DEB147971}",
            "DTSTransform.RowCount",
            "{150E6007-7C6A-4CC3-8FF3-FC73783A972E}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.CopyMap",
        display: "Copy Column",
        other_names: &[
            "DTSTransform.CopyMap",
            "{98F16A65-E02F-4B0F-87D4-C217EA074619}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.CharacterMap",
        display: "Character Map",
        other_names: &[
            "{C86C867A-7D40-486A-8734-F0B6943A9DD4}",
            "{2D9FDEDD-085F-4294-ABBA-818E2CCD0733}",
            "{DEC33219-BA68-4FEB-AC98-9C1B1E577A8D}",
            "DTSTransform.CharacterMap",
        ],
    },
    ComponentType {
        canonical: "Microsoft.Lineage",
        display: "Audit",
        other_names: &[
            "{4FCE8297-9C65-40A9-9D60-00C5CC6BC283}",
            "DTSTransform.Lineage",
            "{32711D35-7D9D-44E5-B57E-A17D33D5C38C}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.OLEDBCommand",
        display: "OLE DB Command",
        other_names: &[
            "{93FFEC66-CBC8-4C7F-9C6A-CB1C17A7567D}",
            "{C60ACAD1-9BE8-46B3-87DA-70E59EADEA46}",
            "{8E61C8F6-C91D-43B6-97EB-3423C06571CC}",
            "DTSTransform.OLEDBCommand",
        ],
    },
    ComponentType {
        canonical: "Microsoft.Lookup",
        display: "Lookup",
        other_names: &[
            "{671046B0-AA63-4C9F-90E4-C06E0B710CE3}",
            "DTSTransform.Lookup",
            "{0FB4AABB-C027-4440-809A-1198049BF117}",
            "{27648839-180F-45E6-838D-AFF53DF682D2}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.Extractor",
        display: "Export Column",
        other_names: &[
            "{A9823821-0085-4483-952F-36277F63FFC5}",
            "TxFileExtractor.Extractor",
            "{86151302-DCDB-49FB-92FE-772EC02712B6}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.Inserter",
        display: "Import Column",
        other_names: &[
            "{9053CAE0-140B-48E4-AEEC-4E6A26E9E436}",
            "TxFileInserter.Inserter",
            "{C8AEEE54-67A0-41A8-821D-D1C8BED62C68}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.PctSampling",
        display: "Percentage Sampling",
        other_names: &[
            "{05322586-D434-4593-8BE4-8CFC766D9C8B}",
            "DTSTransform.PctSampling",
            "{CEFEB125-5BB5-4F91-A349-94B8961C641B}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.RowSampling",
        display: "Row Sampling",
        other_names: &[
            "{284A868A-7C3D-498C-ABBF-028CEF6AB288}",
            "DTSTransform.RowSampling",
            "{A44C46A3-0A3F-454B-B3BD-0BC23D4BCE94}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.BDD",
        display: "Balanced Data Distributor",
        other_names: &["DTSTransform.BalancedDataDistributor"],
    },
    ComponentType {
        canonical: "Microsoft.Cache",
        display: "Cache Transform",
        other_names: &[
            "{BF818E79-2C1C-410D-ADEA-B2D1A04FED01}",
            "DTSTransform.Cache",
            "{A236DD44-4409-433E-A1CE-283DA18F4E0F}",
        ],
    },
    ComponentType {
        canonical: "Attunity.CdcSplitterComponent",
        display: "CDC Splitter",
        other_names: &["Attunity.SqlServer.CDCSplit.CdcSplitterComponent"],
    },
    ComponentType {
        canonical: "Microsoft.SCD",
        display: "Slowly Changing Dimension",
        other_names: &[
            "{25BBB0C5-369B-4303-B3DF-D0DC741DEE58}",
            "DTSTransform.SCD",
            "{70909A92-ECE9-486D-B17E-30EDE908849E}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.Sort",
        display: "Sort",
        other_names: &[
            "{5B1A3FF5-D366-4D75-AD1F-F19A36FCBEDB}",
            "{F1CEE4CE-066D-4FBE-9DC4-CD97202F3450}",
            "{07127A7C-164B-422A-AD1F-24BE39B4DB38}",
            "DTSTransform.Sort",
        ],
    },
    ComponentType {
        canonical: "Microsoft.Aggregate",
        display: "Aggregate",
        other_names: &[
            "{5B201335-B360-485C-BB93-75C34E09B3D3}",
            "{F40CF2A6-384A-4C57-B99C-ADAF31E51EBC}",
            "{9ABE8DF3-0052-42DB-8B18-2089E1D1D1B7}",
            "DTSTransform.Aggregate",
        ],
    },
    ComponentType {
        canonical: "Microsoft.MergeJoin",
        display: "Merge Join",
        other_names: &[
            "{14D43A4F-D7BD-489D-829E-6DE35750CFE4}",
            "DTSTransform.MergeJoin",
            "{0D598A60-0A32-4B1B-A72C-5030B64E3A20}",
            "{A18A4D58-7C7A-4448-8B98-AE2CEFE81B4C}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.Merge",
        display: "Merge",
        other_names: &[
            "{36E0E750-2510-4776-AA6E-17EAE84FD63E}",
            "{08AE886A-4124-499C-B332-16E3299D225A}",
            "DTSTransform.Merge",
            "{D3FC84FA-748F-40B4-A967-F1574F917BE5}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.UnionAll",
        display: "Union All",
        other_names: &[
            "{B594E9A8-4351-4939-891C-CFE1AB93E925}",
            "DTSTransform.UnionAll",
            "{C5E47A29-265C-4F93-82CA-D8462EE23278}",
            "{4D9F9B7C-84D9-4335-ADB0-2542A7E35422}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.Pivot",
        display: "Pivot",
        other_names: &[
            "{AEB2AFAE-2201-48B1-B290-42BB8C9149DD}",
            "DTSTransform.Pivot",
            "{DD5A6456-8430-422B-9F50-7EF5A1B63CA8}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.UnPivot",
        display: "Unpivot",
        other_names: &[
            "{B8B094A9-8809-4E06-8874-5C55606A9FDF}",
            "DTSTransform.UnPivot",
            "{8F25687E-2ACA-4EF3-88A3-53099FDAAF43}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.FuzzyLookup",
        display: "Fuzzy Lookup",
        other_names: &[
            "{E4A5F949-EC93-45AB-8B36-B52936257EC2}",
            "{9F4EB4D4-AD71-496D-B70B-31ECE1139884}",
            "{5056651F-F227-4978-94DF-53CDF9E8CCB6}",
            "DTSTransform.BestMatch",
        ],
    },
    ComponentType {
        canonical: "Microsoft.FuzzyGrouping",
        display: "Fuzzy Grouping",
        other_names: &[
            "{836E0D0B-0358-45B4-B888-4ADCE9356D4E}",
            "{0A1BDBA0-9C6E-4AD7-97B1-E0E79E462629}",
            "DTSTransform.GroupDups",
        ],
    },
    ComponentType {
        canonical: "Microsoft.TermExtraction",
        display: "Term Extraction",
        other_names: &[
            "{056F53D1-8081-4D07-8134-1D4DAC244BB2}",
            "DTSTransform.TermExtraction",
            "{119D450D-E2A3-4DB0-A7BC-ACDE2536673E}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.TermLookup",
        display: "Term Lookup",
        other_names: &[
            "{ACCC729A-823D-49A7-B16D-F1999AEB1D4C}",
            "DTSTransform.TermLookup",
            "{4CC3A325-9885-48B4-B451-147C2D523646}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.PXPipelineDMQuery",
        display: "Data Mining Query",
        other_names: &[
            "MSMDPP.PXPipelineDMQuery",
            "{9C58B013-AF30-455F-B809-50F425AFBCAC}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.DataCorrectionComponent",
        display: "DQS Cleansing",
        other_names: &["Microsoft.Ssdqs.Component.DataCorrection.Logic.DataCorrectionComponent"],
    },
    ComponentType {
        canonical: "Microsoft.ScriptComponentHost",
        display: "Script Component",
        other_names: &["Microsoft.SqlServer.Dts.Pipeline.ScriptComponentHost"],
    },
    ComponentType {
        canonical: "Microsoft.OLEDBDestination",
        display: "OLE DB Destination",
        other_names: &[
            "{4ADA7EAA-136C-4215-8098-D7A7C27FC0D1}",
            "{E2568105-9550-4F71-A638-B7FE42E66922}",
            "DTSAdapter.OLEDBDestination",
            "{5A0B62E8-D91D-49F5-94A5-7BE58DE508F0}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.ExcelDestination",
        display: "Excel Destination",
        other_names: &[
            "{4963CAED-CB38-4146-96F0-5910342FF3B9}",
            "{1F5D5712-2FBA-4CB9-A95A-86C1F336E1DA}",
            "{C9269E28-EBDE-4DED-91EB-0BF42842F9F4}",
            "DTSAdapter.ExcelDestination",
        ],
    },
    ComponentType {
        canonical: "Microsoft.FlatFileDestination",
        display: "Flat File Destination",
        other_names: &[
            "{8DA75FED-1B7C-407D-B2AD-2B24209CCCA4}",
            "DTSAdapter.FlatFileDestination",
            "{A1DF9F6D-8EE4-4EF0-BB2E-D526130D7A7B}",
            "{D658C424-8CF0-441C-B3C4-955E183B7FBA}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.ADONETDestination",
        display: "ADO NET Destination",
        other_names: &["Microsoft.SqlServer.Dts.Pipeline.ADONETDestination"],
    },
    ComponentType {
        canonical: "Microsoft.SSISODBCDst",
        display: "ODBC Destination",
        other_names: &["AttunitySSISODBCDst", "Attunity.SSISODBCDst"],
    },
    ComponentType {
        canonical: "Microsoft.SQLServerDestination",
        display: "SQL Server Destination",
        other_names: &[
            "{F452EAF3-5EF0-43F1-8067-09DDF0BC6316}",
            "DTSAdapter.SQLServerDestination",
            "{E4B61516-847B-4BDF-9CC6-1968A2D43E73}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.RecordsetDestination",
        display: "Recordset Destination",
        other_names: &[
            "{167AF7E9-BA81-425F-B73D-E30C2DCC0F09}",
            "{C457FD7E-CE98-4C4B-AEFE-F3AE0044F181}",
            "DTSAdapter.RecordsetDestination",
        ],
    },
    ComponentType {
        canonical: "Microsoft.RawDestination",
        display: "Raw File Destination",
        other_names: &[
            "{04762BB6-892F-4EE6-AD46-9CEB0A7EC7A2}",
            "DTSAdapter.RawDestination",
            "{485E7329-8754-42B4-AA5B-29C5DA09CAD5}",
        ],
    },
    ComponentType {
        canonical: "Microsoft.SqlServer.Dts.Pipeline.DataReaderDestinationAdapter",
        display: "DataReader Destination",
        other_names: &[],
    },
    ComponentType {
        canonical: "Microsoft.DataStreamingDestinationAdapter",
        display: "Data Streaming Destination",
        other_names: &[],
    },
    ComponentType {
        canonical: "HdfsDest",
        display: "HDFS File Destination",
        other_names: &[],
    },
    ComponentType {
        canonical: "AzBlobDest",
        display: "Azure Blob Destination",
        other_names: &[],
    },
    ComponentType {
        canonical: "AdlsDest",
        display: "Azure Data Lake Store Destination",
        other_names: &[],
    },
    ComponentType {
        canonical: "Microsoft.PXPipelineProcessDimension",
        display: "Dimension Processing Destination",
        other_names: &[
            "{7D1B6DD6-C1A9-416E-9E7F-31400E3F7249}",
            "MSMDPP.PXPipelineProcessDimension",
        ],
    },
    ComponentType {
        canonical: "Microsoft.PXPipelineProcessPartition",
        display: "Partition Processing Destination",
        other_names: &[
            "{DCDA2491-C4A4-4C84-9253-119AEF1A4CD7}",
            "MSMDPP.PXPipelineProcessPartition",
        ],
    },
    ComponentType {
        canonical: "Microsoft.PXPipelineProcessDM",
        display: "Data Mining Model Training Destination",
        other_names: &[
            "{0183D6BA-8792-4602-A6AB-6DF19E7F9979}",
            "MSMDPP.PXPipelineProcessDM",
        ],
    },
];
