//! Debian's packages, for what Rust, npm and PyPI do not have.

use crate::site::Site;
use crate::step::Step;
use crate::suites::Woe;

/// Installs the package `name`, if we may.
///
/// # Errors
/// [`Woe::NotRun`], calling the package `what`.
pub(crate) fn install(site: &Site, name: &str, what: &str) -> Result<(), Woe> {
    let root = Step::new("id").words("-u").output(site).is_ok_and(|id| id.trim() == "0");
    if !root {
        return Err(Woe::NotRun(format!("{what} is not installed, and apt needs root")));
    }
    let apt = |words: &str| {
        Step::new("apt-get").words(words).variable("DEBIAN_FRONTEND", "noninteractive").run(site)
    };
    apt("update")
        .and_then(|()| apt(&format!("install --yes --no-install-recommends {name}")))
        .map_err(|_| Woe::NotRun(format!("{what} is not installed, and apt cannot install it")))
}
