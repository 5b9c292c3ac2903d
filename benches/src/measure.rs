//! How long work takes, on a machine that is not ours alone.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::work::{Entry, Row, Work};

/// How often everyone has a turn.
const ROUNDS: usize = 15;
/// How long a turn takes.
const TURN: Duration = Duration::from_millis(2);

/// What one of a row took.
pub struct Timing {
    /// The name of the column.
    pub who: &'static str,
    /// Nanoseconds of an operation: the median of all turns.
    pub nanos: f64,
}

/// Takes the time of everyone in a row. All have a turn in each round, so that what disturbs hits all of them, and the
/// clock is the thread's own, which stands while others have the processor.
pub fn measure(mut row: Row) -> Vec<Timing> {
    let counts: Vec<usize> = row.entries.iter_mut().map(count).collect();
    let mut turns = vec![Vec::new(); row.entries.len()];
    for _ in 0..ROUNDS {
        for ((entry, n), turns) in row.entries.iter_mut().zip(&counts).zip(&mut turns) {
            // The others had the caches.
            (entry.work)(n.div_ceil(8));
            turns.push(time(&mut entry.work, *n).as_nanos() as f64 / *n as f64);
        }
    }
    row.entries
        .iter()
        .zip(turns)
        .map(|(entry, turns)| Timing { who: entry.who, nanos: median(turns) })
        .collect()
}

/// The middle one.
pub fn median(mut turns: Vec<f64>) -> f64 {
    turns.sort_by(f64::total_cmp);
    turns[turns.len() / 2]
}

/// How many operations make a turn. On the way there the work warms up.
fn count(entry: &mut Entry) -> usize {
    let mut n = 16;
    loop {
        let took = time(&mut entry.work, n);
        if took > TURN / 4 {
            return (n as f64 * TURN.as_secs_f64() / took.as_secs_f64()) as usize + 1;
        }
        n *= 2;
    }
}

/// What `n` operations take of this thread's processor.
pub fn time(work: &mut Work, n: usize) -> Duration {
    let start = thread_time();
    work(n);
    thread_time() - start
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
