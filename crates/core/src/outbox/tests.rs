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

/// XOR with the key's bytes, in turn.
fn masked(to: &mut [u8], from: &[u8], key: u32) -> u32 {
    for (i, (to, from)) in to.iter_mut().zip(from).enumerate() {
        *to = from ^ key.to_le_bytes()[i % 4];
    }
    key.rotate_right(8 * (from.len() as u32 % 4))
}

fn wholly_masked(bytes: &[u8], key: u32) -> Vec<u8> {
    let mut to = vec![0; bytes.len()];
    masked(&mut to, bytes, key);
    to
}

#[test]
fn what_is_changed_on_its_way_out_is_changed_a_window_at_a_time() {
    let (mut out, mut pool) = (Outbox::default(), Pool::default());
    let large = Bytes::from((0..1 << 20).map(|i| i as u8).collect::<Vec<u8>>());
    out.attach(&mut pool);
    let memory = out.memory();
    out.extend(b"header");
    out.share_changed(large.clone(), 0x0403_0201, masked);
    assert_eq!(out.len(), 6 + large.len());
    assert_eq!(out.pieces().collect::<Vec<_>>(), [b"header"]);
    let mut written: Vec<u8> = Vec::new();
    while !out.is_empty() {
        out.prepare();
        let pieces = out.pieces().collect::<Vec<_>>().concat();
        assert!(pieces.len() <= 64 << 10);
        written.extend(&pieces);
        out.written(pieces.len());
        assert!(out.memory() <= memory + large.len() + 4096, "{}", out.memory());
    }
    assert_eq!(&written[..6], b"header");
    assert!(written[6..] == wholly_masked(&large, 0x0403_0201));
}

/// What may be queued.
#[derive(Clone, Debug)]
enum Queued {
    Flat(Vec<u8>),
    Shared(Vec<u8>),
    Changed(Vec<u8>, u32),
    Urgent(Vec<u8>),
    Write(usize),
    Prepare,
    Release,
}

fn queued() -> impl Strategy<Value = Queued> {
    let few = || proptest::collection::vec(any::<u8>(), 1..200);
    // Several windows.
    let many = (any::<u8>(), 1usize..200_000).prop_map(|(fill, len)| vec![fill; len]);
    prop_oneof![
        few().prop_map(Queued::Flat),
        few().prop_map(Queued::Shared),
        (many, any::<u32>()).prop_map(|(bytes, key)| Queued::Changed(bytes, key)),
        few().prop_map(Queued::Urgent),
        (1usize..100_000).prop_map(Queued::Write),
        Just(Queued::Prepare),
        Just(Queued::Release),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_changed_keeps_its_place(steps in proptest::collection::vec(queued(), 1..40)) {
        // All one item, which nothing overtakes once it is begun; until then it stands before all of it.
        let (mut out, mut pool) = (Outbox::default(), Pool::default());
        let (mut naive, mut written) = (Vec::<u8>::new(), Vec::<u8>::new());
        let (mut begun, mut urgent) = (false, 0);
        for step in steps {
            match step {
                Queued::Flat(bytes) => {
                    out.extend(&bytes);
                    naive.extend(bytes);
                }
                Queued::Shared(bytes) => {
                    naive.extend(&bytes);
                    out.share(bytes.into());
                }
                Queued::Changed(bytes, key) => {
                    naive.push(b'#');
                    out.extend(b"#");
                    naive.extend(wholly_masked(&bytes, key));
                    out.share_changed(bytes.into(), key, masked);
                }
                Queued::Urgent(bytes) if !begun => {
                    naive.splice(urgent..urgent, bytes.iter().copied());
                    urgent += bytes.len();
                    out.overtake(bytes.into());
                }
                Queued::Write(n) => {
                    let ready: usize = out.pieces().map(<[u8]>::len).sum();
                    prop_assert!(ready > 0 || out.is_empty());
                    let n = n.min(ready);
                    written.extend(&out.pieces().collect::<Vec<_>>().concat()[..n]);
                    out.written(n);
                    begun |= n > 0;
                }
                Queued::Prepare => out.prepare(),
                Queued::Release => out.release(&mut pool),
                Queued::Urgent(_) => {}
            }
            prop_assert_eq!(out.len(), naive.len() - written.len());
        }
        while !out.is_empty() {
            let pieces = out.pieces().collect::<Vec<_>>().concat();
            prop_assert!(!pieces.is_empty());
            written.extend(&pieces);
            out.written(pieces.len());
        }
        prop_assert!(written == naive);
    }
}
