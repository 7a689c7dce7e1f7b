//! The rule as SQL: which rows of a view a caller gets.

use scaleout_core::model::identifier::name_key;
use scaleout_core::model::{Caller, PermissionType, Role, Securable};
use scaleout_core::registry::{Readers, View, readers};

use crate::store::permissions::principal_names;

/// Which rows of a view a caller gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowFilter {
    /// All.
    All,
    /// None.
    Nothing,
    /// Those of objects that one of these principals may read.
    Readable {
        /// Kind of the objects.
        kind: Securable,
        /// Column with their ids.
        column: &'static str,
        /// Names of the caller and its roles.
        principals: Vec<String>,
    },
    /// Those of messages of operations that one of these principals may read.
    OfReadableMessages {
        /// Column with the ids of the messages.
        column: &'static str,
        /// Names of the caller and its roles.
        principals: Vec<String>,
    },
    /// Those whose column holds the caller's name.
    Named {
        /// The column.
        column: &'static str,
        /// The caller.
        caller: String,
    },
    /// Those of a job or schedule that the caller owns.
    Owned {
        /// `job` or `schedule`.
        what: &'static str,
        /// Column with its id.
        column: &'static str,
        /// Key of the caller's name.
        caller: String,
    },
    /// Permissions that one of these principals has.
    Effective {
        /// Names of the caller and its roles.
        principals: Vec<String>,
    },
    /// Permissions of these principals, and of anyone on objects that they manage.
    Explicit {
        /// Names of the caller and its roles.
        principals: Vec<String>,
    },
}

/// Which rows of a view a caller gets.
pub fn row_filter(caller: &Caller, view: &View) -> RowFilter {
    let readers = readers(view);
    if caller.is_administrator() || readers == Readers::Everyone {
        return RowFilter::All;
    }
    let principals = principal_names(caller);
    match readers {
        Readers::Everyone => RowFilter::All,
        Readers::Administrators => RowFilter::Nothing,
        Readers::ClusterExecutors if caller.has(Role::ClusterExecutor) => RowFilter::All,
        Readers::ClusterExecutors => RowFilter::Nothing,
        Readers::Of(Securable::Operation, _) | Readers::OfMessage(_)
            if caller.has(Role::LogReader) =>
        {
            RowFilter::All
        }
        Readers::Of(kind, column) => RowFilter::Readable {
            kind,
            column,
            principals,
        },
        Readers::OfMessage(column) => RowFilter::OfReadableMessages { column, principals },
        Readers::Login(column) => RowFilter::Named {
            column,
            caller: caller.name.clone(),
        },
        Readers::Job(_) | Readers::Schedule(_) if caller.may_see_jobs() => RowFilter::All,
        Readers::Job(_) | Readers::Schedule(_) if !caller.may_have_jobs() => RowFilter::Nothing,
        Readers::Job(column) => RowFilter::Owned {
            what: "job",
            column,
            caller: name_key(&caller.name),
        },
        Readers::Schedule(column) => RowFilter::Owned {
            what: "schedule",
            column,
            caller: name_key(&caller.name),
        },
        Readers::Effective => RowFilter::Effective { principals },
        Readers::Explicit => RowFilter::Explicit { principals },
    }
}

impl RowFilter {
    /// The condition that a row must meet; texts go through `argument`, which stores one and
    /// returns its place, and columns through `column`, which spells one with its view. `None` for
    /// no condition. `fixed` says whether the query asks for one value of a column: then that one
    /// object is looked up, otherwise all objects that the caller may read.
    pub fn condition(
        &self,
        mut argument: impl FnMut(&str) -> String,
        column: impl Fn(&str) -> String,
        fixed: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let mut me = |names: &[String]| {
            let places: Vec<String> = names.iter().map(|name| argument(name)).collect();
            Me(places.join(", "))
        };
        match self {
            Self::All => None,
            Self::Nothing => Some("1 = 0".to_owned()),
            Self::Readable {
                kind,
                column: id,
                principals,
            } => {
                let me = me(principals);
                let lookup = Lookup::of(fixed(id));
                Some(me.allowed(&column(id), *kind, PermissionType::Read, lookup))
            }
            Self::OfReadableMessages {
                column: id,
                principals,
            } => {
                let me = me(principals);
                let lookup = Lookup::of(fixed(id));
                let allowed = me.allowed(
                    "m.operation_id",
                    Securable::Operation,
                    PermissionType::Read,
                    lookup,
                );
                let id = column(id);
                Some(format!(
                    "EXISTS (SELECT 1 FROM message m WHERE m.message_id = {id} AND {allowed})"
                ))
            }
            Self::Named {
                column: name,
                caller,
            } => {
                let place = argument(caller);
                Some(format!("{} = {place}", column(name)))
            }
            Self::Owned {
                what,
                column: id,
                caller,
            } => {
                let place = argument(caller);
                Some(format!(
                    "{} IN (SELECT o.{what}_id FROM {what} o WHERE o.owner_key = {place})",
                    column(id)
                ))
            }
            Self::Effective { principals } => {
                let me = me(principals);
                let lookup = Lookup::of(fixed("object_id"));
                Some(me.any_of(&column, &PermissionType::ALL, lookup, |one| {
                    format!("{} = {}", column("permission_type"), one.number())
                }))
            }
            Self::Explicit { principals } => {
                let me = me(principals);
                let manage = [PermissionType::ManagePermissions];
                let lookup = Lookup::of(fixed("object_id"));
                let managed = me.any_of(&column, &manage, lookup, |_| "1 = 1".to_owned());
                Some(format!(
                    "({} IN {} OR {managed})",
                    column("principal_id"),
                    me.ids()
                ))
            }
        }
    }
}

