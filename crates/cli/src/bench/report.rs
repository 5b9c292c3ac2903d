//! What a load came to, for people and for programs.

use std::fmt;
use std::time::Duration;

use super::socketio::Exchange;
use super::{Load, Tally};

/// The result of a bench run.
pub(super) struct Report<'a> {
    pub(super) load: &'a Load,
    pub(super) tally: &'a Tally,
}

impl Report<'_> {
    fn kind(&self) -> &'static str {
        if self.load.text { "text" } else { "binary" }
    }

    fn messages(&self) -> u64 {
        self.tally.messages()
    }

    fn messages_per_second(&self) -> f64 {
        self.messages() as f64 / self.load.duration.as_secs_f64().max(f64::EPSILON)
    }

    /// Is a message of the load heard by many, and not said back?
    fn is_broadcast(&self) -> bool {
        self.load.exchange == Exchange::Broadcast
    }

    /// Payload in both directions; of what is heard by many, as they hear it.
    fn megabytes_per_second(&self) -> f64 {
        let ways = if self.is_broadcast() { 1.0 } else { 2.0 };
        self.messages_per_second() * self.load.size as f64 * ways / 1e6
    }

    fn percentile(&self, fraction: f64) -> Duration {
        self.tally.latency.percentile(fraction)
    }

    /// One flat JSON object. Times are microseconds.
    pub(super) fn json(&self) -> String {
        let Load { connections, in_flight, size, .. } = self.load;
        let (kind, exchange) = (self.kind(), self.load.exchange.name());
        let micros = |fraction| self.percentile(fraction).as_nanos() as f64 / 1000.0;
        format!(
            "{{\"connections\":{connections},\"in_flight\":{in_flight},\"size\":{size},\"kind\":\"{kind}\",\
             \"exchange\":\"{exchange}\",\"seconds\":{:.3},\"messages\":{},\"messages_per_second\":{:.1},\"megabytes_per_second\":{:.3},\
             \"p50_us\":{:.1},\"p99_us\":{:.1},\"p999_us\":{:.1},\"max_us\":{:.1},\"failed_connections\":{}}}",
            self.load.duration.as_secs_f64(),
            self.messages(),
            self.messages_per_second(),
            self.megabytes_per_second(),
            micros(0.5),
            micros(0.99),
            micros(0.999),
            micros(1.0),
            self.tally.failures(),
        )
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Load { connections, in_flight, size, .. } = self.load;
        let kind = self.kind();
        let (flight, there, ways) = match self.load.exchange {
            Exchange::Echo | Exchange::Ack => ("on each", "there and back", "both directions"),
            Exchange::Broadcast => ("to all", "heard", "as it is heard"),
        };
        writeln!(f, "{connections} connections, {in_flight} in flight {flight}, {size} bytes of {kind}")?;
        writeln!(f, "messages    {:>12} in {:.2} s", self.messages(), self.load.duration.as_secs_f64())?;
        writeln!(f, "rate        {:>12.0} messages/s {there}", self.messages_per_second())?;
        writeln!(f, "payload     {:>12.1} MB/s, {ways}", self.megabytes_per_second())?;
        for (name, fraction) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("longest", 1.0)] {
            writeln!(f, "{name:<11} {:>12}", Micros(self.percentile(fraction)).to_string())?;
        }
        match self.tally.failures() {
            0 => Ok(()),
            failed => writeln!(f, "failed      {failed:>12} connections"),
        }
    }
}

/// A duration in the unit that suits it.
struct Micros(Duration);

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_nanos() as f64 / 1000.0 {
            micros if micros < 1000.0 => write!(f, "{micros:.1} µs"),
            micros if micros < 1e6 => write!(f, "{:.2} ms", micros / 1e3),
            micros => write!(f, "{:.2} s", micros / 1e6),
        }
    }
}
