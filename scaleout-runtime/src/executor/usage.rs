//! What a package used: processor time and memory of this process while it ran.

use std::fs;

use scaleout_core::protocol::executor::PackageUsage;

/// What Linux counts processor time in for programs, on every machine of today.
const MS_PER_TICK: u64 = 10;

/// Measures one package: an executor runs one at a time.
pub(super) struct Meter {
    before: Option<u64>,
}

impl Meter {
    /// From now on.
    pub(super) fn start() -> Self {
        // The peak of the packages before does not count. Where the kernel cannot forget it, it
        // stays: too much is shown then, not too little.
        let _kept = fs::write("/proc/self/clear_refs", "5");
        Self {
            before: ticks_now(),
        }
    }

    /// Until now; `None` where the system does not tell.
    pub(super) fn end(self) -> Option<PackageUsage> {
        let used = ticks_now()?.saturating_sub(self.before?);
        let status = fs::read_to_string("/proc/self/status").ok()?;
        Some(PackageUsage {
            processor_ms: used * MS_PER_TICK,
            peak_memory_kb: peak(&status)?,
        })
    }
}

fn ticks_now() -> Option<u64> {
    ticks(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Processor time of the process and of the programs that it waited for.
fn ticks(stat: &str) -> Option<u64> {
    // The name in brackets may hold blanks; the state is the first field behind it.
    let (_, fields) = stat.rsplit_once(')')?;
    const OWN_USER: usize = 11;
    let times = fields.split_whitespace().skip(OWN_USER).take(4);
    times.map(|time| time.parse::<u64>().ok()).sum()
}

/// `VmHWM:    12345 kB`
fn peak(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194304 90 0 0 0 20 5 300 4000 20 0 3 0 8000 1 2";
        assert_eq!(ticks(stat), Some(4325));
        assert_eq!(
            peak("VmPeak:\t9 kB\nVmHWM:\t   12345 kB\nVmRSS:\t1 kB"),
            Some(12345)
        );
        assert_eq!((ticks("7 (a"), peak("VmPeak:\t9 kB")), (None, None));
    }

    #[test]
    fn memory_is_measured_from_the_start_of_the_package() {
        let meter = Meter::start();
        // More than a small test holds otherwise, and touched, so that it is there.
        let bytes = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert_eq!(bytes[bytes.len() - 1], 1);
        let used = meter.end().unwrap();
        assert!(used.peak_memory_kb > 64 << 10, "{used:?}");
    }
}
