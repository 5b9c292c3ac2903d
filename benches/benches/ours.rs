//! Our own functions, one by one: `cargo bench [-- FILTER]`.

use criterion::{Criterion, criterion_group, criterion_main};
use sansocket_benches::measure;

fn ours(criterion: &mut Criterion) {
    for plan in sansocket_benches::in_memory().into_iter().flat_map(|section| section.rows) {
        for mut entry in plan.build().entries.into_iter().filter(|entry| entry.who.starts_with("sansocket")) {
            let name = format!("{}{}", plan.name, entry.who.trim_start_matches("sansocket"));
            criterion.bench_function(&name, |bencher| {
                bencher.iter_custom(|n| measure::time(&mut entry.work, n as usize));
            });
        }
    }
}

criterion_group!(benches, ours);
criterion_main!(benches);
