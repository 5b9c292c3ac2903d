//! The Autobahn suite against all four: server and client, tokio and smol. Nothing may fail and nothing be non-strict.

use std::path::PathBuf;
use std::time::Duration;

use crate::choice::Depth;
use crate::site::Site;
use crate::step::Step;
use crate::suites::interop::{Programs, programs};
use crate::suites::{Verdict, Woe};

/// Everything but the large and the compressed messages, which take most of the time.
const QUICK: &str = "1.*,2.*,3.*,4.*,5.*,6.*,7.*,10.*";
/// And some of the compressed ones, for one of the four.
const QUICK_AND_COMPRESSED: &str = "1.*,2.*,3.*,4.*,5.*,6.*,7.*,10.*,12.1.*,13.1.*";
const EVERYTHING: &str = "*";

/// Section 9 sends messages of 16 MiB; nothing else of our defaults has to give.
const LARGEST_MESSAGE: &str = "16777216";

/// The whole suite takes minutes; a single stuck case must not hold the run for an hour.
const LIMIT: Duration = Duration::from_secs(40 * 60);

pub(crate) fn run(site: &mut Site) -> Verdict {
    let home = environment(site)?;
    let programs = programs(site)?;
    for runtime in ["tokio", "smol"] {
        server(site, &home, &programs, runtime)?;
    }
    for (runtime, client) in &programs.clients {
        let run = runner(site, &home, "client", runtime).words("--cases").word(cases(site, QUICK));
        run.word("--").word(client).words("{url} {agent}").run(site)?;
    }
    Ok(counted(site))
}

fn server(site: &Site, home: &PathBuf, programs: &Programs, runtime: &str) -> Result<(), Woe> {
    let usual = if runtime == "tokio" { QUICK_AND_COMPRESSED } else { QUICK };
    runner(site, home, "server", runtime)
        .word("ws://127.0.0.1:0/echo")
        .words("--cases")
        .word(cases(site, usual))
        .word("--")
        .word(&programs.sansocket)
        .words("serve --listen {host}:{port} --deflate on --max-message")
        .word(LARGEST_MESSAGE)
        .words("--runtime")
        .word(runtime)
        .run(site)
}

fn cases<'a>(site: &Site, usual: &'a str) -> &'a str {
    match site.depth() {
        Depth::Usual => usual,
        Depth::Full => EVERYTHING,
    }
}

fn runner(site: &Site, home: &PathBuf, role: &str, runtime: &str) -> Step {
    Step::new("python3")
        .word("tests/autobahn/autobahn.py")
        .word(role)
        .word("--home")
        .word(home)
        .word("--out")
        .word(site.made(&format!("autobahn/{role}-{runtime}")))
        .word("--agent")
        .word(format!("sansocket-{runtime}"))
        // One for each of two cores; most cases wait rather than work.
        .words("--jobs 2")
        .limit(LIMIT)
}

/// The suite's own environment (Python 2.7), made once and kept in the user's cache.
fn environment(site: &Site) -> Result<PathBuf, Woe> {
    let home = match (std::env::var_os("AUTOBAHN_HOME"), std::env::var_os("HOME")) {
        (Some(home), _) => PathBuf::from(home),
        (None, Some(user)) => PathBuf::from(user).join(".cache/sansocket/wstest"),
        (None, None) => site.made("wstest"),
    };
    Step::new("python3").words("tests/autobahn/autobahn.py setup --home").word(&home).run(site).map_err(
        |_| {
            let said = site.log_tail(1).pop().unwrap_or_default();
            Woe::NotRun(format!("the Autobahn suite cannot be set up: {said}"))
        },
    )?;
    Ok(home)
}

/// The runner ends with `301 passed, 0 failed`, four times.
fn counted(site: &Site) -> String {
    let log = site.log_text();
    let results: Vec<&str> = log.lines().filter(|line| line.contains(" passed, ")).collect();
    format!("server tokio, server smol, client tokio, client smol: {}", results.join("; "))
}
