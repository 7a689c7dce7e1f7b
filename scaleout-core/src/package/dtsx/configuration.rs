//! Package configurations.

use crate::package::error::PackageError;
use crate::package::model::Configuration;
use crate::package::node::Node;

/// One entry of `Configurations`.
pub(super) fn read_configuration(node: Node<'_>) -> Result<Configuration, PackageError> {
    Ok(Configuration {
        name: node.text("ObjectName"),
        configuration_type: node.number("ConfigurationType", 0)?,
        configuration_string: node.text("ConfigurationString"),
        configuration_variable: node.text("ConfigurationVariable"),
    })
}
