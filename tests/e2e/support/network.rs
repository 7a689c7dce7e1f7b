//! Hosts that are network namespaces, with cables that can be pulled.

use std::process::Command;

use super::{Ran, Soctl};

/// Three hosts on one bridge: `m` is 10.77.0.1, `w1` and `w2` follow. They end with the test.
#[derive(Debug)]
pub struct Network {
    tag: String,
}

const NAMES: [&str; 3] = ["m", "w1", "w2"];

fn ip(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let ran = Command::new("ip").args(words).output();
    ran.is_ok_and(|output| output.status.success())
}

impl Network {
    /// Makes them, or says why not. The letter keeps those of several tests apart.
    pub fn new_or_skip(letter: char) -> Option<Self> {
        let hosts = Self {
            tag: format!("so{}{letter}", std::process::id()),
        };
        let bridge = format!("{}b", hosts.tag);
        if !nix::unistd::geteuid().is_root() || !ip(&format!("netns add {}", hosts.of("m"))) {
            println!("skipped: network namespaces need root and `ip`");
            return None;
        }
        // The bridge lives in the master's namespace, so that this machine sees nothing of it.
        let inside = hosts.of("m");
        let mut lines = vec![
            format!("netns exec {inside} ip link add {bridge} type bridge"),
            format!("netns exec {inside} ip addr add 10.77.0.1/24 dev {bridge}"),
            format!("netns exec {inside} ip link set {bridge} up"),
            format!("netns exec {inside} ip link set lo up"),
        ];
        for (number, name) in NAMES.iter().enumerate().skip(1) {
            let (host, near, far) = (hosts.of(name), hosts.cable(number), "eth0");
            lines.extend([
                format!("netns add {host}"),
                format!(
                    "netns exec {inside} ip link add {near} type veth peer name {far} netns {host}"
                ),
                format!("netns exec {inside} ip link set {near} master {bridge}"),
                format!("netns exec {inside} ip link set {near} up"),
                format!(
                    "netns exec {host} ip addr add 10.77.0.{}/24 dev {far}",
                    number + 1
                ),
                format!("netns exec {host} ip link set {far} up"),
                format!("netns exec {host} ip link set lo up"),
            ]);
        }
        for line in lines {
            if !ip(&line) {
                println!("skipped: `ip {line}` does not work here");
                return None;
            }
        }
        Some(hosts)
    }

    fn of(&self, name: &str) -> String {
        format!("{}{name}", self.tag)
    }

    /// The end of a worker's cable in the bridge.
    fn cable(&self, number: usize) -> String {
        format!("{}n{number}", self.tag)
    }

    /// Pulls the cable of the first or second worker: what is sent is gone, and nobody is told.
    pub fn cut(&self, number: usize) {
        assert!(self.set_cable(number, "down"));
    }

    /// Puts it in again.
    pub fn mend(&self, number: usize) {
        assert!(self.set_cable(number, "up"));
    }

    fn set_cable(&self, number: usize, state: &str) -> bool {
        let (inside, cable) = (self.of("m"), self.cable(number));
        ip(&format!("-n {inside} link set {cable} {state}"))
    }

    /// Takes the calling thread, and what it starts from now on, to the master's host.
    pub fn enter(&self) {
        let namespace = std::fs::File::open(format!("/run/netns/{}", self.of("m"))).unwrap();
        nix::sched::setns(namespace, nix::sched::CloneFlags::CLONE_NEWNET).unwrap();
    }

    /// A command on a host, not yet started.
    pub fn on(&self, soctl: &Soctl, host: &str, arguments: &[&str]) -> Command {
        let namespace = self.of(host);
        let program = env!("CARGO_BIN_EXE_soctl");
        let mut words = vec!["netns", "exec", &namespace, program];
        words.extend(arguments);
        soctl.command_of("ip", &words)
    }

    /// Runs a command on a host to its end.
    pub fn run(&self, soctl: &Soctl, host: &str, arguments: &[&str]) -> Ran {
        Ran::from(self.on(soctl, host, arguments).output().unwrap())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in NAMES {
            ip(&format!("netns del {}", self.of(name)));
        }
    }
}
