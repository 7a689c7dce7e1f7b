//! What the system says of this process.

use std::fs;
use std::path::Path;

/// Memory and processor time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Resident bytes; 0 where the system does not say.
    pub(super) memory_bytes: i64,
    /// User and system time of all threads.
    pub(super) cpu_ms: i64,
}

/// Of this process, now.
pub(super) fn usage() -> Usage {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    Usage {
        memory_bytes: memory_of(&status),
        cpu_ms: cpu_of(&stat),
    }
}

fn memory_of(status: &str) -> i64 {
    let kilobytes = status.lines().find_map(|line| {
        let rest = line.strip_prefix("VmRSS:")?.trim();
        rest.strip_suffix("kB")?.trim().parse::<i64>().ok()
    });
    kilobytes.unwrap_or(0).saturating_mul(1024)
}

/// The kernel tells programs its times in hundredths of a second. The name of the program, which
/// may hold anything, is in parentheses before the numbers.
fn cpu_of(stat: &str) -> i64 {
    const USER_TIME: usize = 11;
    let numbers = stat.rsplit_once(')').map_or("", |(_, numbers)| numbers);
    let times = numbers.split_whitespace().skip(USER_TIME).take(2);
    let hundredths: i64 = times.filter_map(|time| time.parse::<i64>().ok()).sum();
    hundredths.saturating_mul(10)
}

/// Each thread with its state and what it waits for in the kernel, as text.
pub(super) fn threads() -> String {
    let mut text = String::new();
    let Ok(entries) = fs::read_dir("/proc/self/task") else {
        return "this system does not list the threads of a process\n".to_owned();
    };
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    for folder in folders {
        text.push_str(&thread(&folder));
    }
    text
}

fn thread(folder: &Path) -> String {
    let read = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
        text.trim().to_owned()
    };
    let status = read("status");
    let state = status.lines().find_map(|line| line.strip_prefix("State:"));
    let id = folder.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "thread {id} `{}`\n  state   {}\n  waits   {}\n  syscall {}\n{}",
        read("comm"),
        state.unwrap_or("unknown").trim(),
        read("wchan"),
        read("syscall"),
        indented("  kernel stack", &read("stack")),
    )
}

/// Nothing where there is nothing: kernel stacks need rights that a worker rarely has.
fn indented(title: &str, lines: &str) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("{title}\n");
    for line in lines.lines() {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_kernel_writes_them() {
        assert_eq!(memory_of("Name:\tx\nVmRSS:\t   2048 kB\n"), 2 << 20);
        assert_eq!(memory_of(""), 0);
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 9 0 0 0 120 30 0 0 20 0 1";
        assert_eq!(cpu_of(stat), 1500);
        assert_eq!(cpu_of(""), 0);
    }

    #[test]
    fn this_thread_is_listed() {
        let listed = threads();
        assert!(listed.contains("thread "), "{listed}");
        assert!(listed.contains("state "), "{listed}");
    }
}
