//! Bad input: the message, the exit code, and that nothing is half-done.

mod databases;
mod files;
mod packages;
mod refusals;
mod services;
