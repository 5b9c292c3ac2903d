//! The Autobahn suite against all four: server and client, tokio and smol. Nothing may fail and nothing be non-strict.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::choice::Depth;
use crate::site::Site;
use crate::step::Step;
use crate::suites::interop::programs;
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

/// The side that is tested.
#[derive(Clone, Copy)]
enum Role {
    Server,
    Client,
}

pub(crate) fn run(site: &mut Site) -> Verdict {
    let home = environment(site)?;
    let programs = programs(site)?;
    let mut faults = Vec::new();
    for (runtime, client) in &programs.clients {
        let usual = if *runtime == "tokio" { QUICK_AND_COMPRESSED } else { QUICK };
        let server = runner(site, &home, Role::Server, runtime, usual)
            .word(&programs.sansocket)
            .words("serve --listen {host}:{port} --deflate on --max-message")
            .word(LARGEST_MESSAGE)
            .words("--runtime")
            .word(runtime);
        let client = runner(site, &home, Role::Client, runtime, QUICK).word(client).words("{url} {agent}");
        // All four are judged, whatever comes of the first.
        faults.extend(server.run(site).err().map(|_| format!("{runtime} server")));
        faults.extend(client.run(site).err().map(|_| format!("{runtime} client")));
    }
    if !faults.is_empty() {
        return Err(Woe::Failed(format!("{}; {}", faults.join(", "), counted(site))));
    }
    Ok(counted(site))
}

/// The runner, up to the command that it is to test.
fn runner(site: &Site, home: &Path, role: Role, runtime: &str, usual: &str) -> Step {
    let (name, words) = match role {
        Role::Server => ("server", "server ws://127.0.0.1:0/echo"),
        Role::Client => ("client", "client"),
    };
    let cases = match site.depth() {
        Depth::Usual => usual,
        Depth::Full => EVERYTHING,
    };
    Step::new("python3")
        .word("tests/autobahn/autobahn.py")
        .words(words)
        .words("--home")
        .word(home)
        .words("--out")
        .word(site.made(&format!("autobahn/{name}-{runtime}")))
        .words("--agent")
        .word(format!("sansocket-{runtime}"))
        .words("--cases")
        .word(cases)
        // One for each of two cores; most cases wait rather than work.
        .words("--jobs 2 --")
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
    format!("tokio server, tokio client, smol server, smol client: {}", results.join("; "))
}
