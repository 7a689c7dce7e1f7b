//! Any bytes are a package or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaleout_core::package::dtsx;

fuzz_target!(|bytes: &[u8]| {
    let _read = dtsx::read(bytes, "fuzz.dtsx");
});
