//! Master keys and their file; what needs a database is tested with one.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[test]
fn the_key_file_is_private_and_must_stay_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.key");
    let keeper = Keeper::open(&path, true).unwrap();
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    keeper.add_master().unwrap();
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = Keeper::open(&path, true).unwrap_err();
    assert!(matches!(refused, StoreError::Key { .. }));
}

#[test]
fn a_missing_or_malformed_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.key");
    let refused = || Keeper::open(&path, false).unwrap_err();
    assert!(matches!(refused(), StoreError::Key { .. }));
    Keeper::open(&path, true).unwrap();
    for text in ["not a key", "", "00ff"] {
        std::fs::write(&path, text).unwrap();
        assert!(matches!(refused(), StoreError::Key { .. }), "{text}");
    }
}

#[test]
fn the_file_has_both_keys_until_one_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.key");
    let keeper = Keeper::open(&path, true).unwrap();
    let first = keeper.fingerprints().remove(0);
    let second = keeper.add_master().unwrap();
    let again = || Keeper::open(&path, false).unwrap().fingerprints();
    assert_eq!(again(), [first.clone(), second.clone()]);
    keeper.keep_only(&second).unwrap();
    assert_eq!(again().as_slice(), std::slice::from_ref(&second));
    // What a reader has read before can still be opened.
    assert_eq!(keeper.fingerprints(), [first.clone(), second]);
    let kept = Keeper::open(&path, false).unwrap();
    assert!(matches!(kept.check(&[first]), Err(StoreError::Key { .. })));
}

#[test]
fn an_owner_is_what_its_header_says() {
    for owner in [
        Owner::Project(1),
        Owner::Environment(-1),
        Owner::Execution(i64::MAX),
        Owner::ExecutionsOf(1),
    ] {
        assert_eq!(Owner::of_value(&owner.header(VALUE)), Some(owner));
        assert_eq!(Owner::of_value(&owner.header(KEY)), None);
    }
    assert_eq!(Owner::of_value(&[VALUE, 20, 0]), None);
    assert_eq!(Owner::of_value(&[]), None);
}
