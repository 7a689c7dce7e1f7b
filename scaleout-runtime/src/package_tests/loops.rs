//! For and Foreach loops.

use scaleout_core::protocol::event::PackageResult;

use super::harness::{Dtsx, escaped, executable, fails, set};

fn for_loop(init: &str, eval: &str, assign: &str, body: &str) -> String {
    let more = format!(
        r#"DTS:InitExpression="{}" DTS:EvalExpression="{}" DTS:AssignExpression="{}""#,
        escaped(init),
        escaped(eval),
        escaped(assign)
    );
    let inner = format!("<DTS:Executables>{body}</DTS:Executables>");
    executable("Package", "L", "STOCK:FORLOOP", &more, &inner)
}

pub(super) fn foreach(kind: &str, data: &str, mappings: &[(&str, usize)], body: &str) -> String {
    let mappings: String = mappings
        .iter()
        .map(|(variable, index)| {
            format!(
                r#"<DTS:ForEachVariableMapping DTS:VariableName="{variable}" DTS:ValueIndex="{index}"/>"#
            )
        })
        .collect();
    let inner = format!(
        r#"<DTS:ForEachEnumerator DTS:CreationName="{kind}"><DTS:ObjectData>{data}</DTS:ObjectData></DTS:ForEachEnumerator>
           <DTS:Executables>{body}</DTS:Executables>
           <DTS:ForEachVariableMappings>{mappings}</DTS:ForEachVariableMappings>"#
    );
    executable("Package", "F", "STOCK:FOREACHLOOP", "", &inner)
}

fn files(folder: &std::path::Path, spec: &str, retrieval: u8, recurse: i8) -> String {
    let folder = folder.to_str().unwrap();
    let data = format!(
        r#"<ForEachFileEnumeratorProperties><FEFEProperty Folder="{folder}"/>
           <FEFEProperty FileSpec="{spec}"/><FEFEProperty FileNameRetrievalType="{retrieval}"/>
           <FEFEProperty Recurse="{recurse}"/></ForEachFileEnumeratorProperties>"#
    );
    let body = set(
        "Package\\F",
        "t",
        "@[User::all] = @[User::all] + @[User::f] + ';'",
        "",
    );
    foreach(
        "Microsoft.ForEachFileEnumerator",
        &data,
        &[("User::f", 0)],
        &body,
    )
}

pub(super) fn with_files(loop_xml: &str) -> Dtsx {
    Dtsx::new().string("f", "").string("all", "").with(loop_xml)
}

#[test]
fn a_for_loop_counts_and_each_iteration_has_its_path() {
    let body = set(
        "Package\\L",
        "t",
        "@[User::sum] = @[User::sum] + @[User::i]",
        "",
    );
    let ran = Dtsx::new()
        .int("i", 0)
        .int("sum", 0)
        .with(&for_loop("@i = 1", "@i <= 3", "@i = @i + 1", &body))
        .run();
    assert_eq!(ran.value_of("t"), Some("6"));
    let paths = ran.execution_paths("t");
    assert_eq!(
        paths,
        [
            "\\Package\\L[1]\\t",
            "\\Package\\L[2]\\t",
            "\\Package\\L[3]\\t"
        ]
    );
}

#[test]
fn a_loop_starts_no_further_iteration_after_an_error() {
    let body = fails("Package\\L", "t", "");
    let ran = Dtsx::new()
        .int("i", 0)
        .with(&for_loop("@i = 1", "@i <= 3", "@i = @i + 1", &body))
        .run();
    assert_eq!(ran.tasks(), ["t"]);
    assert_eq!(ran.result_of("L"), Some(1));
}

#[test]
fn a_loop_without_a_condition_does_not_validate() {
    let ran = Dtsx::new().with(&for_loop("", "", "", "")).run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert!(ran.said("OnError")[0].contains("evaluation expression"));
}

#[test]
fn a_mapped_variable_holds_what_the_loop_gives_though_it_has_an_expression() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.csv", "b.csv"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let expression = r#"DTS:EvaluateAsExpression="True" DTS:Expression="&quot;fixed&quot;""#;
    let ran = Dtsx::new()
        .variable("f", 8, "fixed", expression)
        .string("all", "")
        .with(&files(folder.path(), "*.csv", 2, 0))
        .run();
    assert_eq!(ran.value_of("t"), Some("a;b;"));
    let said = ran.said("OnWarning");
    let replaced = said
        .iter()
        .filter(|text| text.contains("has an expression"));
    assert_eq!(replaced.count(), 1, "{said:?}");
}

