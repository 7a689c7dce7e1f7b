//! What differs between the kinds of connection: numbers of types, where counting starts.

use crate::value::DataType;

/// Which numbers and names a kind of connection uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `?`, counted from 0; types are OLE DB's. ADO has the same types, and names like `Param1`.
    OleDb,
    /// `@name`; types are those of `System.Data.DbType`.
    AdoNet,
    /// `?`, counted from 1; types are those of ODBC's SQL.
    Odbc,
}

/// The code page of texts that a number calls non-Unicode: the driver converts.
const CODE_PAGE: u32 = 1252;

impl Style {
    /// By the creation name of a connection manager.
    pub(super) fn of(creation_name: &str) -> Self {
        let name = creation_name.to_ascii_uppercase();
        match name.split(':').next().unwrap_or_default() {
            "ADO.NET" => Self::AdoNet,
            "ODBC" => Self::Odbc,
            _ => Self::OleDb,
        }
    }

    /// The number of the first column of a result.
    pub(super) fn first_column(self) -> usize {
        match self {
            Self::OleDb | Self::AdoNet => 0,
            Self::Odbc => 1,
        }
    }

    /// The type behind a number. Facets that the number does not say are wide.
    pub(super) fn data_type(self, number: i32, size: Option<u32>) -> Option<DataType> {
        match self {
            Self::OleDb => ole_db(number, size),
            Self::AdoNet => ado_net(number, size),
            Self::Odbc => odbc(number, size),
        }
    }

    /// The type of an input, where the number says all about it: a value keeps its own digits
    /// and scale otherwise.
    pub(super) fn input_type(self, number: i32) -> Option<DataType> {
        match self.data_type(number, None)? {
            DataType::Numeric { .. }
            | DataType::Decimal { .. }
            | DataType::Bytes { .. }
            | DataType::DbTime2 { .. }
            | DataType::DbTimestamp2 { .. }
            | DataType::DbTimestampOffset { .. } => None,
            other => Some(other),
        }
    }
}

const NUMERIC: DataType = DataType::Numeric {
    precision: 38,
    scale: 10,
};

fn text(size: Option<u32>) -> DataType {
    match size {
        Some(length) => DataType::Wstr { length },
        None => DataType::Wstr { length: 0 },
    }
}

fn narrow(size: Option<u32>) -> DataType {
    DataType::Str {
        length: size.unwrap_or(0),
        code_page: CODE_PAGE,
    }
}

fn ole_db(number: i32, size: Option<u32>) -> Option<DataType> {
    let data_type = DataType::from_number(u16::try_from(number).ok()?, Default::default())?;
    Some(match data_type {
        DataType::Wstr { .. } => text(size),
        DataType::Str { .. } => narrow(size),
        DataType::Numeric { .. } | DataType::Decimal { .. } => NUMERIC,
        DataType::Bytes { .. } => DataType::Bytes {
            length: size.unwrap_or(0),
        },
        DataType::DbTime2 { .. } => DataType::DbTime2 { scale: 7 },
        DataType::DbTimestamp2 { .. } => DataType::DbTimestamp2 { scale: 7 },
        DataType::DbTimestampOffset { .. } => DataType::DbTimestampOffset { scale: 7 },
        other => other,
    })
}

fn ado_net(number: i32, size: Option<u32>) -> Option<DataType> {
    Some(match number {
        0 | 22 => narrow(size),
        1 => DataType::Bytes {
            length: size.unwrap_or(0),
        },
        2 => DataType::Ui1,
        3 => DataType::Bool,
        4 => DataType::Cy,
        5 => DataType::DbDate,
        6 => DataType::DbTimestamp,
        7 | 21 => NUMERIC,
        8 => DataType::R8,
        9 => DataType::Guid,
        10 => DataType::I2,
        11 => DataType::I4,
        12 => DataType::I8,
        14 => DataType::I1,
        15 => DataType::R4,
        16 | 23 => text(size),
        17 => DataType::DbTime2 { scale: 7 },
        18 => DataType::Ui2,
        19 => DataType::Ui4,
        20 => DataType::Ui8,
        25 => DataType::Ntext,
        26 => DataType::DbTimestamp2 { scale: 7 },
        27 => DataType::DbTimestampOffset { scale: 7 },
        _ => return None,
    })
}

fn odbc(number: i32, size: Option<u32>) -> Option<DataType> {
    Some(match number {
        1 | 12 => narrow(size),
        2 | 3 => NUMERIC,
        4 => DataType::I4,
        5 => DataType::I2,
        6 | 8 => DataType::R8,
        7 => DataType::R4,
        9 | 91 => DataType::DbDate,
        10 | 92 => DataType::DbTime2 { scale: 7 },
        11 | 93 => DataType::DbTimestamp,
        -1 => DataType::Text {
            code_page: CODE_PAGE,
        },
        -2 | -3 => DataType::Bytes {
            length: size.unwrap_or(0),
        },
        -4 => DataType::Image,
        -5 => DataType::I8,
        -6 => DataType::Ui1,
        -7 => DataType::Bool,
        -8 | -9 => text(size),
        -10 => DataType::Ntext,
        -11 => DataType::Guid,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_is_another_type_on_another_connection() {
        for (creation_name, number, expected) in [
            ("OLEDB", 3, Some(DataType::I4)),
            ("ADO", 3, Some(DataType::I4)),
            ("ADO.NET:System.Data.SqlClient", 3, Some(DataType::Bool)),
            ("ODBC", 4, Some(DataType::I4)),
            ("ODBC", -9, Some(DataType::Wstr { length: 0 })),
            ("OLEDB", 131, Some(NUMERIC)),
            ("ADO.NET:SQL", 13, None),
            ("OLEDB", -9, None),
        ] {
            let style = Style::of(creation_name);
            assert_eq!(
                style.data_type(number, None),
                expected,
                "{creation_name} {number}"
            );
        }
        assert_eq!(Style::OleDb.input_type(131), None);
        assert_eq!(
            Style::AdoNet.data_type(16, Some(20)),
            Some(DataType::Wstr { length: 20 })
        );
    }
}
