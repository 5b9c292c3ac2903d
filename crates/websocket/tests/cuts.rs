//! How the incoming bytes are cut never changes what comes out.

use sansocket_core::Instant;
use sansocket_testkit::dialogues::{self, Dialogue};
use sansocket_testkit::{Frame, Heard, Random, Side, frames, ws};

/// What came of a dialogue.
type Outcome = (Vec<Heard>, Vec<Frame>);

fn replay<'a>(dialogue: &Dialogue, reads: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let Dialogue { role, options, extensions, .. } = dialogue.clone();
    let mut side = Side::new(ws::websocket(role, options, extensions, Instant::ZERO));
    let mut said = Vec::new();
    for read in reads {
        side.read(read, Instant::ZERO);
        said.extend(side.write_all());
    }
    let (frames, rest) = frames(role, &said);
    assert_eq!(rest, 0, "half a frame was written");
    (side.heard(), frames)
}

fn recorded(dialogue: &Dialogue) -> Outcome {
    (dialogue.heard.clone(), dialogue.answers.clone())
}

#[test]
fn there_are_dialogues_enough() {
    assert!(dialogues::all().len() >= 2 * 50);
}

#[test]
fn a_dialogue_in_one_read_goes_as_recorded() {
    for dialogue in dialogues::all() {
        assert_eq!(replay(&dialogue, [&dialogue.said[..]]), recorded(&dialogue), "{}", dialogue.name);
    }
}

#[test]
fn a_dialogue_cut_in_two_anywhere_goes_as_recorded() {
    for dialogue in dialogues::all() {
        for cut in 0..=dialogue.said.len() {
            let (head, tail) = dialogue.said.split_at(cut);
            assert_eq!(
                replay(&dialogue, [head, tail]),
                recorded(&dialogue),
                "{} cut at {cut}",
                dialogue.name
            );
        }
    }
}

#[test]
fn a_dialogue_byte_by_byte_goes_as_recorded() {
    for dialogue in dialogues::all() {
        assert_eq!(replay(&dialogue, dialogue.said.chunks(1)), recorded(&dialogue), "{}", dialogue.name);
    }
}

#[test]
fn a_dialogue_in_pieces_of_any_sizes_goes_as_recorded() {
    let mut random = Random::new(1);
    for dialogue in dialogues::all() {
        for _ in 0..16 {
            let (mut reads, mut rest) = (Vec::new(), &dialogue.said[..]);
            while !rest.is_empty() {
                let (read, later) = rest.split_at(1 + random.below(rest.len().min(40)));
                reads.push(read);
                rest = later;
            }
            assert_eq!(replay(&dialogue, reads.clone()), recorded(&dialogue), "{}: {reads:?}", dialogue.name);
        }
    }
}

#[test]
fn a_part_of_a_dialogue_is_heard_as_the_beginning_of_it() {
    for dialogue in dialogues::all() {
        let mut known = 0;
        for len in 0..=dialogue.said.len() {
            let (heard, answers) = replay(&dialogue, [&dialogue.said[..len]]);
            assert!(dialogue.heard.starts_with(&heard), "{}, {len} bytes: {heard:?}", dialogue.name);
            assert!(dialogue.answers.starts_with(&answers), "{}, {len} bytes: {answers:?}", dialogue.name);
            assert!(heard.len() >= known, "{} takes back what it said", dialogue.name);
            known = heard.len();
        }
    }
}
