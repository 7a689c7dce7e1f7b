//! What one call may do: the needs that its procedure declares, asked of the rule.

use scaleout_core::model::{Caller, PermissionType, Role, Securable};
use scaleout_core::registry::{JobAccess, Need, Permission, Procedure};

use super::rule::{Object, effective};
use crate::error::{CatalogError, PermissionError};
use crate::store::{Session, permissions};

/// What one call may do to the objects that it names.
#[derive(Clone, Debug)]
pub struct Rights {
    caller: Caller,
    permission: Permission,
}

/// Whether a caller may call a procedure at all; what it may do to which object comes later.
pub fn check_call(caller: &Caller, procedure: &Procedure) -> Result<(), CatalogError> {
    if procedure.permission == Permission::Administrator && !caller.is_administrator() {
        return Err(CatalogError::Forbidden {
            caller: caller.name.clone(),
            action: format!("call `{}`", procedure.name),
        });
    }
    if let Permission::Jobs(access) = procedure.permission {
        let may = match access {
            JobAccess::Purge => caller.may_run_jobs(),
            JobAccess::Create | JobAccess::Change | JobAccess::Operate | JobAccess::Read => {
                caller.may_have_jobs()
            }
        };
        if !may {
            return Err(CatalogError::Forbidden {
                caller: caller.name.clone(),
                action: format!("call `{}`", procedure.name),
            });
        }
    }
    Ok(())
}

impl Rights {
    /// Of a caller in a procedure.
    pub fn of(caller: &Caller, procedure: &Procedure) -> Self {
        Self {
            caller: caller.clone(),
            permission: procedure.permission,
        }
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether the call may run packages in Scale Out.
    pub fn check_scale_out(&self) -> Result<(), CatalogError> {
        if self.caller.is_administrator() || self.caller.has(Role::ClusterExecutor) {
            return Ok(());
        }
        Err(CatalogError::Forbidden {
            caller: self.caller.name.clone(),
            action: "run packages in Scale Out".to_owned(),
        })
    }

    /// Checks what the procedure declares for objects of that kind. An object on which the caller
    /// has nothing looks as if it were not there: `missing` says so. `name` is for the refusal.
    pub async fn check(
        &self,
        session: &mut Session,
        (kind, id): (Securable, i64),
        name: &str,
        missing: impl FnOnce() -> CatalogError,
    ) -> Result<(), CatalogError> {
        if self.caller.is_administrator() {
            return Ok(());
        }
        let has = self.on(session, kind, id).await?;
        // What no need is declared for is not open to anyone.
        let need = self
            .permission
            .needs()
            .iter()
            .find(|need| need.object == kind);
        let lacking = match need {
            Some(need) => lacking(need, &has),
            None => Some("a role of administrators"),
        };
        match lacking {
            None => Ok(()),
            Some(_) if has.is_empty() => Err(missing()),
            Some(lacking) => Err(PermissionError::Lacking {
                caller: self.caller.name.clone(),
                permission: lacking,
                kind,
                name: name.to_owned(),
            }
            .into()),
        }
    }

    /// Whether the caller has anything on an object, so that it may know of it.
    pub async fn knows(
        &self,
        session: &mut Session,
        kind: Securable,
        id: i64,
    ) -> Result<bool, CatalogError> {
        let all = self.caller.is_administrator();
        Ok(all || !self.on(session, kind, id).await?.is_empty())
    }

    /// What the caller has on an object.
    async fn on(
        &self,
        session: &mut Session,
        kind: Securable,
        id: i64,
    ) -> Result<Vec<PermissionType>, CatalogError> {
        let Some(object) = permissions::object(session, kind, id).await? else {
            return Ok(Vec::new());
        };
        self.on_object(session, &object).await
    }

    async fn on_object(
        &self,
        session: &mut Session,
        object: &Object,
    ) -> Result<Vec<PermissionType>, CatalogError> {
        let names = permissions::principal_names(&self.caller);
        let principals = permissions::principal_ids(session, &names).await?;
        let entries = permissions::entries(session, object).await?;
        Ok(effective(&principals, &entries, object)
            .into_iter()
            .collect())
    }
}

/// The first permission of a need that is not there.
fn lacking(need: &Need, has: &[PermissionType]) -> Option<&'static str> {
    let missing = |wanted: &[PermissionType]| {
        let mut wanted = wanted.iter();
        wanted.find(|one| !has.contains(one)).copied()
    };
    if !need.or.is_empty() && missing(need.or).is_none() {
        return None;
    }
    missing(need.permissions).map(PermissionType::as_str)
}

#[cfg(test)]
mod tests {
    use scaleout_core::registry::procedures::{CREATE_FOLDER, PROCEDURES};

    use super::*;

    #[test]
    fn administration_is_for_administrators() {
        for role in Role::ALL {
            let caller = Caller::new("x", role);
            let allowed = check_call(&caller, &CREATE_FOLDER).is_ok();
            assert_eq!(allowed, caller.is_administrator(), "{role:?}");
            for procedure in PROCEDURES {
                let closed = procedure.permission == Permission::Administrator;
                let allowed = check_call(&caller, procedure).is_ok();
                assert_eq!(
                    allowed,
                    caller.is_administrator() || !closed,
                    "{}",
                    procedure.name
                );
            }
        }
    }

    #[test]
    fn either_of_two_ways_is_enough() {
        const FIRST: &[PermissionType] = &[PermissionType::Read, PermissionType::Modify];
        const SECOND: &[PermissionType] = &[PermissionType::Read, PermissionType::CreateObjects];
        let need = Need::on(Securable::Folder, FIRST).or(SECOND);
        assert_eq!(lacking(&need, FIRST), None);
        assert_eq!(lacking(&need, SECOND), None);
        assert_eq!(lacking(&need, &[PermissionType::Read]), Some("MODIFY"));
        assert_eq!(
            lacking(&need, &[PermissionType::CreateObjects]),
            Some("READ")
        );
    }
}
