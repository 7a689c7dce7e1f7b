//! Paths of the server: `/folder/*.csv`.

use suppaftp::{FtpError, FtpStream, Status};

use crate::paths;

/// A path of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RemotePath(String);

impl RemotePath {
    /// Checks that it starts with a slash.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.starts_with('/') {
            true => Ok(Self(text.to_owned())),
            false => Err(format!("remote path `{text}` does not start with a slash")),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// A file in this folder.
    pub(super) fn child(&self, name: &str) -> String {
        format!("{}/{name}", self.0.trim_end_matches('/'))
    }

    /// Folder and last name.
    pub(super) fn split(&self) -> (&str, &str) {
        let at = self.0.rfind('/').unwrap_or(0);
        let folder = if at == 0 { "/" } else { &self.0[..at] };
        (folder, &self.0[at + 1..])
    }

    /// The files that it means: itself, or those of its folder that fit its wildcards.
    pub(super) fn files(&self, server: &mut FtpStream) -> Result<Vec<String>, FtpError> {
        let (folder, pattern) = self.split();
        if !pattern.contains(['*', '?']) {
            return Ok(vec![self.0.clone()]);
        }
        let folder = Self(folder.to_owned());
        let names = names_in(server, &folder)?;
        let fitting = names.iter().filter(|name| paths::is_like(pattern, name));
        Ok(fitting.map(|name| folder.child(name)).collect())
    }
}

/// The last part of a path.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Names in a folder, sorted. Many servers call an empty folder unavailable.
pub(super) fn names_in(
    server: &mut FtpStream,
    folder: &RemotePath,
) -> Result<Vec<String>, FtpError> {
    let listed = match server.nlst(Some(folder.as_str())) {
        Err(FtpError::UnexpectedResponse(response))
            if response.status == Status::FileUnavailable =>
        {
            // Whether it is there at all, `CWD` says.
            server.cwd(folder.as_str())?;
            Vec::new()
        }
        listed => listed?,
    };
    let mut names: Vec<String> = listed
        .iter()
        .map(|path| name_of(path.trim_end_matches('/')).to_owned())
        .collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_server_start_with_a_slash() {
        assert!(RemotePath::parse("in/a.csv").is_err());
        let path = RemotePath::parse(" /in/a.csv").unwrap();
        assert_eq!(path.split(), ("/in", "a.csv"));
        let path = RemotePath::parse("/a.csv").unwrap();
        assert_eq!(path.split(), ("/", "a.csv"));
        assert_eq!(RemotePath::parse("/").unwrap().child("x"), "/x");
        assert_eq!(RemotePath::parse("/in/").unwrap().child("x"), "/in/x");
    }
}
