//! Runs that go on where another ended: nothing is done twice, lost, doubled or half-written, and the reports are those of
//! one run without a break.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

mod desk;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use demarche::folder::HIDDEN;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rustix::process::Signal;
use serde_json::Value;

use desk::{Desk, STATEMENT, code, kept, limit, read_tree, signal, stderr, stdout, wait_until};

const RULES: &str = "--engine rules --format csv,json,json-lines";

type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// The reports of one run without a break, into a folder of its own.
fn fresh(desk: &Desk, options: &str) -> Tree {
    let _ = fs::remove_dir_all(desk.path("fresh"));
    let output = desk.run(&format!("analyze in -o fresh {options}"));
    assert!(code(&output) <= 1, "{}", stderr(&output));
    read_tree(&desk.path("fresh"))
}

#[test]
fn what_is_unchanged_is_not_done_again_and_the_bytes_are_those_of_a_full_run() {
    let desk = Desk::new();
    desk.put_archive(40, 40).put("in/empty.txt", "");
    assert_eq!(code(&desk.run(&format!("analyze in -o out {RULES}"))), 1);
    assert_eq!(kept(&desk.path("out")), 40, "a failure is tried again");

    desk.put_archive(45, 38);
    fs::remove_file(desk.path("in/0/s0003.txt")).unwrap();
    let output = desk.run(&format!("analyze in -o out {RULES}"));
    let told = stderr(&output);
    assert!(told.contains("37 unchanged since an earlier run"), "{told}");
    assert_eq!(kept(&desk.path("out")), 44, "what is gone is not kept");
    assert_eq!(read_tree(&desk.path("out")), fresh(&desk, RULES));
}

#[test]
fn nothing_is_taken_over_that_another_setting_could_change() {
    let desk = Desk::new();
    desk.put_archive(6, 6);
    desk.put("meta.csv", "file,country\ns0000.txt,Fiji\n");
    let themes = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/models/themes.toml"));
    desk.put("themes.toml", themes.unwrap() + "\n# A comment.\n");
    let unchanged = |options: &str| {
        let output = desk.run(&format!("analyze in -o out {options}"));
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let made = read_tree(&desk.path("out"));
        assert_eq!(
            made,
            fresh(&desk, &options.replace(" --no-cache", "")),
            "{options}"
        );
        let told = stderr(&output);
        let (_, unchanged) = told.split_once("; ").unwrap_or_default();
        unchanged.split(' ').next().unwrap().parse().unwrap_or(0)
    };
    assert_eq!(unchanged("--engine rules"), 0);
    // What a report looks like does not decide what it says.
    assert_eq!(
        unchanged("--engine rules --format csv,json --no-bom --threads 1"),
        6
    );
    assert_eq!(unchanged("--engine rules --themes themes.toml"), 0);
    assert_eq!(
        unchanged("--engine rules"),
        0,
        "one result per statement is kept"
    );
    assert_eq!(unchanged("--engine minilm"), 0);
    assert_eq!(unchanged("--engine minilm"), 6);
    assert_eq!(unchanged("--engine minilm --metadata meta.csv"), 5);
    assert_eq!(unchanged("--engine minilm --no-cache"), 0);
    desk.run("analyze in -o nothing --engine rules --no-cache");
    assert_eq!(kept(&desk.path("nothing")), 0, "--no-cache keeps nothing");
}

#[test]
fn a_table_whose_columns_have_changed_places_is_read_anew() {
    let desk = Desk::new();
    let (first, second) = (
        "Samoa and Fiji met in Apia. ",
        "Tonga and Nauru met in Suva. ",
    );
    let row = format!("a,{},{}\n", first.repeat(90), second.repeat(90));
    desk.put("in/table.csv", format!("id,text,text_fr\n{row}"));
    desk.run(&format!("analyze in -o out {RULES}"));
    // The same bytes a row, and the other column is the text.
    desk.put("in/table.csv", format!("id,text_en,text\n{row}"));
    desk.run(&format!("analyze in -o out {RULES}"));
    assert!(read_tree(&desk.path("out")) == fresh(&desk, RULES));
    assert!(desk.rows("sentences")[0][5].starts_with("Tonga"));
}

