//! What is measured: rows of work that does the same, by whom.

/// Does an operation so many times.
pub type Work = Box<dyn FnMut(usize)>;

/// One thing to do, and everyone who can do it.
pub struct Row {
    /// `decode/server/binary/16`, say: what filters look at.
    pub name: String,
    /// Who does it, by the name of the column.
    pub entries: Vec<Entry>,
}

/// One who does it.
pub struct Entry {
    /// The name of the column.
    pub who: &'static str,
    /// The work, checked before.
    pub work: Work,
}

/// Rows that belong together: a table.
pub struct Section {
    /// The headline.
    pub title: &'static str,
    /// What one operation is, and what is counted.
    pub note: &'static str,
    /// The columns, ours first.
    pub columns: &'static [&'static str],
    /// The rows; making one builds its connections.
    pub rows: Vec<Plan>,
}

/// A row that is not built yet.
pub struct Plan {
    /// The row's name.
    pub name: String,
    build: Box<dyn Fn() -> Vec<Entry>>,
}

impl Plan {
    /// A row whose work `build` makes and checks.
    pub fn new(name: String, build: impl Fn() -> Vec<Entry> + 'static) -> Plan {
        Plan { name, build: Box::new(build) }
    }

    /// Makes it.
    pub fn build(&self) -> Row {
        Row { name: self.name.clone(), entries: (self.build)() }
    }
}
