//! Foreach ADO: the rows or the tables of what an Object variable holds.

use std::sync::Arc;

use scaleout_core::package::xml::Element as Xml;

use super::kinds::{Element, Enumerator};
use crate::services::Services;
use crate::value::{DataType, ObjectValue, TypedValue, Value};
use crate::variables::{DataSet, DataTable, RowSet};

pub(super) const ENUMERATOR: Enumerator = Enumerator {
    name: "Microsoft.ForEachADOEnumerator",
    enumerate,
    check,
    set,
};

/// What a data set is gone over by. A recordset is gone over by its rows in every mode.
///
/// Source: `ADOEnumerationType` of `Microsoft.SqlServer.Dts.Runtime.Enumerators.ADO`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The rows of the first table.
    FirstTable,
    /// The rows of all tables, table by table.
    AllRows,
    /// The tables themselves; each is an object with its rows.
    Tables,
}

fn mode(data: &Xml) -> Result<Mode, String> {
    match data.attribute("EnumType").unwrap_or_default().trim() {
        "EnumerateTables" | "0" => Ok(Mode::Tables),
        "EnumerateAllRows" | "1" => Ok(Mode::AllRows),
        "" | "EnumerateRowsInFirstTable" | "2" => Ok(Mode::FirstTable),
        other => Err(format!(
            "EnumType `{other}` is unknown; it is EnumerateRowsInFirstTable, EnumerateAllRows or \
             EnumerateTables"
        )),
    }
}

fn check(data: &Xml) -> Option<String> {
    let variable = data.attribute("VarName").unwrap_or_default();
    if variable.trim().is_empty() {
        return Some("no variable is named to enumerate".to_owned());
    }
    mode(data).err()
}

/// Names in the file, and in property expressions.
fn set(data: &mut Xml, property: &str, text: &str) -> Option<()> {
    let name = match property {
        "VarName" | "DataObjectVariable" => "VarName",
        "EnumType" | "Type" => "EnumType",
        _ => return None,
    };
    let mut attributes = data.attributes.iter_mut();
    match attributes.find(|(known, _)| known == name) {
        Some((_, value)) => text.clone_into(value),
        None => data.attributes.push((name.to_owned(), text.to_owned())),
    }
    Some(())
}

fn enumerate(data: &Xml, services: &Services) -> Result<Vec<Element>, String> {
    let mode = mode(data)?;
    let name = data.attribute("VarName").unwrap_or_default();
    let held = services
        .variables
        .get(name)
        .map_err(|error| error.to_string())?;
    let found = match &held.value {
        Value::Object(object) => elements(&**object, mode),
        _ => None,
    };
    let found = found.ok_or_else(|| format!("variable `{name}` does not hold a row set"))?;
    found.map_err(|reason| format!("variable `{name}` {reason}"))
}

/// The elements of an object; `None` if it is neither rows nor tables.
pub(super) fn elements(
    object: &dyn ObjectValue,
    mode: Mode,
) -> Option<Result<Vec<Element>, String>> {
    let object = object.as_any();
    if let Some(recordset) = object.downcast_ref::<RowSet>() {
        return Some(Ok(recordset.rows.clone()));
    }
    if let Some(DataTable(table)) = object.downcast_ref::<DataTable>() {
        return Some(match mode {
            Mode::FirstTable | Mode::AllRows => Ok(table.rows.clone()),
            Mode::Tables => Err(
                "holds one table, and EnumerateTables needs a data set; set EnumType to \
                 EnumerateRowsInFirstTable"
                    .to_owned(),
            ),
        });
    }
    let tables = &object.downcast_ref::<DataSet>()?.tables;
    Some(Ok(match mode {
        Mode::FirstTable => tables
            .first()
            .map_or_else(Vec::new, |DataTable(table)| table.rows.clone()),
        Mode::AllRows => tables
            .iter()
            .flat_map(|DataTable(table)| table.rows.iter().cloned())
            .collect(),
        Mode::Tables => tables.iter().map(|table| vec![whole(table)]).collect(),
    }))
}

fn whole(table: &DataTable) -> TypedValue {
    TypedValue {
        data_type: DataType::Ntext,
        value: Value::Object(Arc::new(table.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::typed;

    fn rows(texts: &[&str]) -> RowSet {
        RowSet {
            columns: vec!["t".to_owned()],
            rows: texts.iter().map(|text| vec![typed::text(text)]).collect(),
        }
    }

    fn table(texts: &[&str]) -> DataTable {
        DataTable(Arc::new(rows(texts)))
    }

    /// Texts of the first column; tables as the texts in brackets.
    fn shown(found: Option<Result<Vec<Element>, String>>) -> String {
        let shown = |element: &Element| match &element[0].value {
            Value::Object(object) => {
                let inner = shown(elements(&**object, Mode::FirstTable));
                format!("[{inner}]")
            }
            _ => typed::shown(&element[0]).unwrap(),
        };
        match found {
            None => "nothing".to_owned(),
            Some(Err(reason)) => reason,
            Some(Ok(found)) => found.iter().map(shown).collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn each_mode_goes_over_each_object_as_documented() {
        let set = DataSet {
            tables: vec![table(&["a", "b"]), table(&[]), table(&["c"])],
        };
        let cases: [(&dyn ObjectValue, Mode, &str); 9] = [
            (&set, Mode::FirstTable, "a b"),
            (&set, Mode::AllRows, "a b c"),
            (&set, Mode::Tables, "[a b] [] [c]"),
            (&table(&["a", "b"]), Mode::FirstTable, "a b"),
            (&table(&["a", "b"]), Mode::AllRows, "a b"),
            (&rows(&["a", "b"]), Mode::FirstTable, "a b"),
            (&rows(&["a", "b"]), Mode::AllRows, "a b"),
            (&rows(&["a", "b"]), Mode::Tables, "a b"),
            (&DataSet::default(), Mode::FirstTable, ""),
        ];
        for (object, mode, expected) in cases {
            assert_eq!(
                shown(elements(object, mode)),
                expected,
                "{object:?} {mode:?}"
            );
        }
        let refused = shown(elements(&table(&["a"]), Mode::Tables));
        assert!(refused.contains("needs a data set"), "{refused}");
    }

    #[test]
    fn the_mode_is_read_by_name_or_number_and_set_by_either_name_of_its_property() {
        let mut data = Xml::default();
        assert_eq!(mode(&data), Ok(Mode::FirstTable));
        for (property, text, expected) in [
            ("Type", "0", Ok(Mode::Tables)),
            ("EnumType", "EnumerateAllRows", Ok(Mode::AllRows)),
            ("Type", "2", Ok(Mode::FirstTable)),
        ] {
            assert_eq!(set(&mut data, property, text), Some(()));
            assert_eq!(mode(&data), expected);
        }
        assert_eq!(set(&mut data, "DataObjectVariable", "User::x"), Some(()));
        assert_eq!(check(&data), None);
        assert_eq!(set(&mut data, "Else", "x"), None);
        set(&mut data, "Type", "EnumerateViews");
        assert!(check(&data).unwrap().contains("`EnumerateViews`"));
    }
}
