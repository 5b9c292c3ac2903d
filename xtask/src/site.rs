//! Where the suites work: the repository, the folder for what they make, the log of the one that runs.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::choice::Depth;

/// The place of work of one run.
#[derive(Debug)]
pub(crate) struct Site {
    root: PathBuf,
    target: PathBuf,
    log: PathBuf,
    depth: Depth,
}

impl Site {
    /// The repository that this program was built from.
    pub(crate) fn here(depth: Depth) -> Site {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the repository").to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let log = target.join("xtask");
        Site { root, target, log, depth }
    }

    /// Starts the log of the suite `name`, and its clock.
    pub(crate) fn open(&mut self, name: &str) -> Instant {
        let folder = self.made("");
        fs::create_dir_all(&folder).expect("the target folder can be written");
        self.log = folder.join(format!("{name}.log"));
        File::create(&self.log).expect("the target folder can be written");
        Instant::now()
    }

    /// The repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path below cargo's target folder.
    pub(crate) fn target(&self, path: &str) -> PathBuf {
        self.target.join(path)
    }

    /// A path below `target/xtask`, where everything lies that the suites make.
    pub(crate) fn made(&self, path: &str) -> PathBuf {
        self.target.join("xtask").join(path)
    }

    /// Is this the long run?
    pub(crate) fn depth(&self) -> Depth {
        self.depth
    }

    /// The log of the suite that runs.
    pub(crate) fn log_path(&self) -> &Path {
        &self.log
    }

    /// Adds a line to the log.
    pub(crate) fn log(&self, line: &str) {
        let log = File::options().append(true).open(&self.log);
        // Without a log there is less to read, and no less is proved.
        let _ = log.and_then(|mut log| writeln!(log, "{line}"));
    }

    /// What the suite has said so far.
    pub(crate) fn log_text(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The last `count` lines of it.
    pub(crate) fn log_tail(&self, count: usize) -> Vec<String> {
        let text = self.log_text();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(count)..].iter().map(|line| (*line).to_owned()).collect()
    }

    /// The files of a folder of the repository whose names end in `.{extension}`, without it, in order; none if there
    /// is no such folder.
    pub(crate) fn stems(&self, folder: &str, extension: &str) -> Vec<String> {
        let mut stems: Vec<String> = fs::read_dir(self.root.join(folder))
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        stems.sort();
        stems
    }
}
