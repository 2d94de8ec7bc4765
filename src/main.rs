//! The `demarche` command; everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(demarche::cli::run(std::env::args_os()) as u8)
}
