//! The zip around a project: bounded unpacking, deterministic packing.

use std::io::{Cursor, Read, Write};

use zip::read::HasZipMetadata as _;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::member_name;
use crate::package::error::PackageError;

/// The most members of an archive.
pub const MAX_MEMBERS: usize = 10_000;
/// The most bytes of all members together, unpacked.
pub const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// The most bytes of one member, unpacked.
pub const MAX_MEMBER_BYTES: u64 = 256 << 20;
/// The most that a member may grow by unpacking; XML of packages stays below 50.
pub const MAX_RATIO: u64 = 200;
/// Below this size the ratio does not matter.
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// One file of a project archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Plain name, not URL-encoded.
    pub name: String,
    /// Content, unpacked.
    pub bytes: Vec<u8>,
}

/// Unpacks all files of an archive after its sizes have been checked.
///
/// # Errors
///
/// When the archive or a member is damaged, a limit is passed, or two members
/// have one name.
pub fn unpack(bytes: &[u8], origin: &str) -> Result<Vec<Member>, PackageError> {
    let damaged = |error: ZipError| damaged_archive(bytes, origin, &error);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_MEMBERS {
        let what = format!("the count of members, {},", archive.len());
        return Err(over_limit(origin, what, MAX_MEMBERS.to_string()));
    }
    check_sizes(&archive, bytes, origin)?;
    let mut members: Vec<Member> = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let Some(member) = unpack_member(&mut archive, index, origin)? else {
            continue;
        };
        let same = members
            .iter()
            .find(|other| other.name.eq_ignore_ascii_case(&member.name));
        if let Some(same) = same {
            return Err(PackageError::DuplicatePackage {
                file: origin.to_owned(),
                first: same.name.clone(),
                second: member.name,
            });
        }
        members.push(member);
    }
    Ok(members)
}

/// Packs members in the given order, names URL-encoded, without times.
pub(super) fn pack(members: &[&Member]) -> Result<Vec<u8>, PackageError> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::DEFAULT);
    for member in members {
        let failed = |reason: String| PackageError::DamagedMember {
            file: "the archive being built".to_owned(),
            member: member.name.clone(),
            reason,
        };
        let name = member_name::encode(&member.name);
        writer
            .start_file(name, options)
            .map_err(|error| failed(error.to_string()))?;
        writer
            .write_all(&member.bytes)
            .map_err(|error| failed(error.to_string()))?;
    }
    let finished = writer
        .finish()
        .map_err(|error| PackageError::DamagedArchive {
            file: "the archive being built".to_owned(),
            reason: error.to_string(),
        })?;
    Ok(finished.into_inner())
}

/// What the directory declares, before a byte is unpacked.
fn check_sizes(
    archive: &ZipArchive<Cursor<&[u8]>>,
    bytes: &[u8],
    origin: &str,
) -> Result<(), PackageError> {
    let mut total: u64 = 0;
    for index in 0..archive.len() {
        let entry = archive
            .by_index_data(index)
            .map_err(|error| damaged_archive(bytes, origin, &error))?;
        let metadata = entry.get_metadata();
        let (packed, unpacked) = (metadata.compressed_size, metadata.uncompressed_size);
        let name = member_name::decode(&String::from_utf8_lossy(entry.name_raw()));
        if unpacked > MAX_MEMBER_BYTES {
            let what = format!("member `{name}` with {unpacked} bytes");
            return Err(over_limit(
                origin,
                what,
                format!("{MAX_MEMBER_BYTES} bytes"),
            ));
        }
        if unpacked > RATIO_FREE_BYTES && unpacked / packed.max(1) > MAX_RATIO {
            let what = format!("the compression of member `{name}`");
            return Err(over_limit(origin, what, format!("{MAX_RATIO} to 1")));
        }
        total = total.saturating_add(unpacked);
    }
    if total > MAX_UNPACKED_BYTES {
        let what = format!("the unpacked size, {total} bytes,");
        return Err(over_limit(
            origin,
            what,
            format!("{MAX_UNPACKED_BYTES} bytes"),
        ));
    }
    Ok(())
}

/// One member, `None` for a folder. Never takes more bytes than were declared and checked.
fn unpack_member(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    origin: &str,
) -> Result<Option<Member>, PackageError> {
    let raw_name = archive
        .name_for_index(index)
        .and_then(Result::ok)
        .unwrap_or_default();
    let name = member_name::decode(&raw_name);
    let damaged = |reason: String| PackageError::DamagedMember {
        file: origin.to_owned(),
        member: name.clone(),
        reason,
    };
    let mut file = archive
        .by_index(index)
        .map_err(|error| damaged(error.to_string()))?;
    if file.is_dir() {
        return Ok(None);
    }
    let declared = file.size();
    let mut bytes = Vec::new();
    let read = file
        .by_ref()
        .take(declared.saturating_add(1))
        .read_to_end(&mut bytes);
    read.map_err(|error| damaged(reason_of(&error)))?;
    if bytes.len() as u64 != declared {
        return Err(damaged(format!(
            "it unpacks to another size than the {declared} bytes it declares"
        )));
    }
    drop(file);
    Ok(Some(Member { name, bytes }))
}

fn reason_of(error: &std::io::Error) -> String {
    let text = error.to_string();
    if text.to_ascii_lowercase().contains("checksum") {
        return "its bytes do not match their checksum (CRC)".to_owned();
    }
    text
}

fn damaged_archive(bytes: &[u8], origin: &str, error: &ZipError) -> PackageError {
    let reason = match bytes {
        [] => "the file is empty".to_owned(),
        [b'P', b'K', ..] => format!("{error}; it may have been cut off"),
        _ => "it does not begin like a zip archive".to_owned(),
    };
    PackageError::DamagedArchive {
        file: origin.to_owned(),
        reason,
    }
}

fn over_limit(origin: &str, what: String, limit: String) -> PackageError {
    PackageError::ArchiveLimit {
        file: origin.to_owned(),
        what,
        limit,
    }
}
