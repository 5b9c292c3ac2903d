//! Instructions per message of the hot paths, counted by callgrind and compared with the record. Time is noisy, counts
//! are not: a slowdown is seen on a busy machine as well.
//!
//! valgrind shows its guest AVX2 and no AVX-512. So this guards two paths: the one for AVX2, and with
//! `--cfg sansocket_portable` the one that every other processor gets. The one for AVX-512 is the same source.

mod record;

use std::fs;
use std::path::PathBuf;

use crate::apt;
use crate::site::Site;
use crate::step::Step;
use crate::suites::{Verdict, Woe};

use record::{Counted, PATHS, Record, TOLERANCE};

/// Counts are of one kind of processor.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Linked statically it starts in a third of the time, of which callgrind makes much.
const FLAGS: &str = "-C target-feature=+crt-static";

/// Counts, and compares: slower is wrong, faster should be written down.
pub(crate) fn compare(site: &mut Site) -> Verdict {
    have_avx2()?;
    have_valgrind(site)?;
    let file = file(site);
    let text =
        fs::read_to_string(&file).map_err(|error| Woe::Failed(format!("{}: {error}", file.display())))?;
    let recorded = Record::read(&text).map_err(|why| Woe::Failed(format!("{}: {why}", file.display())))?;
    let now = count(site)?;

    let others = if recorded.made_with == now.made_with {
        String::new()
    } else {
        format!("; recorded with {}, counted with {}", recorded.made_with, now.made_with)
    };
    let names = |record: &Record| record.cases.iter().map(|case| case.name.clone()).collect::<Vec<_>>();
    if names(&recorded) != names(&now) {
        return Err(Woe::Failed("there are other cases than recorded: cargo xtask record-counts".to_owned()));
    }
    let changes = recorded.changes(&now);
    let (slower, faster): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.ratio() > 1.0);
    for change in faster.iter().chain(&slower) {
        site.log(&change.to_string());
    }
    let percent = 100.0 * TOLERANCE;
    if !slower.is_empty() {
        return Err(Woe::Failed(format!("{} counts grew by more than {percent} %{others}", slower.len())));
    }
    let hint = match faster.len() {
        0 => String::new(),
        n => format!("; {n} counts fell by more than {percent} %: cargo xtask record-counts"),
    };
    Ok(format!("{} cases on {} paths{hint}{others}", now.cases.len(), PATHS.len()))
}

/// Counts, and writes it down.
pub(crate) fn record(site: &mut Site) -> Verdict {
    have_avx2()?;
    have_valgrind(site)?;
    let now = count(site)?;
    let file = file(site);
    fs::write(&file, now.to_string()).map_err(|error| Woe::Failed(format!("{}: {error}", file.display())))?;
    Ok(format!("{} cases on {} paths: git diff {}", now.cases.len(), PATHS.len(), file.display()))
}

fn file(site: &Site) -> PathBuf {
    site.root().join("tests/counts/counts.tsv")
}

fn count(site: &Site) -> Result<Record, Woe> {
    let programs = [build(site, PATHS[0], "")?, build(site, PATHS[1], "--cfg sansocket_portable")?];
    let names = Step::new(&programs[0]).output(site)?;
    let mut cases = Vec::new();
    for name in names.lines() {
        let per_message = [run(site, &programs[0], name)?, run(site, &programs[1], name)?];
        cases.push(Counted { name: name.to_owned(), per_message });
    }
    Ok(Record { made_with: made_with(site)?, cases })
}

/// Builds the program for one path, and puts it aside: both are built at the same place.
fn build(site: &Site, path: &str, flags: &str) -> Result<PathBuf, Woe> {
    let folder = site.made("counts");
    Step::cargo("build --release --locked --manifest-path tests/counts/Cargo.toml --target")
        .word(TARGET)
        .words("--target-dir")
        .word(&folder)
        .variable("RUSTFLAGS", format!("{FLAGS} {flags}"))
        .run(site)?;
    let (built, kept) = (folder.join(TARGET).join("release/counts"), folder.join(path));
    fs::copy(&built, &kept).map_err(|error| Woe::Failed(format!("{}: {error}", built.display())))?;
    Ok(kept)
}

/// Instructions per message of one case.
fn run(site: &Site, program: &PathBuf, case: &str) -> Result<f64, Woe> {
    let said = Step::new("valgrind")
        .words("--tool=callgrind --callgrind-out-file=/dev/null --log-fd=1 --toggle-collect=counts::counted*")
        // Else glibc copies long runs with `rep movsb`, of which each byte counts as an instruction.
        .variable("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-ERMS")
        .word(program)
        .word(case)
        .output(site)?;
    record::per_message(&said).ok_or_else(|| Woe::Failed(format!("{case} counted nothing: {said}")))
}

/// What else the counts depend on.
fn made_with(site: &Site) -> Result<String, Woe> {
    let rustc = Step::new("rustc").words("--version").output(site)?;
    let valgrind = Step::new("valgrind").words("--version").output(site)?;
    let libc = Step::new("getconf").words("GNU_LIBC_VERSION").output(site)?;
    Ok(format!("{}, {}, {}", rustc.trim(), libc.trim(), valgrind.trim()))
}

fn have_avx2() -> Result<(), Woe> {
    #[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2") {
        return Ok(());
    }
    Err(Woe::NotRun(format!("counts are of {TARGET} with AVX2")))
}

fn have_valgrind(site: &Site) -> Result<(), Woe> {
    if Step::new("valgrind").words("--version").output(site).is_ok() {
        return Ok(());
    }
    apt::install(site, "valgrind", "valgrind")
}
