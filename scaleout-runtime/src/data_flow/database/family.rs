//! The families of components, by the interface that the original reaches databases with: their
//! message codes, and the words that log readers look for.
//!
//! Behind all of them are the same connections.

use super::binding::failure;
use crate::connections::ConnectionError;
use crate::data_flow::component::ComponentError;

/// A connection could not be acquired (OLE DB and ODBC).
const CANNOT_ACQUIRE: u32 = 0xC020_801C;
/// A call to the provider failed.
const PROVIDER_FAILED: u32 = 0xC020_2009;

/// How a component says that a database failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    OleDb,
    AdoNetSource,
    AdoNetDestination,
    Odbc,
}

impl Family {
    /// The code of what the database refused.
    pub(super) fn failed_code(self) -> u32 {
        match self {
            Self::OleDb | Self::Odbc => PROVIDER_FAILED,
            // What a managed component throws while it gives rows.
            Self::AdoNetSource => 0xC004_7062,
            Self::AdoNetDestination => 0xC020_844B,
        }
    }

    /// The text of what the database refused, with the words that log readers look for.
    pub(super) fn provider_text(self, text: &str) -> String {
        match self {
            Self::OleDb => format!("SSIS Error Code DTS_E_OLEDBERROR.  {text}"),
            Self::AdoNetSource => text.to_owned(),
            Self::AdoNetDestination => format!(
                "an exception has occurred during data insertion, the message returned from the \
                 provider is: {text}"
            ),
            Self::Odbc => format!("Open Database Connectivity (ODBC) error occurred.  {text}"),
        }
    }

    /// What the database says, as the provider's error.
    pub(super) fn provider_failed(
        self,
        component: &str,
        error: &ConnectionError,
    ) -> ComponentError {
        if let ConnectionError::Canceled(canceled) = error {
            return ComponentError::Canceled(*canceled);
        }
        let text = self.provider_text(&error.explained());
        failure(component, self.failed_code(), text)
    }

    /// A connection that could not be had.
    pub(super) fn cannot_acquire(self, component: &str, error: &ConnectionError) -> ComponentError {
        if let ConnectionError::Canceled(canceled) = error {
            return ComponentError::Canceled(*canceled);
        }
        let (code, symbol) = match self {
            Self::OleDb | Self::Odbc => (
                CANNOT_ACQUIRE,
                "DTS_E_CANNOTACQUIRECONNECTIONFROMCONNECTIONMANAGER",
            ),
            Self::AdoNetSource => (0xC020_8449, "DTS_E_ADOSOURCEFAILEDTOACQUIRECONNECTION"),
            Self::AdoNetDestination => (0xC020_8452, "DTS_E_ADODESTFAILEDTOACQUIRECONNECTION"),
        };
        let text = format!(
            "SSIS Error Code {symbol}.  Component `{component}` has no connection: {}",
            error.explained()
        );
        failure(component, code, text)
    }
}
