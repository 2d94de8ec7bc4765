//! The real binary, seen from outside: exit code, standard output, standard error, files.

#![allow(clippy::unwrap_used, clippy::panic)]

mod desk;

use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use demarche::analysis::themes::Taxonomy;
use demarche::compare::ComparisonTable;
use demarche::output::Table;
use desk::{Desk, STATEMENT, code, read_tree, stderr, stdout};

/// How many themes are built in.
fn themes() -> usize {
    Taxonomy::embedded().unwrap().themes().len()
}

#[test]
fn analyze_writes_every_table_and_lists_the_files() {
    let desk = Desk::with_statement();
    let output = desk.run("analyze in -o out");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let mut files: Vec<String> = Table::ALL
        .map(|table| format!("out/{}.csv", table.name()))
        .into();
    files.extend(["out/analysis.json", "out/run.json"].map(String::from));
    assert_eq!(stdout(&output).lines().collect::<Vec<_>>(), files);
    assert!(
        stderr(&output).starts_with("analysed 1 statement: "),
        "{}",
        stderr(&output)
    );
    assert_eq!(stderr(&output).lines().count(), 1);
    let document = &desk.rows("documents")[0];
    assert_eq!(&document[0], "good");
    assert_eq!(
        (&document[3], &document[4], &document[5]),
        ("2025-05-14", "dateline", "Seoul")
    );
    let kinds: Vec<String> = desk
        .rows("sentences")
        .iter()
        .map(|row| row[4].to_owned())
        .collect();
    assert_eq!(
        kinds,
        [
            "dateline",
            "sentence",
            "heading",
            "sentence",
            "sentence",
            "boilerplate"
        ]
    );
    let sum = &desk.rows("money")[0];
    assert_eq!(
        (&sum[3], &sum[4], &sum[7]),
        ("$60 million", "60000000", "USD")
    );
    let codes: Vec<String> = desk
        .rows("entities")
        .iter()
        .map(|row| row[6].to_owned())
        .collect();
    for wanted in ["JPN", "KOR"] {
        assert!(
            codes.iter().any(|code| code == wanted),
            "{wanted} not among {codes:?}"
        );
    }
}

#[test]
fn offsets_lead_back_to_the_words() {
    let desk = Desk::new();
    let text = "Ümit Özdağ’s Türkiye 🇹🇷 pledged €5 million.\r\n\r\nCôte d’Ivoire welcomed\r\nthe pledge of Japan.\r\n";
    desk.put("in/a.txt", text);
    assert_eq!(code(&desk.run("analyze in -o out")), 0);
    let characters: Vec<char> = text.chars().collect();
    let slice = |start: &str, end: &str| -> String {
        characters[start.parse().unwrap()..end.parse().unwrap()]
            .iter()
            .collect()
    };
    let mut checked = 0;
    for (table, text_column, start_column) in
        [("sentences", 5, 6), ("entities", 4, 7), ("money", 3, 10)]
    {
        for row in desk.rows(table) {
            let words = slice(&row[start_column], &row[start_column + 1]);
            assert_eq!(words.replace("\r\n", " "), row[text_column], "{table}");
            checked += 1;
        }
    }
    assert!(checked >= 4, "{checked}");
}

#[test]
fn a_spreadsheet_gets_a_mark_and_no_formula() {
    let desk = Desk::new();
    desk.put(
        "in/=cmd.txt",
        "=HYPERLINK(\"http://example.org\") is what the leaders saw.\n\n@all: the talks went on.\n",
    );
    assert_eq!(code(&desk.run("analyze in -o out --format csv")), 0);
    let bytes = fs::read(desk.path("out/sentences.csv")).unwrap();
    assert!(bytes.starts_with(b"\xEF\xBB\xBFdoc_id,"));
    for row in desk.rows("sentences") {
        for cell in &row {
            assert!(!cell.starts_with(['=', '+', '@']), "{cell}");
        }
    }
    assert_eq!(
        code(&desk.run("analyze in -o out --format csv --no-bom")),
        0
    );
    assert!(
        fs::read(desk.path("out/sentences.csv"))
            .unwrap()
            .starts_with(b"doc_id,")
    );
}

