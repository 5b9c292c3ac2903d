//! No circle of imports between the modules of a crate.
//!
//! A module with its submodules is one room: what goes on between them is its own affair. Between rooms that stand side
//! by side, on every level, arrows may not form a circle. Names that a module re-exports count as the module that they
//! come from.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;
use crate::workspace::{crates, sources};

/// Two files that are one room: `Input` keeps book of which bytes are known to be text, and the half of that which has to
/// say `unsafe` may stand in `text` only.
const ONE_ROOM: (&str, &str) = ("text", "input");

/// A module's path from the crate's root; the root is empty.
type Path = Vec<String>;

#[test]
fn modules_import_in_no_circle() {
    let mut found = Vec::new();
    for folder in crates() {
        let house = House::read(&sources(&format!("crates/{folder}/src")), &format!("crates/{folder}/src/"));
        for (parent, arrows) in house.arrows() {
            if let Some(circle) = circle(&arrows) {
                found.push(format!("crates/{folder}: {}: {}", parent.join("::"), circle.join(" -> ")));
            }
        }
    }
    assert!(found.is_empty(), "circles of imports, one of each level:\n{}", found.join("\n"));
}

/// The modules of a crate.
#[derive(Debug)]
struct House {
    rooms: BTreeMap<Path, Room>,
}

#[derive(Debug, Default)]
struct Room {
    /// Paths that its code mentions, from the crate's root.
    mentions: Vec<Path>,
    /// Names that it re-exports, and the path of what they stand for.
    exports: BTreeMap<String, Path>,
}

impl House {
    fn read(files: &[Source], prefix: &str) -> House {
        let mut rooms = BTreeMap::new();
        for source in files {
            let place = place(source.path.strip_prefix(prefix).unwrap_or(&source.path));
            rooms.insert(place.clone(), room(&source.code, &place));
        }
        House { rooms }
    }

    /// Who mentions whom, among the children of each module.
    fn arrows(&self) -> BTreeMap<Path, BTreeMap<String, BTreeSet<String>>> {
        let mut arrows: BTreeMap<Path, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (from, room) in &self.rooms {
            for to in room.mentions.iter().map(|mention| self.resolve(mention, 0)) {
                let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                if let (Some(a), Some(b)) = (from.get(shared), to.get(shared))
                    && (a.as_str(), b.as_str()) != ONE_ROOM
                {
                    let level = arrows.entry(from[..shared].to_vec()).or_default();
                    level.entry(a.clone()).or_default().insert(b.clone());
                }
            }
        }
        arrows
    }

    /// The module that a path leads to: as deep as there are modules, and through re-exports.
    fn resolve(&self, path: &[String], hops: usize) -> Path {
        /// Re-exports of re-exports end somewhere.
        const HOPS: usize = 8;
        let mut here = Vec::new();
        for (at, word) in path.iter().enumerate() {
            let mut deeper = here.clone();
            deeper.push(word.clone());
            if self.rooms.contains_key(&deeper) {
                here = deeper;
                continue;
            }
            let exported = self.rooms.get(&here).and_then(|room| room.exports.get(word));
            return match exported {
                Some(origin) if hops < HOPS => {
                    let onward: Path = origin.iter().chain(&path[at + 1..]).cloned().collect();
                    self.resolve(&onward, hops + 1)
                }
                _ => here,
            };
        }
        here
    }
}

/// The module that a file below `src/` holds.
fn place(file: &str) -> Path {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let words = stem.split('/').filter(|word| !["lib", "main", "mod"].contains(word));
    words.map(str::to_owned).collect()
}

