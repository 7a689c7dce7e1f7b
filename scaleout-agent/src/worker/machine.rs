//! This machine: its name, the account, how busy it is.

use std::sync::LazyLock;

use nix::unistd::{User, gethostname, getuid};
use scaleout_core::protocol::worker::Began;

/// How busy the machine is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Load {
    /// Busy share of all processors, 0 to 100.
    pub cpu_percent: f64,
    /// Free memory, MB.
    pub free_memory_mb: u64,
}

/// Processor time since the machine started, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ticks {
    busy: u64,
    all: u64,
}

impl Ticks {
    /// The machine's now; `None` where `/proc` is not what Linux has.
    pub fn read() -> Option<Self> {
        parse_ticks(&std::fs::read_to_string("/proc/stat").ok()?)
    }

    /// Busy share of the time since `earlier`, in percent.
    pub fn busy_since(self, earlier: Self) -> f64 {
        let all = self.all.saturating_sub(earlier.all);
        if all == 0 {
            return 0.0;
        }
        let busy = self.busy.saturating_sub(earlier.busy);
        share(busy, all)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a percentage needs no 53 bits of ticks"
)]
fn share(busy: u64, all: u64) -> f64 {
    (busy as f64 / all as f64 * 100.0).clamp(0.0, 100.0)
}

/// Free memory in MB; where it cannot be read, as much as anyone could want.
pub(super) fn free_memory_mb() -> u64 {
    std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| parse_free_memory(&text))
        .unwrap_or(u64::MAX)
}

/// Host name.
pub(super) fn machine_name() -> String {
    gethostname()
        .ok()
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| "localhost".to_owned())
}

/// Name of the account that this process runs as.
pub(super) fn user_account() -> String {
    let id = getuid();
    match User::from_uid(id) {
        Ok(Some(user)) => user.name,
        _ => id.to_string(),
    }
}

/// The first line: user nice system idle iowait irq softirq steal …
fn parse_ticks(text: &str) -> Option<Ticks> {
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = line
        .split_whitespace()
        .take(8)
        .map_while(|number| number.parse().ok())
        .collect();
    let all: u64 = ticks.iter().sum();
    let idle: u64 = ticks.get(3)? + ticks.get(4).copied().unwrap_or(0);
    Some(Ticks {
        busy: all - idle,
        all,
    })
}

fn parse_free_memory(text: &str) -> Option<u64> {
    Some(kilobytes(text, "MemAvailable:")? / 1024)
}

/// `MemTotal:    8000000 kB`
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Processors that this process may use; to ask for it reads several files.
static CPU_COUNT: LazyLock<u32> = LazyLock::new(|| {
    let count = std::thread::available_parallelism().map_or(0, usize::from);
    u32::try_from(count).unwrap_or(0)
});

/// A package begins in that process: the machine as it is now. 0 is what cannot be read.
pub(super) fn begun_in(process_id: u32) -> Began {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    Began {
        process_id,
        cpu_count: *CPU_COUNT,
        ..parse_memory(&text)
    }
}

fn parse_memory(text: &str) -> Began {
    let of = |name| kilobytes(text, name).unwrap_or(0);
    let (total, available) = (of("MemTotal:"), of("MemAvailable:"));
    Began {
        total_physical_memory_kb: total,
        available_physical_memory_kb: available,
        total_page_file_kb: total + of("SwapTotal:"),
        available_page_file_kb: available + of("SwapFree:"),
        ..Began::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_is_the_busy_share_between_two_looks() {
        let earlier = parse_ticks("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1").unwrap();
        let later = parse_ticks("cpu  150 0 125 750 125 0 0 0 0 0\ncpu0 1").unwrap();
        assert!((later.busy_since(earlier) - 50.0).abs() < 1e-9);
        assert!(earlier.busy_since(earlier).abs() < 1e-9);
        assert_eq!(parse_ticks("intr 5"), None);
    }

    #[test]
    fn the_page_file_of_windows_is_memory_and_swap_space() {
        let text = "MemTotal: 800 kB\nMemAvailable: 300 kB\nSwapTotal: 50 kB\nSwapFree: 40 kB\n";
        let memory = parse_memory(text);
        let physical = (
            memory.total_physical_memory_kb,
            memory.available_physical_memory_kb,
        );
        let paged = (memory.total_page_file_kb, memory.available_page_file_kb);
        assert_eq!((physical, paged), ((800, 300), (850, 340)));
        assert_eq!(parse_memory(""), Began::default());
    }

    #[test]
    fn free_memory_is_what_is_available() {
        let text = "MemTotal: 8000000 kB\nMemFree: 10 kB\nMemAvailable:  2048000 kB\n";
        assert_eq!(parse_free_memory(text), Some(2000));
        assert_eq!(parse_free_memory("nonsense"), None);
    }
}