#[test]
fn bad_files_are_reported_and_the_others_finish() {
    let desk = Desk::with_statement();
    desk.put("in/empty.txt", "")
        .put("in/blank.txt", " \n\t\n")
        .put("in/scan.txt", "%PDF-1.7\n%\u{E2}\u{E3}")
        .put(
            "in/noise.txt",
            (0..3000u32)
                .map(|i| (i.wrapping_mul(40503) >> 7) as u8)
                .collect::<Vec<_>>(),
        );
    let output = desk.run("analyze in missing.txt nothing-*.txt -o out");
    assert_eq!(code(&output), 1);
    let failures = desk.rows("failures");
    let paths: Vec<&str> = failures.iter().map(|row| &row[0]).collect();
    assert_eq!(
        paths,
        [
            "in/blank.txt",
            "in/empty.txt",
            "in/noise.txt",
            "in/scan.txt",
            "missing.txt",
            "nothing-*.txt"
        ]
    );
    for failure in &failures {
        assert!(
            failure[2].contains(&failure[0]),
            "the reason names the file: {failure:?}"
        );
        assert!(!failure[3].is_empty(), "there is a hint: {failure:?}");
    }
    assert!(failures[3][2].contains("as a PDF"));
    assert!(
        stderr(&output).contains("hint: check the spelling of the path"),
        "{}",
        stderr(&output)
    );
    assert_eq!(desk.rows("documents").len(), 1);
}

#[test]
fn nothing_to_analyse_is_exit_code_4() {
    let desk = Desk::new();
    let output = desk.run("analyze in -o out");
    assert_eq!(code(&output), 4);
    assert!(
        stderr(&output).contains("no statement found in in"),
        "{}",
        stderr(&output)
    );
    assert!(!desk.path("out").exists(), "no report of nothing");
    desk.put("in/empty.txt", "");
    assert_eq!(code(&desk.run("analyze in -o out")), 4);
    assert_eq!(desk.rows("failures").len(), 1);
}

#[test]
fn invalid_utf8_is_read_and_said() {
    let desk = Desk::new();
    desk.put(
        "in/legacy.txt",
        b"The leaders of C\xF4te d\x92Ivoire and Japan met in Abidjan and issued a communiqu\xE9.",
    );
    let output = desk.run("analyze in -o out");
    assert_eq!(code(&output), 0);
    assert!(
        stderr(&output).contains("warning: in/legacy.txt: not UTF-8: read as windows-1252"),
        "{}",
        stderr(&output)
    );
    let document = &desk.rows("documents")[0];
    assert_eq!((&document[9], &document[13]), ("warning", "windows-1252"));
    assert!(desk.rows("sentences")[0][5].contains("Côte d’Ivoire"));
}

