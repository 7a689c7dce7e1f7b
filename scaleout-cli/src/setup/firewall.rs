//! Opening the port of a master in the firewall of this machine.

use std::path::PathBuf;

use clap::ValueEnum;

/// A firewall that can be told to open a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Firewall {
    /// Whichever of the others is here
    Auto,
    /// `ufw`, as Ubuntu has it
    Ufw,
    /// `firewall-cmd`, as Red Hat and SUSE have it
    Firewalld,
    /// `nft`, the table `inet filter`
    Nftables,
}

/// The programs, in the order in which they are looked for: the two that write the rules of the third
/// first.
const PROGRAMS: [(Firewall, &str); 3] = [
    (Firewall::Ufw, "ufw"),
    (Firewall::Firewalld, "firewall-cmd"),
    (Firewall::Nftables, "nft"),
];

impl Firewall {
    /// The one that is meant; `None` if this machine has none that is known here.
    #[must_use]
    pub fn found(self) -> Option<Self> {
        if self != Self::Auto {
            return Some(self);
        }
        let mut known = PROGRAMS.iter();
        known
            .find(|(_, program)| on_path(program).is_some())
            .map(|(firewall, _)| *firewall)
    }

    /// The commands that let a TCP port in, now and after a restart of the machine.
    #[must_use]
    pub fn open(self, port: u16) -> Vec<Vec<String>> {
        let lines: Vec<String> = match self {
            Self::Auto => Vec::new(),
            Self::Ufw => vec![format!("ufw allow {port}/tcp")],
            Self::Firewalld => vec![
                format!("firewall-cmd --permanent --add-port={port}/tcp"),
                "firewall-cmd --reload".to_owned(),
            ],
            Self::Nftables => vec![format!(
                "nft add rule inet filter input tcp dport {port} accept"
            )],
        };
        lines.iter().map(|line| words(line)).collect()
    }

    /// The command whose answer says whether the port is open, and what it says then.
    #[must_use]
    pub fn is_open(self, port: u16) -> Option<(Vec<String>, String)> {
        let (line, answer) = match self {
            Self::Auto => return None,
            Self::Ufw => ("ufw status".to_owned(), format!("{port}/tcp")),
            Self::Firewalld => (
                "firewall-cmd --permanent --list-ports".to_owned(),
                format!("{port}/tcp"),
            ),
            Self::Nftables => (
                "nft list chain inet filter input".to_owned(),
                format!("tcp dport {port} accept"),
            ),
        };
        Some((words(&line), answer))
    }

    /// What is left to do by hand, where anything is.
    #[must_use]
    pub fn left(self) -> Option<&'static str> {
        (self == Self::Nftables).then_some(
            "a rule of nft is gone after a restart: put it into /etc/nftables.conf as well",
        )
    }
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// Where a program is on the path.
#[must_use]
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_firewall_is_told_in_its_own_words() {
        let lines = |firewall: Firewall| {
            let commands = firewall.open(8391).into_iter();
            commands
                .map(|words| words.join(" "))
                .collect::<Vec<String>>()
        };
        assert_eq!(lines(Firewall::Ufw), ["ufw allow 8391/tcp"]);
        assert_eq!(
            lines(Firewall::Firewalld),
            [
                "firewall-cmd --permanent --add-port=8391/tcp",
                "firewall-cmd --reload"
            ]
        );
        assert_eq!(
            lines(Firewall::Nftables),
            ["nft add rule inet filter input tcp dport 8391 accept"]
        );
    }
}
