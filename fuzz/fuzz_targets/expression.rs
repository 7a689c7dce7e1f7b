//! Any text is an expression or a mistake, and an expression without names has a value or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scaleout_runtime::expression::{Evaluation, Scope, compile};

fuzz_target!(|text: &str| {
    let scope = Scope {
        variables: None,
        columns: &[],
        locale_id: 1033,
    };
    if let Ok(compiled) = compile(text, &scope) {
        let _value = compiled.evaluate(&Evaluation::at(Default::default()));
    }
});
