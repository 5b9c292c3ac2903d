use super::*;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use proptest::prelude::*;

/// Items of the tests: a length byte, then that many bytes.
fn item_len(bytes: &[u8]) -> usize {
    1 + bytes[0] as usize
}

fn item(fill: u8, len: u8) -> Vec<u8> {
    let mut bytes = vec![fill; len as usize + 1];
    bytes[0] = len;
    bytes
}

fn drain(out: &mut Outbox, at_most: usize) -> Vec<u8> {
    let mut slices = [&[][..]; OUTBOX_SLICES];
    let filled = out.slices(&mut slices);
    let mut bytes = slices[..filled].concat();
    bytes.truncate(at_most);
    out.written(bytes.len());
    bytes
}

fn drain_all(out: &mut Outbox) -> Vec<u8> {
    let mut all = Vec::new();
    while !out.is_empty() {
        all.extend(drain(out, usize::MAX));
    }
    all
}

#[test]
fn an_outbox_is_small_and_an_idle_one_owns_nothing() {
    assert_eq!(size_of::<Outbox>(), 48);
    let (mut out, mut pool) = (Outbox::default(), Pool::default());
    out.attach(&mut pool);
    out.extend(b"hello");
    assert_eq!(out.flat(), Some(&b"hello"[..]));
    out.release(&mut pool);
    assert_eq!(out.len(), 5, "what is not written stays");
    out.written(5);
    out.release(&mut pool);
    assert_eq!(out.memory(), 0);
}

#[test]
fn payloads_by_reference_keep_their_place() {
    let mut out = Outbox::new(item_len);
    out.extend(b"a");
    out.share(Bytes::from_static(b"BIG"));
    out.extend(b"b");
    out.share(Bytes::from_static(b"BIGGER"));
    assert_eq!(out.flat(), None);
    assert_eq!(drain(&mut out, 3), b"aBI");
    out.extend(b"c");
    assert_eq!(drain_all(&mut out), b"GbBIGGERc");
}

#[test]
fn what_is_urgent_goes_before_the_first_item_not_begun() {
    let mut out = Outbox::new(item_len);
    out.extend(&item(b'a', 3));
    out.extend(&item(b'b', 3));
    assert_eq!(drain(&mut out, 2), b"\x03a");
    out.overtake(Bytes::from_static(b"!"));
    out.overtake(Bytes::from_static(b"?"));
    assert!(out.has_urgent());
    assert_eq!(drain(&mut out, 4), b"aa!?");
    assert!(!out.has_urgent());
    assert_eq!(drain_all(&mut out), b"\x03bbb");
}

#[test]
fn the_oldest_item_not_begun_is_dropped() {
    let mut out = Outbox::new(item_len);
    out.share_item(item(b'a', 1).into());
    out.share_item(item(b'b', 2).into());
    out.extend(&item(b'c', 1));
    assert_eq!(drain(&mut out, 1), b"\x01");
    assert_eq!(out.drop_oldest(), Some(3));
    assert_eq!(out.drop_oldest(), None, "one is begun, the other is not shared");
    assert_eq!(drain_all(&mut out), b"a\x01c");
}

#[derive(Clone, Debug)]
enum Step {
    Append(u8),
    Share(u8),
    ShareItem(u8),
    Overtake,
    Drain(usize),
    Attach,
    Release,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        any::<u8>().prop_map(Step::Append),
        any::<u8>().prop_map(Step::Share),
        any::<u8>().prop_map(Step::ShareItem),
        Just(Step::Overtake),
        (0usize..700).prop_map(Step::Drain),
        Just(Step::Attach),
        Just(Step::Release),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    /// Against a list of items: nothing is lost, doubled or torn, and the urgent goes first.
    #[test]
    fn an_outbox_is_a_list_of_items(steps in steps()) {
        let (mut out, mut pool) = (Outbox::new(item_len), Pool::new());
        let (mut begun, mut urgent, mut items) = (Vec::<u8>::new(), Vec::<u8>::new(), VecDeque::<Vec<u8>>::new());
        for (fill, step) in steps.into_iter().enumerate() {
            match step {
                Step::Append(len) => {
                    out.extend(&item(fill as u8, len));
                    items.push_back(item(fill as u8, len));
                }
                Step::Share(len) => {
                    let item = item(fill as u8, len);
                    out.extend(&item[..1]);
                    out.share(Bytes::copy_from_slice(&item[1..]));
                    items.push_back(item);
                }
                Step::ShareItem(len) => {
                    out.share_item(item(fill as u8, len).into());
                    items.push_back(item(fill as u8, len));
                }
                Step::Overtake => {
                    out.overtake(item(fill as u8, 2).into());
                    urgent.extend(item(fill as u8, 2));
                }
                Step::Attach => out.attach(&mut pool),
                Step::Release => {
                    out.release(&mut pool);
                    prop_assert!(out.memory() <= 2 * out.len() + 8192, "{out:?}");
                }
                Step::Drain(most) => {
                    let got = drain(&mut out, most);
                    begun.append(&mut urgent);
                    while begun.len() < got.len() {
                        begun.extend(items.pop_front().unwrap());
                    }
                    prop_assert_eq!(&got[..], &begun[..got.len()]);
                    begun.drain(..got.len());
                }
            }
            let waiting = begun.len() + urgent.len() + items.iter().map(Vec::len).sum::<usize>();
            prop_assert_eq!(out.len(), waiting);
        }
        begun.append(&mut urgent);
        begun.extend(items.into_iter().flatten());
        prop_assert_eq!(drain_all(&mut out), begun);
    }
}
