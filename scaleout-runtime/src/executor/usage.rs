//! What a package used: processor time and memory of this process while it ran.

use std::fs;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use scaleout_core::protocol::executor::PackageUsage;

/// Measures one package: an executor runs one at a time.
pub(super) struct Meter {
    before: Option<Duration>,
}

impl Meter {
    /// From now on.
    pub(super) fn start() -> Self {
        // The peak of the packages before does not count. Where the kernel cannot forget it, it
        // stays: too much is shown then, not too little.
        let _kept = fs::write("/proc/self/clear_refs", "5");
        Self {
            before: processor_time(),
        }
    }

    /// Until now; `None` where the system does not tell.
    pub(super) fn end(self) -> Option<PackageUsage> {
        let used = processor_time()?.saturating_sub(self.before?);
        let status = fs::read_to_string("/proc/self/status").ok()?;
        Some(PackageUsage {
            processor_ms: u64::try_from(used.as_millis()).ok()?,
            peak_memory_kb: peak(&status)?,
        })
    }
}

/// Of this process and of the programs that it waited for.
fn processor_time() -> Option<Duration> {
    let of = |who| {
        let usage = getrusage(who).ok()?;
        Some(duration(usage.user_time())? + duration(usage.system_time())?)
    };
    Some(of(UsageWho::RUSAGE_SELF)? + of(UsageWho::RUSAGE_CHILDREN)?)
}

fn duration(time: TimeVal) -> Option<Duration> {
    let seconds = u64::try_from(time.tv_sec()).ok()?;
    let micros = u64::try_from(time.tv_usec()).ok()?;
    Some(Duration::from_secs(seconds) + Duration::from_micros(micros))
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
        assert_eq!(
            peak("VmPeak:\t9 kB\nVmHWM:\t   12345 kB\nVmRSS:\t1 kB"),
            Some(12345)
        );
        assert_eq!(peak("VmPeak:\t9 kB"), None);
    }

    #[test]
    fn what_programs_took_that_were_waited_for_counts() {
        let before = processor_time().unwrap();
        let busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let ended = std::process::Command::new("sh").args(["-c", busy]).status();
        assert!(ended.unwrap().success());
        let used = processor_time().unwrap().saturating_sub(before);
        assert!(Duration::from_millis(10) <= used, "{used:?}");
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
