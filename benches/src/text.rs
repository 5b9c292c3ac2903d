//! UTF-8 by itself: what is left to do for text that is not ASCII.

use std::hint::black_box;

use sansocket_core::Text;

use crate::payload::Content;
use crate::work::{Entry, Plan, Section, Work};

/// The check of one text that lies in memory.
pub fn utf8() -> Section {
    let sizes = [16, 125, 1024, 16 << 10];
    let cases = [(Content::Ascii, "ascii"), (Content::Multibyte, "multibyte")];
    let rows = cases.into_iter().flat_map(|case| sizes.map(|size| plan(case, size))).collect();
    Section {
        title: "UTF-8",
        note: "ns per text: `Text::from_utf8` and the standard library.",
        columns: &["sansocket", "std"],
        rows,
    }
}

fn plan((content, name): (Content, &'static str), size: usize) -> Plan {
    Plan::new(format!("utf8/{name}/{size}"), move || {
        let text = content.messages(size).swap_remove(0);
        let again = text.clone();
        let ours: Work = Box::new(move |n| {
            for _ in 0..n {
                assert!(black_box(Text::from_utf8(black_box(&text))).is_ok());
            }
        });
        let std: Work = Box::new(move |n| {
            for _ in 0..n {
                assert!(black_box(std::str::from_utf8(black_box(&again))).is_ok());
            }
        });
        vec![Entry { who: "sansocket", work: ours }, Entry { who: "std", work: std }]
    })
}
