//! A run divided among machines gives, put together, the bytes of one that was not; parts that make no whole are refused.

#![allow(clippy::unwrap_used, clippy::panic)]

mod desk;

use std::fs;

use desk::{Desk, STATEMENT, code, read_tree, stderr};

const OPTIONS: &str = "--engine rules --format csv,json,json-lines,html,conll,brat --save-text";

fn archive() -> Desk {
    let desk = Desk::new();
    desk.put_archive(60, 30).put("in/empty.txt", "");
    // Ids that are the same but for the extension, and rows of a table.
    desk.put("in/twin.txt", STATEMENT)
        .put("in/twin.md", STATEMENT);
    desk.put(
        "in/table.csv",
        "id,text\na,Tonga and Samoa signed a treaty in Apia on 3 May 2024.\nb,\n",
    );
    desk
}

/// Runs all parts of `count`, to `parts/1` and so on.
fn divide(desk: &Desk, count: usize, options: &str) {
    for index in 1..=count {
        let output = desk.run(&format!(
            "analyze in --shard {index}/{count} -o parts/{index} {options}"
        ));
        assert!([0, 1, 4].contains(&code(&output)), "{}", stderr(&output));
    }
}

#[test]
fn one_three_and_seven_shards_merge_to_the_bytes_of_the_whole() {
    let desk = archive();
    let whole = desk.run(&format!("analyze in -o whole {OPTIONS}"));
    assert_eq!(
        code(&whole),
        1,
        "the empty statements fail: {}",
        stderr(&whole)
    );
    for count in [1, 3, 7] {
        divide(&desk, count, OPTIONS);
        let output = desk.run("merge parts -o merged");
        assert_eq!(code(&output), 1, "{}", stderr(&output));
        assert!(
            read_tree(&desk.path("merged")) == read_tree(&desk.path("whole")),
            "{count} shards"
        );
        let last = |output| stderr(output).lines().last().unwrap_or_default().to_owned();
        assert_eq!(last(&output), last(&whole));
        let parts: usize = (1..=count)
            .map(|part| desk.records(&format!("parts/{part}/documents.csv")).len())
            .sum();
        assert_eq!(
            parts,
            desk.records("whole/documents.csv").len(),
            "no statement in two parts"
        );
        fs::remove_dir_all(desk.path("parts")).unwrap();
        fs::remove_dir_all(desk.path("merged")).unwrap();
    }
}

#[test]
fn another_format_can_be_asked_of_the_merged_run() {
    let desk = archive();
    desk.run("analyze in -o whole --engine rules --format json,conll");
    divide(&desk, 2, "--engine rules");
    assert_eq!(
        code(&desk.run("merge parts/1 parts/2 -o merged --format json,conll")),
        1
    );
    assert!(read_tree(&desk.path("merged")) == read_tree(&desk.path("whole")));
}

#[test]
fn what_makes_no_whole_is_refused() {
    let desk = archive();
    let refused = |paths: &str, reason: &str| {
        let output = desk.run(&format!("merge {paths} -o merged"));
        let told = stderr(&output);
        assert_eq!(code(&output), 3, "{paths}: {told}");
        assert!(
            told.contains(reason) && told.contains("hint: "),
            "{paths}: {told}"
        );
        assert!(
            read_tree(&desk.path("merged")).is_empty(),
            "{paths}: reports were written"
        );
    };
    fs::create_dir(desk.path("merged")).unwrap();
    divide(&desk, 3, "--engine rules");
    refused("parts/1 parts/3", "shard 2/3 is missing");
    refused("parts nowhere", "nowhere");
    refused("in", "there is no shard.jsonl.gz in it");

    fs::create_dir(desk.path("twin")).unwrap();
    fs::copy(
        desk.path("parts/2/shard.jsonl.gz"),
        desk.path("twin/shard.jsonl.gz"),
    )
    .unwrap();
    refused("parts twin", "it is shard 2/3, and so is ");

    let another = |options: &str| {
        let output = desk.run(&format!("analyze in --shard 2/3 -o second {options}"));
        assert!(code(&output) <= 1, "{}", stderr(&output));
    };
    let parts = "parts/1 second parts/3";
    another("--engine rules --max-megabytes 3");
    refused(parts, "its max_megabytes is 3, not 20");
    another("--engine minilm");
    refused(parts, "its engine is \"minilm\", not \"rules\"");
    let themes = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/models/themes.toml"));
    desk.put(
        "themes.toml",
        themes.unwrap().replace("Security", "Defence"),
    );
    another("--engine rules --themes themes.toml");
    refused(parts, "its taxonomy is \"themes.toml\", not \"built-in\"");
    desk.put("in/new.txt", STATEMENT);
    another("--engine rules");
    refused(parts, "its list of statements is another");
    fs::remove_file(desk.path("in/new.txt")).unwrap();
    let output = desk.run("analyze in --shard 2/4 -o second --engine rules");
    assert!(code(&output) <= 1);
    refused(parts, "its number of shards is 4, not 3");

    desk.put("meta.csv", "file,country\ntwin.txt,Fiji\n");
    divide(&desk, 3, "--engine rules --metadata meta.csv");
    desk.put("meta.csv", "file,country\ntwin.txt,Tonga\n");
    another("--engine rules --metadata meta.csv");
    refused(parts, "its list of statements is another");
    divide(&desk, 3, "--engine rules");

    let whole = fs::read(desk.path("parts/2/shard.jsonl.gz")).unwrap();
    for cut in [whole.len() / 2, whole.len() - 1, 3, 0] {
        desk.put("second/shard.jsonl.gz", &whole[..cut]);
        refused(parts, "it is not a whole shard file");
    }
    desk.put("second/shard.jsonl.gz", whole);
    let output = desk.run(&format!("merge {parts} -o merged"));
    assert_eq!(code(&output), 1, "{}", stderr(&output));
}

#[test]
fn a_part_that_was_not_made_anew_does_not_go_with_those_that_were() {
    let desk = archive();
    divide(&desk, 3, "--engine rules");
    desk.run("analyze in -o parts/2 --engine rules");
    let output = desk.run("merge parts -o merged");
    assert!(
        stderr(&output).contains("shard 2/3 is missing"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_shard_is_one_of_its_number() {
    let desk = Desk::with_statement();
    for wrong in ["0/3", "4/3", "1", "a/b", "-1/2", "1/0"] {
        let output = desk.run(&format!("analyze in --shard={wrong}"));
        assert_eq!(code(&output), 2, "{wrong}");
        assert!(
            stderr(&output).contains("from 1/n to n/n"),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn a_statement_stays_in_its_shard_when_others_come() {
    let desk = archive();
    let ids = |shard: &str| -> Vec<String> {
        let output = desk.run(&format!("analyze in --shard {shard} --dry-run"));
        let listed = String::from_utf8(output.stdout).unwrap();
        listed
            .lines()
            .map(|line| line.split('\t').next().unwrap().to_owned())
            .collect()
    };
    let before = ids("1/2");
    assert!(before.len() > 20 && before.len() < 44, "{}", before.len());
    desk.put("in/new1.txt", STATEMENT)
        .put("in/new2.txt", STATEMENT);
    let after = ids("1/2");
    assert!(before.iter().all(|id| after.contains(id)));
}