#[test]
fn files_come_in_name_order_in_each_form_of_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("sub")).unwrap();
    for name in ["b.csv", "A.CSV", "c.txt", "sub/d.csv"] {
        std::fs::write(root.join(name), "").unwrap();
    }
    let all = |retrieval, recurse| {
        let ran = with_files(&files(root, "*.csv", retrieval, recurse)).run();
        ran.value_of("t").unwrap().to_owned()
    };
    assert_eq!(all(1, 0), "A.CSV;b.csv;");
    assert_eq!(all(2, -1), "A;b;d;");
    let root = root.to_str().unwrap();
    assert_eq!(all(0, 0), format!("{root}/A.CSV;{root}/b.csv;"));
}

#[test]
fn no_file_is_a_warning_and_a_success() {
    let folder = tempfile::tempdir().unwrap();
    for place in [folder.path().to_owned(), folder.path().join("missing")] {
        let ran = with_files(&files(&place, "*.*", 0, 0)).run();
        assert_eq!(ran.result, PackageResult::Success);
        assert_eq!(ran.said("OnWarning").len(), 1);
    }
}

#[test]
fn items_map_by_column() {
    let data = r#"<FEIEItems><FEIEItem><FEIEItemValue Type="8" Value="x"/><FEIEItemValue Type="3" Value="1"/></FEIEItem>
        <FEIEItem><FEIEItemValue Type="8" Value="y"/><FEIEItemValue Type="3" Value="2"/></FEIEItem></FEIEItems>"#;
    let body = set(
        "Package\\F",
        "t",
        "@[User::all] = @[User::all] + @[User::s] + (DT_WSTR, 9)@[User::n]",
        "",
    );
    let each = foreach(
        "Microsoft.ForEachItemEnumerator",
        data,
        &[("User::s", 0), ("User::n", 1)],
        &body,
    );
    let ran = Dtsx::new()
        .string("all", "")
        .string("s", "")
        .int("n", 0)
        .with(&each)
        .run();
    assert_eq!(ran.value_of("t"), Some("x1y2"));
}

#[test]
fn an_enumerator_that_is_not_supported_is_refused_by_name() {
    let each = foreach("Microsoft.ForEachSMOEnumerator", "", &[], "");
    let ran = Dtsx::new().with(&each).run();
    assert_eq!(ran.result, PackageResult::Failure);
    assert!(
        ran.said("OnError")[0].contains("Microsoft.ForEachSMOEnumerator"),
        "{:?}",
        ran.said("OnError")
    );
}

fn node_list(attributes: &str) -> String {
    let data = format!("<FEENODELIST {attributes}/>");
    let body = set(
        "Package\\F",
        "t",
        "@[User::all] = @[User::all] + @[User::f] + @[User::g] + ';'",
        "",
    );
    let mappings = [("User::f", 0), ("User::g", 1)];
    let count = if attributes.contains("ElementCollection") {
        2
    } else {
        1
    };
    foreach(
        "Microsoft.ForEachNodeListEnumerator",
        &data,
        &mappings[..count],
        &body,
    )
}