#[test]
fn results_are_kept_while_a_folder_cannot_be_searched() {
    let desk = Desk::new();
    desk.put_archive(9, 9);
    desk.run(&format!("analyze in -o out {RULES}"));
    fs::rename(desk.path("in/0"), desk.path("away")).unwrap();
    // A link that leads back to itself: the search fails there.
    std::os::unix::fs::symlink(desk.path("in"), desk.path("in/0")).unwrap();
    assert_eq!(code(&desk.run(&format!("analyze in -o out {RULES}"))), 1);
    assert_eq!(kept(&desk.path("out")), 9);
    fs::remove_file(desk.path("in/0")).unwrap();
    desk.run(&format!("analyze in -o out {RULES}"));
    assert_eq!(kept(&desk.path("out")), 6);
}

#[test]
fn reports_among_the_statements_are_none_of_them() {
    const OPTIONS: &str = "--engine rules --format csv,json-lines,html,brat --save-text";
    for (paths, out) in [
        ("in", "in"),
        ("in", "in/0/reports"),
        ("in/*", "in/reports"),
        ("in/**/*", "in/2"),
        ("./in/*", "in"),
        ("./*", "."),
        (".", "."),
    ] {
        let desk = Desk::new();
        desk.put_archive(9, 9);
        let run = || {
            let output = desk.run(&format!("analyze {paths} -o {out} {OPTIONS}"));
            assert_eq!(code(&output), 0, "{paths} -o {out}: {}", stderr(&output));
            let of_the_run = fs::read(desk.path(out).join("documents.csv")).unwrap();
            (
                of_the_run,
                fs::read(desk.path(out).join("run.json")).unwrap(),
            )
        };
        let first = run();
        assert!(first == run(), "{paths} -o {out}");
        // Nor for another run.
        let output = desk.run("analyze in -o elsewhere --engine rules");
        assert!(
            stderr(&output).contains("analysed 9 statements"),
            "{paths} -o {out}: {}",
            stderr(&output)
        );
    }
    // Names that a shell has found.
    let desk = Desk::new();
    desk.put_archive(9, 9);
    let program = assert_cmd::cargo::cargo_bin("demarche");
    let script = format!("cd in && '{}' analyze * -o . {OPTIONS}", program.display());
    for _ in 0..2 {
        let output = desk.shell(&script);
        assert!(
            stderr(&output).starts_with("analysed 9 statements"),
            "{}",
            stderr(&output)
        );
    }
    let output = desk.run("analyze in/sentences.csv in/text");
    assert_eq!(code(&output), 4);
    assert!(
        stderr(&output).contains("only 10 of the reports that demarche has written"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_report_takes_the_place_of_no_statement() {
    for (statement, paths, options) in [
        ("report.html", ".", "--format html"),
        ("documents.csv", "documents.csv", "--format csv"),
        ("text/a.txt", "text", "--save-text"),
        ("brat/a.txt", "brat/*.txt", "--format brat"),
    ] {
        let desk = Desk::new();
        let text = "id,text\na,<p>Samoa and Tonga signed a treaty in Apia.</p>\n";
        for folder in ["text", "brat"] {
            fs::create_dir(desk.path(folder)).unwrap();
        }
        desk.put(statement, text);
        let output = desk.run(&format!("analyze {paths} -o . --engine rules {options}"));
        assert_eq!(code(&output), 3, "{statement}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(&format!("{statement} is a statement")),
            "{}",
            stderr(&output)
        );
        assert_eq!(fs::read_to_string(desk.path(statement)).unwrap(), text);
        // With another report there is no harm.
        let output = desk.run(&format!(
            "analyze {paths} -o . --engine rules --format json"
        ));
        assert_eq!(code(&output), 0, "{statement}: {}", stderr(&output));
    }
}

#[test]
fn a_name_that_two_statements_need_is_said_and_nothing_is_changed() {
    let desk = Desk::with_statement();
    let options = "--engine rules --format csv --save-text";
    desk.run(&format!("analyze in -o out {options}"));
    let before = read_tree(&desk.path("out"));
    // The text of one is to be the folder of the texts of the other.
    desk.put("in/table.txt", STATEMENT);
    desk.put(
        "in/table.txt.csv",
        "id,text\na,Samoa and Tonga met in Apia.\n",
    );
    let output = desk.run(&format!("analyze in -o out {options}"));
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert!(
        stderr(&output).contains("out/text/table.txt"),
        "{}",
        stderr(&output)
    );
    assert!(read_tree(&desk.path("out")) == before);
}

#[test]
fn a_drive_that_is_not_there_empties_no_reports() {
    let desk = Desk::new();
    desk.put_archive(3, 3);
    desk.run(&format!("analyze in -o out {RULES}"));
    let before = read_tree(&desk.path("out"));
    fs::rename(desk.path("in"), desk.path("away")).unwrap();
    let output = desk.run(&format!("analyze in -o out {RULES}"));
    assert_eq!(code(&output), 4, "{}", stderr(&output));
    assert!(stderr(&output).contains("in"), "{}", stderr(&output));
    assert!(read_tree(&desk.path("out")) == before);
    assert_eq!(kept(&desk.path("out")), 3);
}

#[test]
fn what_an_earlier_run_wrote_of_a_statement_goes_with_it() {
    let desk = Desk::new();
    desk.put_archive(6, 6);
    desk.run("analyze in -o out --engine rules --format csv,brat --save-text");
    fs::remove_file(desk.path("in/2/s0002.txt")).unwrap();
    desk.put("out/text/2/own.txt", "A note of the user's own.");
    desk.run("analyze in -o out --engine rules --format csv,brat --save-text");
    for gone in ["text/2/s0002.txt", "brat/2/s0002.txt", "brat/2/s0002.ann"] {
        assert!(!desk.path("out").join(gone).exists(), "{gone}");
    }
    assert!(desk.path("out/text/2/own.txt").exists());
    assert!(desk.path("out/brat/2/s0005.ann").exists());
    // A report of another format was asked for once, and stays.
    desk.run("analyze in -o out --engine rules --format json");
    assert!(desk.path("out/documents.csv").exists() && desk.path("out/brat/2/s0005.ann").exists());
}

#[test]
fn a_run_can_be_cited() {
    let desk = Desk::new();
    desk.put_archive(3, 3).put("in/empty.txt", "");
    desk.run("analyze in -o out --engine rules");
    let cited = stdout(&desk.run("cite out"));
    for part in [
        "@software{demarche,",
        "version = {0.1.0}",
        "We analysed 3 statements (",
        "engine rules)",
        "One statement could not be read in full",
        "a lexicon of weighed cues",
        "taxonomy built-in (SHA-256 ",
        "Wilson",
    ] {
        assert!(cited.contains(part), "{part}: {cited}");
    }
    assert_eq!(cited, stdout(&desk.run("cite out/run.json")));
    let shard = desk.run("analyze in -o part --engine rules --shard 1/2");
    assert!(code(&shard) <= 1, "{}", stderr(&shard));
    assert!(stdout(&desk.run("cite part")).contains("part 1/2 of a divided run"));
    assert!(stdout(&desk.run("cite")).contains("MiniLM"));
    desk.put("other.json", "{}");
    let output = desk.run("cite other.json");
    assert_eq!(code(&output), 3);
    assert!(
        stderr(&output).contains("other.json: it is not the record of a run"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_damaged_result_is_none() {
    let desk = Desk::new();
    desk.put_archive(4, 4);
    desk.run(&format!("analyze in -o out {RULES}"));
    let entries = walkdir::WalkDir::new(desk.path("out").join(HIDDEN).join("cache"));
    let files = entries
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file());
    for (number, entry) in files.enumerate() {
        let mut bytes = fs::read(entry.path()).unwrap();
        match number {
            0 => bytes.truncate(bytes.len() / 2),
            1 => bytes.clear(),
            2 => {
                let last = bytes.len() - 12;
                bytes[last] ^= 0x55;
            }
            _ => {}
        }
        fs::write(entry.path(), bytes).unwrap();
    }
    let output = desk.run(&format!("analyze in -o out {RULES}"));
    assert!(
        stderr(&output).contains("; 1 unchanged"),
        "{}",
        stderr(&output)
    );
    assert_eq!(read_tree(&desk.path("out")), fresh(&desk, RULES));
}

/// Every file that has a name is a whole report of the run before or of this one; with `run.json` there they are all of
/// one run.
fn check_after_kill(out: &Path, before: &Tree, after: &Tree) {
    // A run that was killed at once has not made the folder.
    let now = if out.exists() {
        read_tree(out)
    } else {
        Tree::new()
    };
    for (name, bytes) in &now {
        let known = [before.get(name), after.get(name)];
        assert!(
            known.contains(&Some(bytes)),
            "{} is half-written",
            name.display()
        );
    }
    if now.contains_key(Path::new("run.json")) {
        assert!(
            now == *before || now == *after,
            "a mix of two runs under run.json"
        );
    }
}

#[test]
fn killed_at_any_moment_the_next_run_completes() {
    const OPTIONS: &str = "--engine rules --format csv,json,html,brat --save-text";
    let desk = Desk::new();
    let put_before = || {
        fs::remove_dir_all(desk.path("in")).unwrap();
        desk.put_archive(150, 150);
    };
    let put_after = || {
        desk.put_archive(180, 90);
        fs::remove_file(desk.path("in/1/s0010.txt")).unwrap();
    };
    put_before();
    let before = fresh(&desk, OPTIONS);
    put_after();
    let start = Instant::now();
    let after = fresh(&desk, OPTIONS);
    let whole = start.elapsed();
    let seed = std::env::var("DEMARCHE_SEED").map(|seed| seed.parse().unwrap());
    let now = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_nanos() as u64
    };
    let seed = seed.unwrap_or_else(|_| now());
    eprintln!("the moments are those of DEMARCHE_SEED={seed}; a whole run takes {whole:?}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut killed = 0;
    // What a run takes at most, with an earlier one's results and without.
    let mut longest = [whole, whole];
    for round in 0..20 {
        // Every other time there are reports and results of an earlier run.
        let has_reports = round % 2 == 0;
        let _ = fs::remove_dir_all(desk.path("out"));
        if has_reports {
            put_before();
            desk.run(&format!("analyze in -o out {OPTIONS}"));
            put_after();
        }
        let longest = &mut longest[round % 2];
        let delay = longest.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX));
        let mut child = desk
            .program(&format!("analyze in -o out {OPTIONS}"))
            .spawn()
            .unwrap();
        let _limit = limit(&child);
        std::thread::sleep(delay);
        child.kill().unwrap();
        if child.wait().unwrap().signal() == Some(9) {
            killed += 1;
        } else {
            *longest = delay;
        }

        let nothing = Tree::new();
        let earlier = if has_reports { &before } else { &nothing };
        check_after_kill(&desk.path("out"), earlier, &after);
        let output = desk.run(&format!("analyze in -o out {OPTIONS}"));
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(
            read_tree(&desk.path("out")) == after,
            "killed after {delay:?}"
        );
        let unfinished = desk.path("out").join(HIDDEN).join("unfinished");
        assert_eq!(
            fs::read_dir(unfinished).unwrap().count(),
            0,
            "something is left behind"
        );
    }
    assert!(
        killed >= 5,
        "only {killed} of 20 runs were killed before their end"
    );
}

#[test]
fn an_interrupted_run_writes_what_it_has_and_the_next_goes_on() {
    for (stop, exit) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let desk = Desk::new();
        desk.put_archive(600, 600);
        let analyze = format!("analyze in -o out --threads 1 {RULES}");
        let child = desk.program(&analyze).spawn().unwrap();
        let _limit = limit(&child);
        wait_until("a first result", || kept(&desk.path("out")) > 0);
        signal(&child, stop);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(exit), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("the same command goes on from here"),
            "{}",
            stderr(&output)
        );
        let run: Value =
            serde_json::from_slice(&fs::read(desk.path("out/run.json")).unwrap()).unwrap();
        let (done, left) = (
            run["rows"]["documents"].as_u64().unwrap(),
            run["not_analysed"].as_u64().unwrap(),
        );
        assert!(
            done > 0 && left > 0 && done + left == 600,
            "{done} done, {left} left"
        );
        assert_eq!(desk.rows("documents").len() as u64, done);

        let output = desk.run(&analyze);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let told = stderr(&output);
        let unchanged = told.split("; ").nth(1).unwrap_or_default();
        let unchanged: u64 = unchanged.split(' ').next().unwrap().parse().unwrap();
        assert!(unchanged >= done, "{told}");
        assert!(read_tree(&desk.path("out")) == fresh(&desk, &format!("--threads 2 {RULES}")));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_interrupted_before_its_first_statement_leaves_the_reports_alone() {
    let desk = Desk::new();
    desk.put_archive(200, 200);
    desk.run(&format!("analyze in -o out {RULES}"));
    let before = read_tree(&desk.path("out"));
    desk.put_archive(200, 0);
    let child = desk
        .program(&format!("analyze in -o out {RULES}"))
        .spawn()
        .unwrap();
    let _limit = limit(&child);
    // It listens before it loads what it reads with.
    let listens = || {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        caught.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & 2 != 0)
    };
    wait_until("it listens", listens);
    signal(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("interrupted: 200 statements not analysed"),
        "{}",
        stderr(&output)
    );
    assert!(read_tree(&desk.path("out")) == before);
}

#[test]
fn two_runs_do_not_write_to_one_folder_at_once() {
    let desk = Desk::with_statement();
    desk.run("analyze in -o out --engine rules");
    let before = read_tree(&desk.path("out"));
    let lock = fs::File::open(desk.path("out").join(HIDDEN).join("lock")).unwrap();
    lock.lock().unwrap();
    desk.put("in/more.txt", STATEMENT);
    for command in ["analyze", "compare"] {
        let output = desk.run(&format!("{command} in -o out"));
        assert_eq!(code(&output), 3);
        let told = stderr(&output);
        assert!(told.contains("another run is writing to out"), "{told}");
        assert_eq!(read_tree(&desk.path("out")), before);
    }
    lock.unlock().unwrap();
    assert_eq!(code(&desk.run("analyze in -o out --engine rules")), 0);
}

#[test]
fn a_watched_folder_is_analysed_again_when_a_statement_comes_changes_or_goes() {
    let desk = Desk::with_statement();
    // A folder of reports in the folder of statements is not one of them.
    let mut child = desk
        .program("analyze in -o in/out --watch --engine rules")
        .spawn()
        .unwrap();
    let _limit = limit(&child);
    let titles = || -> Vec<String> {
        let reader = csv::Reader::from_path(desk.path("in/out/documents.csv"));
        let records = reader
            .ok()
            .into_iter()
            .flat_map(csv::Reader::into_records)
            .flatten();
        records.map(|row| row[0].to_owned()).collect()
    };
    let sums = || fs::read_to_string(desk.path("in/out/money.csv")).unwrap_or_default();
    wait_until("the first statement", || titles() == ["good"]);
    desk.put("in/more.txt", STATEMENT);
    wait_until("a second", || titles() == ["good", "more"]);
    desk.put(
        "in/good.txt",
        STATEMENT.replace("$60 million", "$75.5 million"),
    );
    wait_until("a change", || sums().contains("75500000"));
    fs::remove_file(desk.path("in/more.txt")).unwrap();
    wait_until("a loss", || titles() == ["good"]);
    // A folder that is gone for a while does not end the watch.
    fs::rename(desk.path("in/good.txt"), desk.path("good.txt")).unwrap();
    wait_until("an empty folder", || titles().is_empty());
    fs::rename(desk.path("good.txt"), desk.path("in/good.txt")).unwrap();
    wait_until("its return", || titles() == ["good"]);
    std::thread::sleep(Duration::from_millis(200));
    signal(&child, Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut told = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut told)
        .unwrap();
    assert!(told.contains("1 unchanged"), "{told}");
}
