//! Our own functions, one by one: `cargo bench [-- FILTER]`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sansocket_benches::codec::content::Content;
use sansocket_benches::codec::{case, measure, peers, work};
use sansocket_core::Text;

/// Every case of the comparison, done by us.
fn codec(criterion: &mut Criterion) {
    let ours: Vec<_> = peers::all().into_iter().filter(|peer| peer.name().starts_with("sansocket")).collect();
    for case in case::sections().into_iter().flat_map(|section| section.cases) {
        for peer in &ours {
            let Some(mut work) = work::work(&**peer, &case) else { continue };
            criterion.bench_function(&format!("{}/{}", case.name(), peer.name()), |bencher| {
                bencher.iter_custom(|n| measure::time(&mut work, n as usize));
            });
        }
    }
}

/// The check of one text that lies in memory, beside the standard library's.
fn utf8(criterion: &mut Criterion) {
    for content in [Content::Ascii, Content::Multibyte] {
        for size in [16, 125, 1024, 16 << 10] {
            let text = content.messages(size).swap_remove(0);
            let name = format!("utf8/{}/{size}", content.name());
            criterion.bench_function(&name, |bencher| {
                bencher.iter(|| assert!(Text::from_utf8(black_box(&text)).is_ok()));
            });
            criterion.bench_function(&format!("{name}/std"), |bencher| {
                bencher.iter(|| assert!(std::str::from_utf8(black_box(&text)).is_ok()));
            });
        }
    }
}

criterion_group!(benches, codec, utf8);
criterion_main!(benches);
