//! Damaged input: every reader answers, with a value or an error, and never panics.

use proptest::prelude::*;

use super::dtsx::tests::{FORMAT_2, FORMAT_8};
use super::ispac::{self, Member};
use super::{bare, conmgr, dtproj, dtsx, manifest, params};

/// Changes some bytes and cuts the end off.
fn damaged(
    bytes: &[u8],
    changes: &[(prop::sample::Index, u8)],
    length: prop::sample::Index,
) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (index, value) in changes {
        let at = index.index(bytes.len());
        bytes[at] = *value;
    }
    // Half of the cases keep their length.
    let length = length.index(bytes.len() * 2);
    bytes.truncate(length.max(1));
    bytes
}

/// Bytes that mean something in XML, zip headers and numbers.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        prop::sample::select(b"<>&\"'=/;#x-019 _[].\\".to_vec()),
        any::<u8>(),
        Just(0xFF),
        Just(0),
    ]
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), byte()), 0..8)
}

fn archive() -> Vec<u8> {
    let built = bare::build(FORMAT_8.as_bytes(), "a b.dtsx", "p").unwrap();
    built.ispac
}

proptest! {
    #[test]
    fn damaged_packages_never_panic(changes in changes(), length in any::<prop::sample::Index>()) {
        for sample in [FORMAT_2, FORMAT_8] {
            let _ = dtsx::read(&damaged(sample.as_bytes(), &changes, length), "a.dtsx");
        }
    }

    #[test]
    fn damaged_archives_never_panic(changes in changes(), length in any::<prop::sample::Index>()) {
        let _ = ispac::read(&damaged(&archive(), &changes, length), "a.ispac");
    }

    #[test]
    fn damaged_project_files_never_panic(changes in changes(), length in any::<prop::sample::Index>()) {
        let members = ispac::unpack(&archive(), "a.ispac").unwrap();
        for Member { bytes, .. } in members {
            let bytes = damaged(&bytes, &changes, length);
            let _ = manifest::read(&bytes, "m");
            let _ = params::read(&bytes, "p");
            let _ = conmgr::read(&bytes, "c");
            let _ = dtproj::read(&bytes, "d", &mut |_| Ok(FORMAT_8.as_bytes().to_vec()));
        }
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = dtsx::read(&bytes, "a.dtsx");
        let _ = ispac::read(&bytes, "a.ispac");
    }
}
