//! The rule: what somebody may do to an object follows from what was granted and denied on it and
//! on its folder. A denial counts more than any grant.

use std::collections::BTreeSet;

use scaleout_core::model::{PermissionType, Securable};

/// Something that was granted or denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Kind of the object.
    pub kind: Securable,
    /// The object.
    pub object_id: i64,
    /// To whom: a login or a role.
    pub principal: i64,
    /// What.
    pub permission: PermissionType,
    /// Denied, not granted.
    pub is_deny: bool,
}

/// An object and the folder it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its kind.
    pub kind: Securable,
    /// Its id.
    pub id: i64,
    /// Its folder, for projects and environments.
    pub folder_id: Option<i64>,
}

/// Everything that these principals, a login and its roles, may do to an object.
pub fn effective(
    principals: &[i64],
    entries: &[Entry],
    object: &Object,
) -> BTreeSet<PermissionType> {
    PermissionType::ALL
        .into_iter()
        .filter(|permission| allows(principals, entries, object, *permission))
        .collect()
}

fn allows(
    principals: &[i64],
    entries: &[Entry],
    object: &Object,
    permission: PermissionType,
) -> bool {
    let mut granted = false;
    for (place, from) in permission.sources(object.kind) {
        let place_id = if place == object.kind {
            Some(object.id)
        } else {
            object.folder_id
        };
        let here = entries.iter().filter(|entry| {
            entry.kind == place
                && Some(entry.object_id) == place_id
                && entry.permission == from
                && principals.contains(&entry.principal)
        });
        for entry in here {
            if entry.is_deny {
                return false;
            }
            granted = true;
        }
    }
    granted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind() -> impl Strategy<Value = Securable> {
        prop::sample::select(Securable::ALL.to_vec())
    }

    fn entry() -> impl Strategy<Value = Entry> {
        let permission = prop::sample::select(PermissionType::ALL.to_vec());
        (kind(), 1..4_i64, 1..4_i64, permission, any::<bool>()).prop_map(
            |(kind, object_id, principal, permission, is_deny)| Entry {
                kind,
                object_id,
                principal,
                permission,
                is_deny,
            },
        )
    }

    fn object() -> impl Strategy<Value = Object> {
        (kind(), 1..4_i64, 1..4_i64).prop_map(|(kind, id, folder)| Object {
            kind,
            id,
            folder_id: kind.is_in_folder().then_some(folder),
        })
    }

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        prop::collection::vec(entry(), 0..20)
    }

    fn all_granted(object: &Object, permission: PermissionType, principal: i64) -> Entry {
        Entry {
            kind: object.kind,
            object_id: object.id,
            principal,
            permission,
            is_deny: false,
        }
    }

    proptest! {
        #[test]
        fn nothing_comes_from_nothing(object in object(), entries in entries()) {
            prop_assert!(effective(&[1, 2], &[], &object).is_empty());
            prop_assert!(effective(&[], &entries, &object).is_empty());
        }

        #[test]
        fn only_what_the_object_can_have_is_given(object in object(), entries in entries()) {
            for one in effective(&[1, 2, 3], &entries, &object) {
                prop_assert!(one.applies_to(object.kind));
            }
        }

        #[test]
        fn a_grant_never_takes_and_a_denial_never_gives(
            object in object(), entries in entries(), more in entry()
        ) {
            let before = effective(&[1, 2], &entries, &object);
            let mut longer = entries;
            longer.push(more);
            let after = effective(&[1, 2], &longer, &object);
            if more.is_deny {
                prop_assert!(after.is_subset(&before));
            } else {
                prop_assert!(before.is_subset(&after));
            }
        }

        #[test]
        fn the_order_in_which_it_was_granted_does_not_count(
            object in object(), entries in entries()
        ) {
            let mut turned = entries.clone();
            turned.reverse();
            prop_assert_eq!(
                effective(&[1, 2], &entries, &object),
                effective(&[1, 2], &turned, &object)
            );
        }

        #[test]
        fn what_others_have_and_what_is_elsewhere_does_not_count(
            object in object(), entries in entries()
        ) {
            let mine: Vec<Entry> = entries
                .iter()
                .copied()
                .filter(|entry| entry.principal == 1)
                .filter(|entry| {
                    (entry.kind == object.kind && entry.object_id == object.id)
                        || (entry.kind == Securable::Folder
                            && Some(entry.object_id) == object.folder_id)
                })
                .collect();
            prop_assert_eq!(
                effective(&[1], &entries, &object),
                effective(&[1], &mine, &object)
            );
        }

        #[test]
        fn a_denial_counts_more_than_every_grant(object in object(), denied in entry()) {
            let mut entries: Vec<Entry> = Vec::new();
            for principal in 1..4 {
                for one in PermissionType::ALL {
                    entries.push(all_granted(&object, one, principal));
                    if let Some(folder_id) = object.folder_id {
                        let folder = Object { kind: Securable::Folder, id: folder_id, folder_id: None };
                        entries.push(all_granted(&folder, one, principal));
                    }
                }
            }
            let all = effective(&[1, 2, 3], &entries, &object);
            entries.push(Entry { is_deny: true, ..denied });
            let left = effective(&[1, 2, 3], &entries, &object);
            for one in all {
                let hit = one.sources(object.kind).any(|(place, from)| {
                    let id = if place == object.kind { Some(object.id) } else { object.folder_id };
                    (place, Some(denied.object_id), from) == (denied.kind, id, denied.permission)
                });
                prop_assert_eq!(left.contains(&one), !hit);
            }
        }
    }

    #[test]
    fn a_folder_gives_its_objects_what_it_grants_on_them_and_keeps_none_of_it() {
        let granted = |permission| Entry {
            kind: Securable::Folder,
            object_id: 7,
            principal: 1,
            permission,
            is_deny: false,
        };
        let entries = [
            granted(PermissionType::ReadObjects),
            granted(PermissionType::ExecuteObjects),
        ];
        let of = |kind, id, folder_id| {
            effective(
                &[1],
                &entries,
                &Object {
                    kind,
                    id,
                    folder_id,
                },
            )
        };
        let project = of(Securable::Project, 3, Some(7));
        assert_eq!(
            project.into_iter().collect::<Vec<_>>(),
            [PermissionType::Read, PermissionType::Execute]
        );
        let environment = of(Securable::Environment, 3, Some(7));
        assert_eq!(
            environment.into_iter().collect::<Vec<_>>(),
            [PermissionType::Read]
        );
        assert!(of(Securable::Project, 3, Some(8)).is_empty());
        assert!(!of(Securable::Folder, 7, None).contains(&PermissionType::Read));
    }
}