fn room(code: &str, place: &Path) -> Room {
    let mut room = Room::default();
    for statement in code.split(';') {
        let Some(at) = statement.rfind("use ") else { continue };
        let names = spread(&statement[at + 4..]);
        let public = statement[..at].trim_end().ends_with("pub") || statement[..at].trim_end().ends_with(')');
        for name in names.iter().filter_map(|name| absolute(name, place)) {
            if let (true, Some(last)) = (public, name.last()) {
                room.exports.insert(last.clone(), name.clone());
            }
            // What the root re-exports is no use of it.
            if !public {
                room.mentions.push(name);
            }
        }
    }
    // Paths in the middle of code.
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let path: String =
                code[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
            let inside = code[..at].chars().next_back().is_some_and(|c| c == ':' || c.is_alphanumeric());
            let exported = code[..at].rfind("use ").is_some_and(|used| {
                let between = &code[used..at];
                !between.contains(';') && code[..used].trim_end().ends_with("pub")
            });
            if !inside && !exported {
                room.mentions.extend(absolute(&path, place));
            }
        }
    }
    room
}

/// A path from the crate's root, if it leads into this crate. `super` and `self` are followed.
fn absolute(path: &str, place: &Path) -> Option<Path> {
    let words: Vec<&str> = path.split("::").map(str::trim).filter(|word| !word.is_empty()).collect();
    let mut base = match *words.first()? {
        "crate" => Vec::new(),
        "self" => place.clone(),
        "super" => place[..place.len().checked_sub(1)?].to_vec(),
        // A submodule, as `pub use input::Input` in the root says it; a foreign crate resolves to the root itself.
        _ => place.iter().cloned().chain([words[0].to_owned()]).collect(),
    };
    for word in &words[1..] {
        match *word {
            "super" => {
                base.pop()?;
            }
            "self" | "*" => {}
            word => base.push(word.to_owned()),
        }
    }
    Some(base)
}

/// `a::{b, c::{d, e as f}}` as `a::b`, `a::c::d`, `a::c::e`.
fn spread(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let name = tree.split(" as ").next().unwrap_or(tree);
        return vec![name.trim().to_owned()];
    };
    let before = &tree[..open];
    let inside = tree[open + 1..].trim_end().strip_suffix('}').unwrap_or_default();
    let (mut depth, mut start, mut names) = (0_usize, 0, Vec::new());
    for (at, c) in inside.char_indices().chain([(inside.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let part = inside[start..at].trim();
                if !part.is_empty() {
                    names.extend(spread(part).into_iter().map(|name| format!("{before}{name}")));
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

/// A way from a module back to itself.
fn circle(arrows: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    arrows.keys().find_map(|start| {
        let mut ways = vec![vec![start.clone()]];
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop() {
            for next in arrows.get(way.last()?).into_iter().flatten() {
                let longer: Vec<String> = way.iter().chain([next]).cloned().collect();
                if next == start {
                    return Some(longer);
                }
                if seen.insert(next.clone()) {
                    ways.push(longer);
                }
            }
        }
        None
    })
}

#[test]
fn a_circle_through_a_re_export_is_found() {
    let file = |path: &str, text: &str| Source::new(format!("crates/x/src/{path}"), text.to_owned());
    let files = [
        file("lib.rs", "mod a; mod b; pub use a::{One, Two as Other}; pub use b::Three;"),
        file("a.rs", "use crate::Three; fn f() {}"),
        file("b.rs", "fn g() -> crate::One { todo }"),
        file("b/deep.rs", "use super::Three;"),
    ];
    let arrows = House::read(&files, "crates/x/src/").arrows();
    assert_eq!(circle(&arrows[&Vec::new()]).map(|way| way.join(" ")), Some("a b a".to_owned()));
    let [root, _, rest @ ..] = files;
    let straight =
        House::read(&[vec![root], rest.into()].into_iter().flatten().collect::<Vec<_>>(), "crates/x/src/");
    assert!(straight.arrows().values().all(|level| circle(level).is_none()));
}

#[test]
fn a_tree_of_names_is_spread() {
    assert_eq!(spread("crate::{a::{b, c as d}, e}"), ["crate::a::b", "crate::a::c", "crate::e"]);
    assert_eq!(spread("crate::{a, b::{c}}"), ["crate::a", "crate::b::c"]);
}