/// How permissions are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lookup {
    /// On the object of the row: best where few rows are looked at.
    One,
    /// On all objects at once: best where the caller may read few of many.
    All,
}

impl Lookup {
    fn of(is_fixed: bool) -> Self {
        if is_fixed { Self::One } else { Self::All }
    }
}

/// Places of the names of a caller and its roles.
struct Me(String);

impl Me {
    fn ids(&self) -> String {
        format!(
            "(SELECT principal_id FROM principal WHERE name_key IN ({}))",
            self.0
        )
    }

    /// Whether a permission on the object with that id is granted somewhere and denied nowhere.
    fn allowed(
        &self,
        id: &str,
        kind: Securable,
        permission: PermissionType,
        lookup: Lookup,
    ) -> String {
        let from = |is_deny: &str| -> String {
            let parts = permission.sources(kind).map(|(place, from)| {
                let (key, objects) = self.objects(kind, place, from, is_deny);
                match lookup {
                    Lookup::All => objects,
                    Lookup::One => format!("EXISTS ({objects} AND {key} = {id})"),
                }
            });
            let parts: Vec<String> = parts.collect();
            match lookup {
                Lookup::All => format!("{id} IN ({})", parts.join(" UNION ALL ")),
                Lookup::One => format!("({})", parts.join(" OR ")),
            }
        };
        format!("({} AND NOT {})", from("FALSE"), from("TRUE"))
    }

    /// Ids of the objects of a kind on which something is granted, or denied, at a place: their
    /// column, and the query.
    fn objects(
        &self,
        kind: Securable,
        place: Securable,
        permission: PermissionType,
        is_deny: &str,
    ) -> (String, String) {
        let given = format!(
            "g.object_type = {} AND g.permission_type = {} AND g.is_deny = {is_deny} \
             AND g.principal_id IN {}",
            place.number(),
            permission.number(),
            self.ids()
        );
        if place == kind {
            let key = "g.object_id".to_owned();
            let query = format!("SELECT {key} FROM object_permission g WHERE {given}");
            return (key, query);
        }
        let table = kind.as_str();
        let key = format!("o.{table}_id");
        let query = format!(
            "SELECT {key} FROM object_permission g \
             JOIN {table} o ON o.folder_id = g.object_id WHERE {given}"
        );
        (key, query)
    }

    /// Whether one of the permissions, under its condition, is there on the object of a row with
    /// `object_type` and `object_id`.
    fn any_of(
        &self,
        column: impl Fn(&str) -> String,
        permissions: &[PermissionType],
        lookup: Lookup,
        condition: impl Fn(PermissionType) -> String,
    ) -> String {
        let mut cases = Vec::new();
        for kind in Securable::ALL {
            for permission in permissions.iter().filter(|one| one.applies_to(kind)) {
                cases.push(format!(
                    "({} = {} AND {} AND {})",
                    column("object_type"),
                    kind.number(),
                    condition(*permission),
                    self.allowed(&column("object_id"), kind, *permission, lookup)
                ));
            }
        }
        format!("({})", cases.join(" OR "))
    }
}

#[cfg(test)]
mod tests {
    use scaleout_core::registry::views::{EVENT_MESSAGE_CONTEXT, EXECUTIONS, PROJECTS, VIEWS};

    use super::*;

    #[test]
    fn administrators_read_everything_and_strangers_to_all_roles_what_is_open() {
        for view in VIEWS {
            let admin = Caller::new("x", Role::SsisAdmin);
            assert_eq!(row_filter(&admin, view), RowFilter::All, "{}", view.name);
            let nobody = Caller::new("x", Role::Public);
            let open = readers(view) == Readers::Everyone;
            let filter = row_filter(&nobody, view);
            assert_eq!(filter == RowFilter::All, open, "{}", view.name);
        }
    }

    #[test]
    fn log_readers_read_operations_only() {
        let reader = Caller::new("x", Role::LogReader);
        assert_eq!(row_filter(&reader, &EXECUTIONS), RowFilter::All);
        assert_eq!(row_filter(&reader, &EVENT_MESSAGE_CONTEXT), RowFilter::All);
        assert_ne!(row_filter(&reader, &PROJECTS), RowFilter::All);
    }

    #[test]
    fn names_are_arguments_and_never_text_of_the_statement() {
        let caller = Caller::new("x' OR 1=1 --", Role::Public);
        for view in VIEWS {
            let mut arguments = Vec::new();
            let condition = row_filter(&caller, view).condition(
                |text| {
                    arguments.push(text.to_owned());
                    format!("${}", arguments.len())
                },
                str::to_owned,
                |_| false,
            );
            let text = condition.unwrap_or_default();
            assert!(!text.contains("1=1"), "{}: {text}", view.name);
        }
    }
}
