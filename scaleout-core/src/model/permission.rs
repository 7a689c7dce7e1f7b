//! What can be secured in the catalog, and what can be permitted on it.

use serde::{Deserialize, Serialize};

/// Kind of an object that permissions are given on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Securable {
    /// 1
    Folder,
    /// 2
    Project,
    /// 3
    Environment,
    /// 4: deployments, executions, validations and whatever else is recorded as an operation.
    Operation,
}

impl Securable {
    /// All kinds, by number.
    pub const ALL: [Self; 4] = [
        Self::Folder,
        Self::Project,
        Self::Environment,
        Self::Operation,
    ];

    /// The number in procedures and views.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Folder => 1,
            Self::Project => 2,
            Self::Environment => 3,
            Self::Operation => 4,
        }
    }

    /// The kind with that number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The word people read.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Project => "project",
            Self::Environment => "environment",
            Self::Operation => "operation",
        }
    }

    /// Whether objects of this kind lie in a folder and inherit from it.
    #[must_use]
    pub fn is_in_folder(self) -> bool {
        matches!(self, Self::Project | Self::Environment)
    }
}

/// What may be done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PermissionType {
    /// 1
    Read,
    /// 2
    Modify,
    /// 3: run the packages of a project.
    Execute,
    /// 4
    ManagePermissions,
    /// 100: create objects in a folder.
    CreateObjects,
    /// 101
    ReadObjects,
    /// 102
    ModifyObjects,
    /// 103
    ExecuteObjects,
    /// 104
    ManageObjectPermissions,
}

impl PermissionType {
    /// All, by number.
    pub const ALL: [Self; 9] = [
        Self::Read,
        Self::Modify,
        Self::Execute,
        Self::ManagePermissions,
        Self::CreateObjects,
        Self::ReadObjects,
        Self::ModifyObjects,
        Self::ExecuteObjects,
        Self::ManageObjectPermissions,
    ];

    /// The number in procedures and views.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Read => 1,
            Self::Modify => 2,
            Self::Execute => 3,
            Self::ManagePermissions => 4,
            Self::CreateObjects => 100,
            Self::ReadObjects => 101,
            Self::ModifyObjects => 102,
            Self::ExecuteObjects => 103,
            Self::ManageObjectPermissions => 104,
        }
    }

    /// The permission with that number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.number() == number)
    }

    /// The name in the original's documentation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Modify => "MODIFY",
            Self::Execute => "EXECUTE",
            Self::ManagePermissions => "MANAGE_PERMISSIONS",
            Self::CreateObjects => "CREATE_OBJECTS",
            Self::ReadObjects => "READ_OBJECTS",
            Self::ModifyObjects => "MODIFY_OBJECTS",
            Self::ExecuteObjects => "EXECUTE_OBJECTS",
            Self::ManageObjectPermissions => "MANAGE_OBJECT_PERMISSIONS",
        }
    }

    /// The permission with that name, whatever its case, with `-` for `_` if one likes.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.replace('-', "_");
        // What some pages of the original call number 4.
        if name.eq_ignore_ascii_case("ASSIGN_PERMISSIONS") {
            return Some(Self::ManagePermissions);
        }
        Self::ALL
            .into_iter()
            .find(|one| one.as_str().eq_ignore_ascii_case(&name))
    }

    /// Whether it can be given on objects of that kind.
    #[must_use]
    pub fn applies_to(self, kind: Securable) -> bool {
        match self {
            Self::Read | Self::Modify | Self::ManagePermissions => true,
            Self::Execute => kind == Securable::Project,
            Self::CreateObjects
            | Self::ReadObjects
            | Self::ModifyObjects
            | Self::ExecuteObjects
            | Self::ManageObjectPermissions => kind == Securable::Folder,
        }
    }

    /// The permission on a folder that gives this one on all projects and environments in it.
    #[must_use]
    pub fn inherited_from(self) -> Option<Self> {
        match self {
            Self::Read => Some(Self::ReadObjects),
            Self::Modify => Some(Self::ModifyObjects),
            Self::Execute => Some(Self::ExecuteObjects),
            Self::ManagePermissions => Some(Self::ManageObjectPermissions),
            Self::CreateObjects
            | Self::ReadObjects
            | Self::ModifyObjects
            | Self::ExecuteObjects
            | Self::ManageObjectPermissions => None,
        }
    }

    /// Where this permission on an object of that kind may come from: the object itself, and the
    /// folder around it. A grant or a denial in any of them counts.
    pub fn sources(self, kind: Securable) -> impl Iterator<Item = (Securable, Self)> {
        let own = self.applies_to(kind).then_some((kind, self));
        let inherited = self
            .inherited_from()
            .filter(|_| kind.is_in_folder() && self.applies_to(kind))
            .map(|around| (Securable::Folder, around));
        own.into_iter().chain(inherited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_lead_back() {
        for kind in Securable::ALL {
            assert_eq!(Securable::from_number(kind.number()), Some(kind));
        }
        for one in PermissionType::ALL {
            assert_eq!(PermissionType::from_number(one.number()), Some(one));
            assert_eq!(PermissionType::from_name(one.as_str()), Some(one));
        }
        let spelt = PermissionType::from_name("read-objects");
        assert_eq!(spelt, Some(PermissionType::ReadObjects));
        assert_eq!(PermissionType::from_name("write"), None);
    }

    #[test]
    fn permissions_apply_where_the_original_says() {
        let of = |kind| -> Vec<i64> {
            let all = PermissionType::ALL.into_iter();
            all.filter(|one| one.applies_to(kind))
                .map(PermissionType::number)
                .collect()
        };
        assert_eq!(of(Securable::Folder), [1, 2, 4, 100, 101, 102, 103, 104]);
        assert_eq!(of(Securable::Project), [1, 2, 3, 4]);
        assert_eq!(of(Securable::Environment), [1, 2, 4]);
        assert_eq!(of(Securable::Operation), [1, 2, 4]);
    }

    #[test]
    fn only_what_lies_in_a_folder_inherits_from_one() {
        let sources = |kind, one: PermissionType| -> Vec<(Securable, i64)> {
            let all = one.sources(kind);
            all.map(|(place, from)| (place, from.number())).collect()
        };
        let project = sources(Securable::Project, PermissionType::Execute);
        assert_eq!(project, [(Securable::Project, 3), (Securable::Folder, 103)]);
        let environment = sources(Securable::Environment, PermissionType::Execute);
        assert_eq!(environment, []);
        let operation = sources(Securable::Operation, PermissionType::Read);
        assert_eq!(operation, [(Securable::Operation, 1)]);
        let folder = sources(Securable::Folder, PermissionType::Read);
        assert_eq!(folder, [(Securable::Folder, 1)]);
    }
}
