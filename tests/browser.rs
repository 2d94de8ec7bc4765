//! The HTML report in headless Chromium: its script runs, its filters work, its policy holds.
//!
//! The browser is `chromium`, `chromium-browser` or `google-chrome` on the PATH, or what `DEMARCHE_CHROMIUM` names;
//! where there is none, the tests are listed as ignored, not as passed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::TempDir;

const STATEMENT: &str = "\
SEOUL, 14 May 2025: The Foreign Ministers of Japan and the Republic of Korea met today.

Japan will provide $60 million for supply chains and trade. The ministers condemned the nuclear tests.

<script>document.title = 'taken over'</script><img src=x onerror=\"document.title='taken over'\"> stands in the text.
";

fn main() {
    let arguments = Arguments::from_args();
    let browser = browser();
    if browser.is_none() {
        eprintln!(
            "NOT RUN: the tests of the HTML report, for want of Chromium; set DEMARCHE_CHROMIUM to its path"
        );
    }
    let trial = |name: &str, test: fn(&OsString) -> Result<(), Failed>| {
        let browser = browser.clone();
        let missing = browser.is_none();
        Trial::test(name, move || browser.as_ref().map_or(Ok(()), test)).with_ignored_flag(missing)
    };
    let trials = vec![
        trial("the page works and says nothing in the console", works),
        trial("a filter in the address shows its sentences alone", filters),
        trial("a search in the address finds sentences", finds),
        trial(
            "the policy stops a script that is not the page's own",
            policy,
        ),
        trial("the page works on a phone and on paper", elsewhere),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn browser() -> Option<OsString> {
    if let Some(named) = std::env::var_os("DEMARCHE_CHROMIUM") {
        return Some(named);
    }
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file())
        .map(Into::into)
}

/// A report of two statements.
fn report() -> TempDir {
    let desk = tempfile::tempdir().unwrap();
    fs::write(desk.path().join("a.txt"), STATEMENT).unwrap();
    let other = "Ghana and Togo will cut emissions under the Paris Agreement.\n";
    fs::write(desk.path().join("b.txt"), other).unwrap();
    assert_cmd::Command::cargo_bin("demarche")
        .unwrap()
        .timeout(std::time::Duration::from_secs(600))
        .current_dir(desk.path())
        .args(["analyze", "a.txt", "b.txt", "-o", "out", "--format", "html"])
        .args(["--engine", "rules"])
        .assert()
        .code(0);
    desk
}

/// What the page looks like when its script has run, and what the console says.
fn open(browser: &OsString, page: &Path, hash: &str, more: &[&str]) -> (String, String) {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args([
            "--headless",
            "--disable-gpu",
            "--no-sandbox",
            "--no-first-run",
        ])
        .args([
            "--enable-logging=stderr",
            "--dump-dom",
            "--virtual-time-budget=3000",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(more)
        .arg(format!("file://{}{hash}", page.display()))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let console: Vec<String> = text(&output.stderr)
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .map(str::to_owned)
        .collect();
    (text(&output.stdout), console.join("\n"))
}

/// The words of the sentences that are not set back.
fn shown(dom: &str) -> Vec<&str> {
    let sentences = dom.split("<span class=\"s").skip(1);
    sentences
        .filter(|sentence| !sentence.split('"').next().unwrap().contains(" x"))
        .collect()
}

fn is(condition: bool, what: &str) -> Result<(), Failed> {
    condition
        .then_some(())
        .ok_or_else(|| what.to_owned().into())
}

fn works(browser: &OsString) -> Result<(), Failed> {
    let desk = report();
    let page = desk.path().join("out/report.html");
    let (dom, console) = open(browser, &page, "", &[]);
    is(
        dom.contains("data-ready=\"yes\""),
        "the script did not run to its end",
    )?;
    is(console.is_empty(), &console)?;
    is(
        dom.contains("<title>What the statements say</title>"),
        "the title was changed",
    )?;
    is(
        shown(&dom).len() == dom.matches("<span class=\"s").count(),
        "sentences are set back",
    )
}

fn filters(browser: &OsString) -> Result<(), Failed> {
    let desk = report();
    let page = desk.path().join("out/report.html");
    let (dom, console) = open(browser, &page, "#theme=climate", &[]);
    is(console.is_empty(), &console)?;
    let shown = shown(&dom);
    is(
        shown.len() == 1 && shown[0].contains("emissions"),
        &format!("{shown:?}"),
    )?;
    is(
        dom.contains("1 sentence in 1 statement<"),
        "the count is not shown",
    )?;
    is(
        dom.matches("aria-pressed=\"true\"").count() == 1,
        "the button is not pressed",
    )?;
    is(
        dom.contains("id=\"d1\" aria-labelledby=\"h1\" hidden"),
        "the other statement is not hidden",
    )
}

fn finds(browser: &OsString) -> Result<(), Failed> {
    let desk = report();
    let page = desk.path().join("out/report.html");
    let (dom, console) = open(browser, &page, "#find=supply+CHAINS", &[]);
    is(console.is_empty(), &console)?;
    let shown = shown(&dom);
    is(
        shown.len() == 1 && shown[0].contains("supply chains"),
        &format!("{shown:?}"),
    )
}

fn policy(browser: &OsString) -> Result<(), Failed> {
    let desk = report();
    let page = desk.path().join("out/report.html");
    let text = fs::read_to_string(&page).unwrap();
    let foreign = "<script>document.title='taken over'</script><img src=\"https://example.org/a.png\"></body>";
    let changed = desk.path().join("changed.html");
    fs::write(&changed, text.replace("</body>", foreign)).unwrap();
    let (dom, console) = open(browser, &changed, "", &[]);
    is(
        dom.contains("data-ready=\"yes\""),
        "the page's own script did not run",
    )?;
    is(!dom.contains("<title>taken over"), "the foreign script ran")?;
    let refused = console.matches("Content Security Policy").count();
    is(
        refused >= 2,
        &format!("the policy refused {refused} of 2: {console}"),
    )
}

fn elsewhere(browser: &OsString) -> Result<(), Failed> {
    let desk = report();
    let page = desk.path().join("out/report.html");
    let (dom, console) = open(browser, &page, "", &["--window-size=400,800"]);
    is(
        dom.contains("data-ready=\"yes\""),
        "the script did not run on a phone",
    )?;
    is(console.is_empty(), &console)?;
    let paper = desk.path().join("report.pdf");
    let print = format!("--print-to-pdf={}", paper.display());
    open(browser, &page, "", &[&print]);
    let pdf = fs::read(&paper).unwrap_or_default();
    is(
        pdf.starts_with(b"%PDF") && pdf.len() > 10_000,
        "no paper came out",
    )
}
