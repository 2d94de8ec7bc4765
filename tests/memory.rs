//! Memory stays flat whatever the number of documents: libtorch must give back what a window needed.

#![cfg(all(feature = "rust-bert", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

use std::fs;

use demarche::analysis::themes::Taxonomy;
use demarche::engines::EngineKind;
use demarche::input::find;
use demarche::pipeline::Pipeline;

const STATEMENTS: usize = 2000;

/// What memory may grow by between the 500th statement and the last, in kilobytes.
const MOST_GROWTH: u64 = 24_000;

/// Memory in use now, in kilobytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.unwrap().trim().trim_end_matches(" kB");
    number.parse().unwrap()
}

#[test]
fn two_thousand_statements_take_no_more_memory_than_five_hundred() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..STATEMENTS {
        let more = " The two sides will meet again next year.".repeat(number % 4);
        let text =
            format!("Norway and Malawi signed accord {number} in Lilongwe on Monday.{more}\n");
        fs::write(folder.path().join(format!("{number}.txt")), text).unwrap();
    }
    let found = find(&[folder.path().to_path_buf()]).statements;
    let taxonomy = Taxonomy::embedded().unwrap();
    let mut pipeline = Pipeline::load(EngineKind::RustBert, taxonomy, 20).unwrap();
    let (mut done, mut before, mut most) = (0, 0, 0);
    pipeline
        .run(&found, &mut |outcome| {
            assert!(outcome.is_ok());
            done += 1;
            if done == 500 {
                before = resident();
            }
            if done % 100 == 0 {
                most = resident().max(most);
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(done, STATEMENTS);
    eprintln!("{before} kB after 500 statements, at most {most} kB");
    assert!(most < before + MOST_GROWTH, "{before} kB grew to {most} kB");
}
