//! Times, counted in buckets of a thirty-second of an octave.

/// How many parts an octave has: 3 % is finer than any run repeats itself.
const PARTS: u64 = 32;

/// How often which time was seen.
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { buckets: vec![0; 64 * PARTS as usize], count: 0 }
    }
}

impl Histogram {
    /// `times` times of so many nanoseconds.
    pub fn add(&mut self, nanos: u64, times: u64) {
        let nanos = nanos.max(PARTS);
        let octave = u64::from(nanos.ilog2());
        let part = (nanos >> (octave - 5)) % PARTS;
        self.buckets[(octave * PARTS + part) as usize] += times;
        self.count += times;
    }

    /// The nanoseconds that this part of all was within.
    pub fn quantile(&self, part: f64) -> f64 {
        let mut left = (self.count as f64 * part) as u64;
        for (bucket, times) in (0..).zip(&self.buckets) {
            if *times > left {
                let (octave, part) = (bucket / PARTS, bucket % PARTS);
                return ((PARTS + part) as f64 + 0.5) * (octave as f64 - 5.0).exp2();
            }
            left -= times;
        }
        0.0
    }
}
