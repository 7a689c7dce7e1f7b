//! Keys of connection strings: which mean the same, and which hold secrets.

/// Each row is one meaning. Lower case.
const SYNONYMS: [&[&str]; 13] = [
    &[
        "data source",
        "server",
        "address",
        "addr",
        "network address",
        "servername",
        "host",
    ],
    &["initial catalog", "database"],
    &["user id", "uid", "user", "username", "user name"],
    &["password", "pwd"],
    &["integrated security", "trusted_connection"],
    &["persist security info", "persistsecurityinfo"],
    &[
        "connect timeout",
        "connection timeout",
        "timeout",
        "logintimeout",
    ],
    &["application name", "app"],
    &["workstation id", "wsid"],
    &["initial file name", "attachdbfilename"],
    &["encrypt", "use encryption for data"],
    &["trust server certificate", "trustservercertificate"],
    &[
        "multipleactiveresultsets",
        "multiple active result sets",
        "mars connection",
        "mars_connection",
    ],
];

/// Parts of names whose values no message may show.
const SECRET_PARTS: [&str; 8] = [
    "password",
    "pwd",
    "secret",
    "token",
    "accountkey",
    "account key",
    "sharedaccess",
    "passphrase",
];

/// Whether two keys mean the same.
pub(super) fn same_key(one: &str, other: &str) -> bool {
    if one.eq_ignore_ascii_case(other) {
        return true;
    }
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    let mut rows = SYNONYMS.iter();
    rows.any(|row| row.contains(&one.as_str()) && row.contains(&other.as_str()))
}

/// Whether the value of a key is a secret.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET_PARTS.iter().any(|part| key.contains(part))
}
