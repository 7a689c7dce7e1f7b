//! Who has a TCP port of this machine, as `/proc` tells.

use std::fs;

/// The process that listens on a port, with its name; `None` if nobody does or it cannot be seen.
pub fn listener(port: u16) -> Option<(u32, String)> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|text| listening_inode(&text, port))?;
    let wanted = format!("socket:[{inode}]");
    let processes = fs::read_dir("/proc").ok()?;
    for entry in processes.filter_map(Result::ok) {
        let Some(process) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let Ok(files) = fs::read_dir(entry.path().join("fd")) else {
            continue;
        };
        let mut links = files.filter_map(Result::ok);
        let holds = links.any(|file| {
            fs::read_link(file.path()).is_ok_and(|link| link.to_string_lossy() == wanted)
        });
        if holds {
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            return Some((process, name.trim().to_owned()));
        }
    }
    None
}

/// The inode of the socket that listens on a port, out of `/proc/net/tcp`.
fn listening_inode(text: &str, port: u16) -> Option<u64> {
    text.lines().skip(1).find_map(|line| {
        let mut words = line.split_whitespace();
        let (_, local) = words.nth(1)?.rsplit_once(':')?;
        let is_port = u16::from_str_radix(local, 16).ok()? == port;
        // The state 0A is LISTEN.
        let listens = words.nth(1)? == "0A";
        if is_port && listens {
            words.nth(5)?.parse().ok()
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_kernel_is_read() {
        let text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:20C7 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1\n   1: 0100007F:20C8 0100007F:20C7 01 00000000:00000000 00:00000000 00000000     0        0 4712 1\n";
        assert_eq!(listening_inode(text, 8391), Some(4711));
        assert_eq!(listening_inode(text, 8392), None);
    }

    #[test]
    fn a_port_of_this_very_process_is_found() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let found = super::listener(port).unwrap();
        assert_eq!(found.0, std::process::id());
        drop(listener);
    }
}