#[test]
fn another_language_is_said() {
    let desk = Desk::new();
    desk.put("in/fr.txt", "Les deux ministres ont réaffirmé leur attachement à la paix et à la stabilité, et sont convenus de se revoir à Paris avant la fin de l’année.");
    let output = desk.run("analyze in -o out");
    assert_eq!(code(&output), 0);
    assert!(
        stderr(&output).contains("another language than English (fr)"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_huge_file_of_one_line_is_refused_and_a_large_one_read() {
    let desk = Desk::with_statement();
    let sentence =
        "The two leaders reaffirmed their commitment to peace and trade worth $5 million. ";
    desk.put(
        "in/huge.txt",
        sentence.repeat(50_000_000 / sentence.len() + 1),
    );
    desk.put("in/large.txt", sentence.repeat(6_000));
    let output = desk.run("analyze in -o out --format csv --engine rules");
    assert_eq!(code(&output), 1);
    let failures = desk.rows("failures");
    assert_eq!(failures.len(), 1);
    assert!(
        failures[0][2].contains("in/huge.txt has 51 MB, more than the limit of 20 MB"),
        "{failures:?}"
    );
    assert!(failures[0][3].contains("--max-megabytes"), "{failures:?}");
    let documents = desk.rows("documents");
    assert_eq!(&documents[1][8], "6000");
}

#[test]
fn a_name_with_a_newline_forges_no_line() {
    let desk = Desk::with_statement();
    desk.put("in/two\nlines.txt", "");
    let output = desk.run("analyze in -o out");
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("in/two\\nlines.txt is empty"),
        "{}",
        stderr(&output)
    );
    assert_eq!(&desk.rows("failures")[0][0], "in/two\nlines.txt");
}

#[test]
fn an_output_folder_that_cannot_be_written_is_said_before_the_work() {
    let desk = Desk::with_statement();
    desk.put("taken", "a file, not a folder");
    for folder in ["taken", "taken/below"] {
        let output = desk.run(&format!("analyze in -o {folder}"));
        assert_eq!(code(&output), 3);
        assert!(
            stderr(&output).contains(&format!("cannot write to {folder}")),
            "{}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains("hint: choose another folder with -o"),
            "{}",
            stderr(&output)
        );
    }
    assert_eq!(
        fs::read_to_string(desk.path("taken")).unwrap(),
        "a file, not a folder"
    );
}

#[cfg(unix)]
#[test]
fn folders_without_permission_are_reported() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    use std::process::Stdio;
    let desk = Desk::with_statement();
    // Root may read and write everywhere, so the program runs as nobody, from where nobody may run it.
    let program = desk.path("demarche");
    fs::copy(assert_cmd::cargo::cargo_bin("demarche"), &program).unwrap();
    let mode = |name: &str, mode: u32| {
        fs::set_permissions(desk.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    fs::create_dir(desk.path("in/secret")).unwrap();
    fs::create_dir(desk.path("closed")).unwrap();
    fs::create_dir(desk.path("out")).unwrap();
    mode("", 0o755);
    mode("in/secret", 0o000);
    mode("closed", 0o555);
    mode("out", 0o777);
    let is_root = fs::metadata("/proc/self")
        .is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(&program);
        command.args(arguments).current_dir(desk.root.path());
        if is_root {
            command.uid(65534);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let _limit = desk::limit(&child);
        child.wait_with_output().unwrap()
    };
    let unreadable = run(&["analyze", "in", "-o", "out"]);
    let unwritable = run(&["analyze", "in/good.txt", "-o", "closed"]);
    mode("in/secret", 0o755);
    assert_eq!(code(&unreadable), 1, "{}", stderr(&unreadable));
    let failure = &desk.rows("failures")[0];
    assert_eq!(&failure[0], "in/secret");
    assert!(failure[3].contains("right to read"), "{failure:?}");
    assert_eq!(desk.rows("documents").len(), 1);
    assert_eq!(code(&unwritable), 3, "{}", stderr(&unwritable));
    assert!(
        stderr(&unwritable).contains("cannot write to closed"),
        "{}",
        stderr(&unwritable)
    );
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_back_to_itself_is_reported() {
    let desk = Desk::with_statement();
    std::os::unix::fs::symlink(desk.path("in"), desk.path("in/again")).unwrap();
    let output = desk.run("analyze in -o out");
    assert_eq!(code(&output), 1);
    assert_eq!(&desk.rows("failures")[0][0], "in/again");
    assert_eq!(desk.rows("documents").len(), 1);
}

#[test]
fn a_malformed_taxonomy_stops_before_the_work() {
    let desk = Desk::with_statement();
    desk.put("not-toml.toml", "[[theme]\nid = ");
    desk.put(
        "unknown-key.toml",
        "[[theme]]\nid = \"health\"\ncode = \"HEA\"\ncuez = []\n",
    );
    let own = fs::read_to_string("models/themes.toml").unwrap();
    desk.put("taken.toml", own.replace("\"climate\"", "\"text\""));
    for file in [
        "not-toml.toml",
        "unknown-key.toml",
        "missing.toml",
        "taken.toml",
    ] {
        let output = desk.run(&format!("analyze in -o out --themes {file}"));
        assert_eq!(code(&output), 3, "{file}");
        assert!(stderr(&output).contains(file), "{}", stderr(&output));
        assert!(stderr(&output).contains("\nhint: "), "{}", stderr(&output));
        assert!(!desk.path("out").exists());
    }
}

#[test]
fn an_own_taxonomy_gives_its_own_columns() {
    let desk = Desk::with_statement();
    let own = fs::read_to_string("models/themes.toml").unwrap();
    let own = own.replace("\"economics\"", "\"trade-and-finance\"");
    desk.put("own.toml", own);
    assert_eq!(code(&desk.run("analyze in -o out --themes own.toml")), 0);
    let mut reader = csv::Reader::from_path(desk.path("out/sentences.csv")).unwrap();
    let header = reader.headers().unwrap();
    assert!(
        header.iter().any(|column| column == "trade-and-finance"),
        "{header:?}"
    );
    let analysis: Value =
        serde_json::from_slice(&fs::read(desk.path("out/analysis.json")).unwrap()).unwrap();
    assert_eq!(analysis["provenance"]["taxonomy"], "own.toml");
}

#[test]
fn settings_come_from_the_file_and_yield_to_the_command_line() {
    let desk = Desk::with_statement();
    desk.put(
        "demarche.toml",
        "input = [\"in\"]\noutput = \"there\"\nformat = [\"json\"]\n",
    );
    let output = desk.run("analyze");
    assert_eq!(
        (code(&output), stdout(&output).as_str()),
        (0, "there/analysis.json\nthere/run.json\n")
    );
    let output = desk.run("analyze --format json-lines -o here");
    assert_eq!(stdout(&output), "here/analysis.jsonl\nhere/run.json\n");
    desk.put("demarche.toml", "outptu = \"there\"\n");
    let output = desk.run("analyze in");
    assert_eq!(code(&output), 3);
    assert_eq!(
        stderr(&output),
        "error: demarche.toml: unknown key `outptu`\nhint: did you mean `output`?\n"
    );
}

#[test]
fn a_wrong_command_line_is_exit_code_2() {
    let desk = Desk::new();
    for arguments in [
        "analyse in",
        "analyze in --format xml",
        "analyze in --quiet --verbose",
        "evaluate",
    ] {
        let output = desk.run(arguments);
        assert_eq!(code(&output), 2, "{arguments}");
        assert!(stdout(&output).is_empty());
        assert!(stderr(&output).contains("error:"), "{}", stderr(&output));
    }
}

#[test]
fn too_many_threads_are_refused() {
    let desk = Desk::with_statement();
    let output = desk.run("analyze in -o out --threads 100000");
    assert_eq!(code(&output), 3);
    assert!(
        stderr(&output).contains("100000 threads are too many"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn standard_input_and_output() {
    let desk = Desk::new();
    let output = desk.answer("analyze - -o - --format json-lines --quiet", STATEMENT);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    let line: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(line["document"]["doc_id"], "stdin");
    assert_eq!(line["money"][0]["amount"].to_string(), "60000000");
    let output = desk.answer("analyze - -o - --format csv", STATEMENT);
    assert_eq!(code(&output), 3);
    assert!(
        stderr(&output).contains("--format json"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_dry_run_writes_nothing() {
    let desk = Desk::with_statement();
    desk.put("in/notes.md", "# Notes\n");
    desk.put("in/photo.jpg", "x");
    let output = desk.run("analyze in -o out --dry-run");
    assert_eq!(code(&output), 0);
    assert_eq!(stdout(&output), "good\tin/good.txt\nnotes\tin/notes.md\n");
    assert!(
        stderr(&output).contains("passed over files that are not statements: 1 .jpg"),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&output).contains("would analyse 2 statements and write csv, json to out"),
        "{}",
        stderr(&output)
    );
    assert!(!desk.path("out").exists());
}

#[test]
fn verbose_shows_themes_and_sums() {
    let desk = Desk::with_statement();
    let output = desk.run("analyze in -o out -v");
    let told = stderr(&output);
    for part in [
        "Themes, share of sentences",
        "economics",
        "Largest sum by currency",
        "USD           60,000,000  \"$60 million\" in good",
    ] {
        assert!(told.contains(part), "{part} is missing in:\n{told}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let desk = Desk::with_statement();
    let program = assert_cmd::cargo::cargo_bin("demarche");
    let output = desk.shell(&format!(
        "'{}' analyze in -o - --format json-lines --quiet | true; exit ${{PIPESTATUS[0]}}",
        program.display()
    ));
    assert_eq!(code(&output), 0);
}

#[test]
fn the_same_bytes_on_any_number_of_threads_and_in_any_order() {
    let desk = Desk::new();
    for number in 0..70 {
        desk.put(
            &format!("in/s{number}.txt"),
            STATEMENT.replace("60", &format!("{}", 10 + number)),
        );
    }
    let formats = "--format csv,json,json-lines";
    assert_eq!(
        code(&desk.run(&format!("analyze in -o one --threads 1 {formats}"))),
        0
    );
    assert_eq!(
        code(&desk.run(&format!("analyze in -o eight --threads 8 {formats}"))),
        0
    );
    assert_eq!(read_tree(&desk.path("one")), read_tree(&desk.path("eight")));
    assert_eq!(
        code(&desk.run(&format!("analyze in/s2.txt in/s1.txt -o ba {formats}"))),
        0
    );
    assert_eq!(
        code(&desk.run(&format!(
            "analyze in/s1.txt in/s2.txt in/s1.txt -o ab {formats}"
        ))),
        0
    );
    assert_eq!(read_tree(&desk.path("ab")), read_tree(&desk.path("ba")));
}

#[test]
fn a_second_run_replaces_the_first_and_leaves_nothing_behind() {
    let desk = Desk::with_statement();
    assert_eq!(code(&desk.run("analyze in -o out")), 0);
    let first = read_tree(&desk.path("out"));
    assert_eq!(code(&desk.run("analyze in -o out")), 0);
    assert_eq!(read_tree(&desk.path("out")), first);
}

#[test]
fn reports_follow_their_schema() {
    let desk = Desk::with_statement();
    desk.put("in/empty.txt", "");
    assert_eq!(
        code(&desk.run("analyze in -o out --format json,json-lines")),
        1
    );
    let validator = |arguments: &str| {
        let schema: Value = serde_json::from_str(&stdout(&desk.run(arguments))).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    };
    let whole: Value =
        serde_json::from_slice(&fs::read(desk.path("out/analysis.json")).unwrap()).unwrap();
    let schema = validator("schema");
    assert!(
        schema.is_valid(&whole),
        "{:?}",
        schema
            .iter_errors(&whole)
            .map(|e| e.to_string())
            .collect::<Vec<_>>()
    );
    let mut broken = whole.clone();
    broken["sentences"][0]
        .as_object_mut()
        .unwrap()
        .remove("start");
    assert!(!schema.is_valid(&broken));
    let schema = validator("schema --format json-lines");
    for line in fs::read_to_string(desk.path("out/analysis.jsonl"))
        .unwrap()
        .lines()
    {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(schema.is_valid(&line), "{line}");
    }
}

#[test]
fn the_network_is_the_default_says_which_it_is_and_gives_the_same_bytes_on_any_number_of_threads() {
    let desk = Desk::with_statement();
    desk.put(
        "in/other.txt",
        "The foreign ministers of Ghana and Togo met in Accra.\n",
    );
    for threads in [1, 2] {
        let output = desk.run(&format!(
            "analyze in -o out{threads} --format csv,json,json-lines --threads {threads}"
        ));
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }
    let read = |folder: &str, file: &str| fs::read(desk.path(&format!("{folder}/{file}"))).unwrap();
    assert!(read_tree(&desk.path("out1")) == read_tree(&desk.path("out2")));
    let report: Value = serde_json::from_slice(&read("out1", "analysis.json")).unwrap();
    assert_eq!(report["provenance"]["engine"], "minilm");
    let weights = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/minilm/model.onnx"));
    let sha256 = demarche::text::hex(&Sha256::digest(weights.unwrap()));
    assert_eq!(report["provenance"]["weights_sha256"], sha256);
    let rules = desk.run("analyze in -o rules --format json --engine rules");
    assert_eq!(code(&rules), 0, "{}", stderr(&rules));
    let report: Value = serde_json::from_slice(&read("rules", "analysis.json")).unwrap();
    assert!(report["provenance"].get("weights_sha256").is_none());
}

#[test]
fn a_paragraph_of_100_000_words_is_read_to_its_end() {
    let desk = Desk::new();
    desk.put(
        "long.txt",
        "and the ministers welcomed progress made ".repeat(16_700) + "in Reykjavik.",
    );
    let output = desk.run("analyze long.txt -o out --format csv");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(
        desk.rows("entities")
            .iter()
            .any(|row| &row[4] == "Reykjavik")
    );
}

#[test]
fn evaluate_prints_figures_for_people_and_programs() {
    let desk = Desk::new();
    desk.put(
        "gold.tsv",
        "a.1\tSEC\tThe [[GPE|United States]] condemned the missile attack.\na.2\tNONE\tThe meeting was held in [[GPE|Tokyo]].\n",
    );
    let table = desk.run("evaluate gold.tsv --engine rules");
    assert_eq!(code(&table), 0, "{}", stderr(&table));
    assert!(
        stdout(&table).starts_with("engine rules: 2 sentences of 1 documents"),
        "{}",
        stdout(&table)
    );
    let json: Value = serde_json::from_str(&stdout(
        &desk.run("evaluate gold.tsv --engine rules --format json"),
    ))
    .unwrap();
    assert_eq!(json["sentences"], 2);
    assert_eq!(json["entities"]["micro"]["gold"], 2);
    assert_eq!(json["entities"]["micro"]["f1"], 1.0);
    desk.put("gold.tsv", "a.1\tSEC\n");
    let wrong = desk.run("evaluate gold.tsv");
    assert_eq!(code(&wrong), 3);
    assert!(
        stderr(&wrong).contains("gold.tsv, line 1: three columns"),
        "{}",
        stderr(&wrong)
    );
}

#[test]
fn evaluate_takes_alternatives_training_files_and_a_second_annotation() {
    let desk = Desk::new();
    desk.put(
        "gold.tsv",
        "a.1\tSEC,ECO/SEC\tThe [[GPE|United States]] condemned the missile attack.\n\
         b.1\tSEC/NONE\tThe meeting was held in [[GPE|Tokyo]].\n",
    );
    desk.put("train.tsv", "t.1\tNONE\tThey met in [[GPE|TOKYO]].\n");
    let run = |options: &str| {
        let output = desk.run(&format!("evaluate gold.tsv {options}"));
        assert_eq!(code(&output), 0, "{options}: {}", stderr(&output));
        stdout(&output)
    };
    let table = run("--engine rules --trained-on train.tsv");
    assert!(
        table.contains("main theme right: 1.000 (95%: 1.00-1.00)"),
        "{table}"
    );
    let json = run("--engine rules --trained-on train.tsv --trained-on train.tsv --format json");
    let json: Value = serde_json::from_str(&json).unwrap();
    let fields: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(
        fields[5..],
        ["entities", "main_theme_low", "main_theme_high", "names"]
    );
    assert_eq!(json["themes"]["micro"]["gold"], 1);
    assert_eq!(json["entities"]["micro"]["low"], 1.0);
    let all = json["names"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&all["seen"]["gold"], &all["unseen"]["gold"]),
        (&1.into(), &1.into())
    );

    desk.put(
        "second.tsv",
        "b.1\tNONE\tThe meeting was held in Tokyo.\n\
         a.1\tSEC,ECO\tThe [[GPE|United States]] condemned the missile attack.\n\
         c.1\tNONE\tThey left.\n",
    );
    let table = run("--with second.tsv");
    let first_line = "2 sentences in both files; in the first only: 0, in the second only: 1\n";
    assert!(table.starts_with(first_line), "{table}");
    let json: Value = serde_json::from_str(&run("--with second.tsv --format json")).unwrap();
    assert_eq!(json["themes"][0]["kappa"], 0.0);
    assert_eq!(json["themes"][1]["alpha"], 1.0);
    assert_eq!(json["entities"]["micro"]["recall"], 0.5);

    let apart = desk.run("evaluate gold.tsv --with train.tsv");
    assert_eq!(code(&apart), 4);
    let text = stderr(&apart);
    assert!(text.contains("no sentence in common\nhint: "), "{text}");
    let both = desk.run("evaluate gold.tsv --with second.tsv --engine rules");
    assert_eq!(code(&both), 2);
    desk.put("gold.tsv", "a.1\tSEC/\tWords.\n");
    let wrong = desk.run("evaluate gold.tsv --engine rules");
    let text = stderr(&wrong);
    assert!(
        text.contains("gold.tsv, line 1: a theme is missing"),
        "{text}"
    );
}

#[test]
fn completions_and_manual_are_printed() {
    let desk = Desk::new();
    assert!(stdout(&desk.run("completions bash")).contains("_demarche"));
    assert!(stdout(&desk.run("man")).contains(".TH demarche 1"));
    assert!(stdout(&desk.run("--version")).starts_with("demarche "));
}

#[test]
fn the_engine_on_libtorch_works_or_says_how_to_get_it() {
    let desk = Desk::with_statement();
    let output = desk.run("analyze in -o out --format json --engine rust-bert --device cpu");
    if cfg!(feature = "rust-bert") {
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let report = fs::read(desk.path("out/analysis.json")).unwrap();
        let report: Value = serde_json::from_slice(&report).unwrap();
        assert_eq!(report["provenance"]["engine"], "rust-bert");
        let weights = "models/minilm/model.safetensors";
        let weights = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(weights)).unwrap();
        let sha256 = demarche::text::hex(&Sha256::digest(weights));
        assert_eq!(report["provenance"]["weights_sha256"], sha256);
        let missing = desk.run("analyze in -o none --engine rust-bert --model nowhere");
        assert_eq!(code(&missing), 3);
        assert!(stderr(&missing).contains("nowhere: no such folder\nhint: "));
    } else {
        assert_eq!(code(&output), 3);
        assert!(stderr(&output).contains("built without it\nhint: build it with `make rust-bert`"));
        assert!(!desk.path("out").exists());
    }
}

#[test]
fn options_of_another_engine_are_refused() {
    let desk = Desk::with_statement();
    for (options, option) in [
        ("--engine minilm --model x", "--model"),
        ("--engine rules --zero-shot x", "--zero-shot"),
        ("--labels x", "--labels"),
        ("--device cpu", "--device"),
        ("--batch-tokens 9", "--batch-tokens"),
    ] {
        let output = desk.run(&format!("analyze in -o out {options}"));
        assert_eq!(code(&output), 3);
        let text = stderr(&output);
        assert!(text.contains(&format!("error: {option}: ")), "{text}");
        assert!(text.contains("hint: add --engine rust-bert"), "{text}");
    }
    for options in ["--device gpu", "--batch-tokens 0"] {
        assert_eq!(code(&desk.run(&format!("analyze in {options}"))), 2);
    }
}

const OTHER_STATEMENT: &str = "\
NAIROBI, 3 June 2024: The Presidents of Kenya and Ghana met today.

They pledged to cut methane emissions and to protect forests. They will restore mangroves and coral reefs.

Ghana will provide $5 million for solar energy. The Presidents recalled the Paris Agreement and its temperature goal.
";

#[test]
fn compare_says_what_sets_two_statements_apart() {
    let desk = Desk::with_statement();
    desk.put("in/other.txt", OTHER_STATEMENT);
    let output = desk.run("compare in/good.txt in/other.txt -o out --engine rules");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let files: Vec<String> = stdout(&output).lines().map(str::to_owned).collect();
    // Text, page and JSON besides.
    assert_eq!(files.len(), ComparisonTable::ALL.len() + 3, "{files:?}");
    assert!(files.iter().all(|file| desk.path(file).exists()));
    assert!(
        stderr(&output).starts_with("good and other:\n"),
        "{}",
        stderr(&output)
    );
    // A difference against the other one has one row per theme; two sides have one pair.
    assert_eq!(desk.rows("comparison_differences").len(), themes() + 1);
    assert_eq!(desk.rows("comparison_divergences").len(), 1);
    let matrix = desk.rows("comparison_matrix");
    assert_eq!((&matrix[0][0], &matrix[1][0]), ("good", "other"));
    let alone: Vec<(String, String)> = desk
        .rows("comparison_mentions")
        .iter()
        .filter(|row| &row[3] == "other" && &row[5] == "1")
        .map(|row| (row[0].to_owned(), row[1].to_owned()))
        .collect();
    for (kind, item) in [
        ("country", "Kenya"),
        ("instrument", "Paris Agreement"),
        ("sum", "USD 5,000,000"),
    ] {
        assert!(
            alone.contains(&(kind.into(), item.into())),
            "{item} not in {alone:?}"
        );
    }
    let text = fs::read_to_string(desk.path("out/comparison.txt")).unwrap();
    assert!(
        text.contains("\nOnly in other\n  countries: Ghana; Kenya\n"),
        "{text}"
    );
}

#[test]
fn comparing_statements_and_comparing_their_report_is_the_same() {
    let desk = Desk::with_statement();
    desk.put("in/other.txt", OTHER_STATEMENT);
    let formats = "--format csv,json,json-lines";
    assert_eq!(
        code(&desk.run(&format!("analyze in -o out --engine rules {formats}"))),
        0
    );
    for (input, folder) in [
        ("in", "a"),
        ("out/analysis.json", "b"),
        ("out/analysis.jsonl", "c"),
    ] {
        let output = desk.run(&format!(
            "compare {input} -o {folder} --engine rules --threads 1"
        ));
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }
    assert_eq!(
        code(&desk.run("compare in -o d --engine rules --threads 2")),
        0
    );
    for folder in ["b", "c", "d"] {
        assert!(
            read_tree(&desk.path("a")) == read_tree(&desk.path(folder)),
            "{folder}"
        );
    }
    // The shares are those of the themes table.
    let shares = desk.records("a/comparison_shares.csv");
    for (compared, analysed) in shares.iter().zip(desk.rows("themes")) {
        assert_eq!((&compared[1], &compared[3]), (&analysed[1], &analysed[3]));
    }
    let schema: Value =
        serde_json::from_str(&stdout(&desk.run("schema --format comparison"))).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let read = |path: &str| -> Value {
        serde_json::from_slice(&fs::read(desk.path(path)).unwrap()).unwrap()
    };
    assert!(schema.is_valid(&read("a/comparison.json")));
    assert!(!schema.is_valid(&read("out/analysis.json")));
    let output =
        desk.run("compare out/analysis.json --baseline out/analysis.json -o - --format json");
    let comparison: Value = serde_json::from_slice(&output.stdout).unwrap();
    let baseline = comparison["baseline"].as_array().unwrap();
    assert_eq!(baseline.len(), 2 * (themes() + 1));
    // A comparison is a baseline too; the usual shares are those of all its sentences.
    let output =
        desk.run("compare out/analysis.json --baseline a/comparison.json -o - --format json");
    let again: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (one, other) in comparison["baseline"]
        .as_array()
        .unwrap()
        .iter()
        .zip(again["baseline"].as_array().unwrap())
    {
        assert_eq!(one["baseline_share"], other["baseline_share"]);
    }
    assert_eq!(again["baseline"].as_array().unwrap().len(), baseline.len());
}

#[test]
fn what_cannot_be_compared_is_said() {
    let desk = Desk::with_statement();
    desk.put("in/other.txt", OTHER_STATEMENT);
    desk.put("odd.json", "{\"schema_version\": \"9.0\"}");
    desk.put("list.json", "[1, 2]");
    for (arguments, exit, said) in [
        (
            "in/good.txt",
            4,
            "nothing to compare: good is the only statement",
        ),
        (
            "in/good.txt ./in/good.txt",
            4,
            "warning: good was given twice",
        ),
        ("in/good.txt nosuch.txt", 4, "cannot read nosuch.txt"),
        ("in/good.txt nosuch.json", 3, "cannot read nosuch.json"),
        ("in odd.json", 3, "odd.json: a report of version 9.0"),
        ("in list.json", 3, "list.json: not a finished analysis"),
        ("in --by yeer", 3, "did you mean `year`?"),
        ("in --by language", 4, "nothing to compare: "),
        (
            "in -o - --format csv",
            3,
            "add --format text or --format json",
        ),
        ("in --baseline nosuch", 4, "no statement found in nosuch"),
    ] {
        let output = desk.run(&format!("compare {arguments} --engine rules"));
        assert_eq!(code(&output), exit, "{arguments}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(said),
            "{arguments}: {}",
            stderr(&output)
        );
    }
    // One wrong path does not stop the others.
    let output = desk.run("compare in nosuch.txt -o out --engine rules");
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    assert_eq!(desk.rows("comparison_failures").len(), 1);
}

#[test]
fn compare_groups_by_year_and_by_argument() {
    let desk = Desk::with_statement();
    fs::create_dir(desk.path("new")).unwrap();
    desk.put("in/third.txt", OTHER_STATEMENT.replace("2024", "2025"));
    desk.put("new/good.txt", OTHER_STATEMENT);
    let sides = |arguments: &str| -> Vec<(String, String)> {
        let output = desk.run(&format!("compare {arguments} -o out --engine rules"));
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let rows = desk.rows("comparison_sides");
        rows.iter()
            .map(|row| (row[0].to_owned(), row[1].to_owned()))
            .collect()
    };
    let pair = |side: &str, documents: &str| (side.to_owned(), documents.to_owned());
    assert_eq!(
        sides("new in --by year"),
        [pair("2024", "1"), pair("2025", "2")]
    );
    assert_eq!(
        sides("new in --by argument"),
        [pair("new", "1"), pair("in", "2")]
    );
    // Two documents with one id are told apart by what was given.
    let names: Vec<String> = sides("new in").into_iter().map(|(side, _)| side).collect();
    assert_eq!(names, ["new:good", "in:good", "third"]);
}

#[test]
fn explain_shows_the_cues_and_what_is_missing() {
    let desk = Desk::new();
    desk.put("in/other.txt", OTHER_STATEMENT);
    let output = desk.run("explain other.3 in --engine rules");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.starts_with("other.3, engine rules\n"), "{told}");
    assert!(
        told.contains("climate") && told.contains("assigned") && told.contains("emission"),
        "{told}"
    );
    let output = desk.run("explain other.3 in --engine rules --format json");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["themes"].as_array().unwrap().len(), themes());
    for (arguments, said) in [
        ("explain other.99 in", "it has other.1 to other."),
        ("explain othr.1 in", "did you mean `other`?"),
        ("explain other in", "not the id of a sentence"),
        ("explain other.1 nosuch.txt", "cannot read nosuch.txt"),
        ("explain --text ", "is empty"),
    ] {
        let mut command = desk.demarche();
        let output = command
            .args(arguments.splitn(4, ' '))
            .args(["--engine", "rules"])
            .output()
            .unwrap();
        assert_eq!(code(&output), 3, "{arguments}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(said),
            "{arguments}: {}",
            stderr(&output)
        );
    }
    assert_eq!(code(&desk.run("explain")), 2);
}

#[test]
fn compare_groups_by_what_the_names_of_files_say() {
    let desk = Desk::new();
    desk.put("in/Kenya_2023.txt", OTHER_STATEMENT)
        .put("in/Kenya_2024.txt", OTHER_STATEMENT)
        .put("in/Japan_2024.txt", STATEMENT);
    let output = desk.run(
        "compare in -o out --engine rules --name-pattern {country}_{year} --by country --format csv",
    );
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let sides: Vec<(String, String)> = desk
        .rows("comparison_sides")
        .iter()
        .map(|row| (row[0].to_owned(), row[1].to_owned()))
        .collect();
    let pair = |side: &str, documents: &str| (side.to_owned(), documents.to_owned());
    assert_eq!(sides, [pair("Japan", "1"), pair("Kenya", "2")]);
}

#[test]
fn a_comparison_is_a_page_that_runs_nothing_and_asks_nobody() {
    let desk = Desk::new();
    desk.put("in/a.txt", STATEMENT).put(
        "in/b.txt",
        "Ghana welcomed the <script>alert(1)</script> Paris Agreement and will cut emissions.\n",
    );
    let output = desk.run("compare in -o out --engine rules --format html");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let page = fs::read_to_string(desk.path("out/comparison.html")).unwrap();
    assert!(page.contains("Content-Security-Policy") && page.contains("default-src 'none'"));
    for forbidden in ["<script", "http:", "https:", " style=", " onclick="] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    // The chart's numbers stand beside it, and the verdict stands first.
    let verdict = page.find("No theme differs by more than chance").unwrap();
    assert!(verdict < page.find("<table").unwrap());
    assert!(page.contains("not clear") && page.contains("not above chance"));
}
