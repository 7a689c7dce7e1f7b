//! What may happen to a site, chosen by chance.

/// SplitMix64: the same seed makes the same blows.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }
}

/// One blow. Numbers count modulo what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// SIGKILL, as a power cut.
    KillWorker(usize),
    /// SIGSTOP, as a machine that hangs.
    StopWorker(usize),
    /// SIGTERM, as an upgrade.
    EndWorker(usize),
    KillExecutor(usize),
    StopExecutor(usize),
    KillMaster(usize),
    StopMaster(usize),
    /// The database goes down without a word and comes back.
    CrashDatabase,
    /// The cable of a worker is pulled: what it sends is gone, and nobody is told.
    CutNetwork(usize),
    /// The disk with the spools of a worker is full.
    FillDisk(usize),
}

impl Blow {
    /// Of those that befall machines with cables and small disks.
    pub fn choose_outside(chance: &mut Chance) -> Self {
        let which = chance.below(16);
        let number = chance.below(64);
        match which {
            0..=5 => Self::CutNetwork(number),
            6..=10 => Self::FillDisk(number),
            11 => Self::KillWorker(number),
            12 => Self::StopWorker(number),
            13 => Self::EndWorker(number),
            14 => Self::KillExecutor(number),
            _ => Self::KillMaster(number),
        }
    }

    /// Of those that befall processes.
    pub fn choose(chance: &mut Chance) -> Self {
        let which = chance.below(16);
        let number = chance.below(64);
        match which {
            0..=1 => Self::KillWorker(number),
            2..=3 => Self::StopWorker(number),
            4..=5 => Self::EndWorker(number),
            6..=8 => Self::KillExecutor(number),
            9..=10 => Self::StopExecutor(number),
            11..=12 => Self::KillMaster(number),
            13..=14 => Self::StopMaster(number),
            _ => Self::CrashDatabase,
        }
    }
}