#[test]
fn nodes_of_a_document_in_a_file_or_a_variable_are_gone_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.xml");
    let xml = r#"<orders><order id="1"><line>a</line></order><order id="2"><line>b</line></order></orders>"#;
    std::fs::write(&path, xml).unwrap();
    let manager = format!(
        r#"<DTS:ConnectionManagers><DTS:ConnectionManager DTS:refId="Package.ConnectionManagers[orders]" DTS:CreationName="FILE" DTS:ObjectName="orders" DTS:DTSID="{{00000000-0000-4000-8000-000000000077}}"><DTS:ObjectData><DTS:ConnectionManager DTS:ConnectionString="{}"/></DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>"#,
        path.display()
    );
    let all = |attributes: &str| {
        let dtsx = with_files(&node_list(attributes))
            .collections(&manager)
            .string("g", "");
        let ran = dtsx
            .string(
                "xml",
                &escaped(&xml.replace('"', "\u{1}")).replace('\u{1}', "&quot;"),
            )
            .run();
        ran.value_of("t").map(str::to_owned)
    };
    let of_file = r#"EnumerationType="NodeText" SourceType="FileConnection" SourceDocument="orders" OuterXPathString="//order/line""#;
    assert_eq!(all(of_file).as_deref(), Some("a;b;"));
    let of_variable = r#"EnumerationType="ElementCollection" SourceType="Variable" SourceDocument="User::xml" OuterXPathString="/orders/order" InnerElementType="NodeText" InnerXPathString="@id | line""#;
    assert_eq!(all(of_variable).as_deref(), Some("1a;2b;"));
    let nothing = r#"EnumerationType="NodeText" SourceType="FileConnection" SourceDocument="orders" OuterXPathString="//nothing""#;
    assert_eq!(all(nothing), None);
}

#[test]
fn nodes_are_objects_that_other_loops_go_into() {
    let xml = "<orders><order><id>1</id><line>a</line><line>b</line></order>\
               <order><id>2</id><line>c</line></order></orders>";
    let all = |outer: &str, inner: &str| {
        let body = set(
            "Package\\F\\G",
            "t",
            "@[User::all] = @[User::all] + @[User::f] + ';'",
            "",
        );
        let inner = foreach(
            "Microsoft.ForEachNodeListEnumerator",
            &format!(r#"<FEENODELIST SourceType="Variable" SourceDocument="User::node" {inner}/>"#),
            &[("User::f", 0)],
            &body,
        );
        let inner = inner.replace("Package\\F\"", "Package\\F\\G\"");
        let inner = inner.replace("DTS:ObjectName=\"F\"", "DTS:ObjectName=\"G\"");
        let each = foreach(
            "Microsoft.ForEachNodeListEnumerator",
            &format!(r#"<FEENODELIST SourceType="Variable" SourceDocument="User::xml" {outer}/>"#),
            &[("User::node", 0)],
            &inner,
        );
        let dtsx = with_files(&each).variable("node", 13, "", "");
        let ran = dtsx.string("xml", &escaped(xml)).run();
        (
            ran.value_of("t").map(str::to_owned),
            ran.said("OnError").join(";"),
        )
    };
    let orders = r#"EnumerationType="Node" OuterXPathString="/orders/order""#;
    let lines = r#"EnumerationType="NodeText" OuterXPathString="line""#;
    assert_eq!(
        all(orders, lines),
        (Some("a;b;c;".to_owned()), String::new())
    );
    // An absolute path begins at the document that the node is of.
    let ids = r#"OuterXPathString="/orders/order/id""#;
    assert_eq!(all(orders, ids).0.as_deref(), Some("1;2;1;2;"));
    let columns = r#"EnumerationType="ElementCollection" InnerElementType="Navigator" OuterXPathString="//order" InnerXPathString="line[1]""#;
    let own_text = r#"OuterXPathString="text()""#;
    assert_eq!(all(columns, own_text).0.as_deref(), Some("a;c;"));
    // A text variable takes no node.
    let nodes = r#"EnumerationType="Navigator" OuterXPathString="line""#;
    let (value, said) = all(orders, nodes);
    assert_eq!(value, None);
    assert!(said.contains("the value is an object"), "{said}");
}

#[test]
fn what_a_node_list_cannot_give_is_said_at_validation() {
    for (attributes, words) in [
        (
            r#"EnumerationType="Sideways" SourceDocument="x""#,
            "EnumerationType `Sideways`",
        ),
        (
            r#"EnumerationType="ElementCollection" InnerElementType="ElementCollection" SourceDocument="x""#,
            "InnerElementType `ElementCollection`",
        ),
        (
            r#"SourceDocument="x" OuterXPathString="//a[""#,
            "character 5",
        ),
        (r#"OuterXPathString="//a""#, "SourceDocument"),
    ] {
        let ran = with_files(&node_list(attributes)).string("g", "").run();
        assert_eq!(ran.tasks(), [""; 0]);
        let said = ran.said("OnError");
        assert!(said[0].contains(words), "{words}: {said:?}");
    }
}
