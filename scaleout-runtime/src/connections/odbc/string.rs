//! Connection strings as the driver manager reads them.

/// That of an ODBC connection manager stays as it is. One for OLE DB's provider of ODBC drivers
/// (`MSDASQL`) has other names for what a driver manager reads.
pub(in crate::connections) fn odbc_string(written: &str) -> String {
    let pairs = pairs(written);
    let is_provider = |(key, _): &&(String, String)| key.eq_ignore_ascii_case("Provider");
    if !pairs.iter().any(|pair| is_provider(&pair)) {
        return written.to_owned();
    }
    let mut out = String::new();
    for (key, value) in &pairs {
        let name = match key.to_ascii_lowercase().as_str() {
            "provider" | "persist security info" => continue,
            "extended properties" => {
                out += value.trim_matches('"');
                out.push(';');
                continue;
            }
            "data source" => "DSN",
            "user id" => "UID",
            "password" => "PWD",
            "initial catalog" => "DATABASE",
            _ => key,
        };
        out += &format!("{name}={value};");
    }
    out
}

/// Keys and values; a value in braces or quotes may hold semicolons, and keeps its quotes.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let closing = match after.chars().next() {
            Some('{') => Some('}'),
            Some(quote @ ('"' | '\'')) => Some(quote),
            _ => None,
        };
        let quoted = closing
            .and_then(|closing| after[1..].find(closing))
            .map(|end| end + 2);
        let from = quoted.unwrap_or(0);
        let end = after[from..]
            .find(';')
            .map_or(after.len(), |end| from + end);
        found.push((key.trim().to_owned(), after[..end].trim().to_owned()));
        rest = after.get(end + 1..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_of_drivers_names_what_a_driver_manager_reads() {
        let plain = "Driver={X;Y};Server=s;Uid=u";
        assert_eq!(odbc_string(plain), plain);
        let ole_db = "Provider=MSDASQL.1;Persist Security Info=True;Data Source=nightly;\
            User ID=u;Password={a;b};Initial Catalog=d";
        assert_eq!(
            odbc_string(ole_db),
            "DSN=nightly;UID=u;PWD={a;b};DATABASE=d;"
        );
        let extended = "Provider=MSDASQL;Extended Properties=\"Driver={X};Server=s\"";
        assert_eq!(odbc_string(extended), "Driver={X};Server=s;");
    }
}
