//! How long work takes, on a machine that is not ours alone.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use sansocket_testkit::CountingAlloc;

use super::case::Case;
use super::peers::Peer;
use super::work::{self, Work};
use crate::arguments::Pace;

/// What one of a row took for an operation.
pub struct Timing {
    /// Who.
    pub who: &'static str,
    /// Nanoseconds: the median of all turns.
    pub nanos: f64,
    /// In the best turn.
    pub least: f64,
    /// In the worst.
    pub most: f64,
    /// How often memory was asked for.
    pub allocations: f64,
}

struct Runner {
    who: &'static str,
    work: Work,
    /// Operations of a turn.
    count: usize,
    turns: Vec<f64>,
    allocations: usize,
}

/// Takes the time of everyone who can do `case`.
pub fn measure(case: &Case, peers: &[Box<dyn Peer>], pace: Pace) -> Vec<Timing> {
    let least = work::least(case);
    let turn = turn(pace);
    let runner = |peer: &dyn Peer| {
        let mut work = work::work(peer, case)?;
        // Whole rounds of the messages, for mixed ones differ.
        let count = count(&mut work, turn).max(least).next_multiple_of(case.messages.len());
        Some(Runner { who: peer.name(), work, count, turns: Vec::new(), allocations: 0 })
    };
    take_turns(peers.iter().filter_map(|peer| runner(&**peer)).collect(), pace)
}

/// Takes the time of works that are not a codec's.
pub fn measure_works(works: Vec<(&'static str, Work)>, pace: Pace) -> Vec<Timing> {
    let runner = |(who, mut work)| {
        let count = count(&mut work, turn(pace));
        Runner { who, work, count, turns: Vec::new(), allocations: 0 }
    };
    take_turns(works.into_iter().map(runner).collect(), pace)
}

/// How long one turn is.
const fn turn(pace: Pace) -> Duration {
    match pace {
        Pace::Full => Duration::from_millis(3),
        Pace::Quick => Duration::from_millis(1),
    }
}

/// All have a turn in each round, so that what disturbs hits all of them, and the clock is the thread's own, which stands
/// while others have the processor.
fn take_turns(mut runners: Vec<Runner>, pace: Pace) -> Vec<Timing> {
    let rounds = if pace == Pace::Full { 15 } else { 5 };
    for _ in 0..rounds {
        for runner in &mut runners {
            // The others had the caches.
            (runner.work)(runner.count.div_ceil(8));
            let (took, grown) = CountingAlloc::measure(|| time(&mut runner.work, runner.count));
            runner.turns.push(took.as_nanos() as f64 / runner.count as f64);
            runner.allocations += grown.calls;
        }
    }
    runners.into_iter().map(Runner::timing).collect()
}

impl Runner {
    fn timing(mut self) -> Timing {
        self.turns.sort_by(f64::total_cmp);
        Timing {
            who: self.who,
            nanos: self.turns[self.turns.len() / 2],
            least: self.turns[0],
            most: self.turns[self.turns.len() - 1],
            allocations: self.allocations as f64 / (self.count * self.turns.len()) as f64,
        }
    }
}

/// How many operations make a turn. On the way there the work warms up.
fn count(work: &mut Work, turn: Duration) -> usize {
    let mut n = 16;
    loop {
        let took = time(work, n);
        if took > turn / 4 {
            return (n as f64 * turn.as_secs_f64() / took.as_secs_f64()) as usize + 1;
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
