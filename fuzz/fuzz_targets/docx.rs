#![no_main]

use demarche::input::{Format, extract_here};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = extract_here(Format::Docx, bytes);
});
