use super::*;
use alloc::vec::Vec;

fn fed(bytes: &[u8]) -> (Input, Pool) {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    input.fill(bytes, &mut pool);
    (input, pool)
}

fn close_up(window: &mut [u8], raw: usize) {
    window.copy_within(raw.., 0);
}

#[test]
fn an_input_is_small_and_an_idle_one_owns_nothing() {
    assert_eq!(size_of::<Input>(), 48);
    let (mut input, mut pool) = fed(b"hello");
    assert_eq!(input.take(5), b"hello");
    input.release(&mut pool);
    assert_eq!(input.memory(), 0);
    assert!(input.is_empty() && pool.memory() > 0);
}

#[test]
fn a_rest_keeps_no_more_than_twice_its_size() {
    for rest in [1, 100, 600, 5_000, 70_000, 200_000, 900_000] {
        let (mut input, mut pool) = fed(&vec![7; rest]);
        input.release(&mut pool);
        assert!(input.memory() <= 2 * rest + 4096, "{rest}: {}", input.memory());
        assert_eq!(input.raw().len(), rest);
    }
}

#[test]
fn a_large_message_is_moved_once_and_the_next_one_finds_its_memory() {
    let (mut input, mut pool) = fed(&vec![7; 1 << 20]);
    let (place, memory) = (input.buffer.as_ptr(), input.memory());
    assert!(memory < (1 << 20) + (1 << 13), "{memory}");
    input.take(1 << 20);
    input.release(&mut pool);
    input.fill(&vec![8; 1 << 20], &mut pool);
    assert_eq!(input.buffer.as_ptr(), place);
    assert_eq!(input.take(usize::MAX), vec![8; 1 << 20]);
}

#[test]
fn a_pool_keeps_a_few_megabytes_and_no_more() {
    let mut pool = Pool::new();
    let mut inputs: Vec<Input> = core::iter::repeat_with(Input::default).take(20).collect();
    for (input, size) in inputs.iter_mut().zip([1 << 10, 1 << 20, 3 << 20].into_iter().cycle()) {
        input.fill(&vec![7; size], &mut pool);
    }
    for input in &mut inputs {
        input.take(usize::MAX);
        input.release(&mut pool);
    }
    assert!(pool.memory() <= 6 << 20, "{}", pool.memory());
}

#[test]
fn a_message_that_drips_in_is_moved_a_handful_of_times() {
    let (mut input, mut pool) = (Input::default(), Pool::default());
    let (mut moves, mut place, total) = (0, core::ptr::null(), 1 << 20);
    for _ in 0..total {
        input.space(&mut pool)[0] = 1;
        input.filled(1);
        input.hold(1, close_up);
        if input.buffer.as_ptr() != place {
            moves += input.held_len();
        }
        input.release(&mut pool);
        place = input.buffer.as_ptr();
        assert!(input.memory() <= 2 * input.held_len() + 4096);
    }
    assert!(moves <= 4 * total, "{moves}");
    assert_eq!(input.take_held(usize::MAX).len(), total);
}

#[test]
fn what_is_held_survives_moves() {
    let (mut input, mut pool) = fed(b"#ab#cd#e");
    input.skip(1);
    input.hold(2, close_up);
    input.release(&mut pool);
    input.fill(b"f.", &mut pool);
    input.skip(1);
    input.hold(2, close_up);
    assert_eq!(input.held(), b"abcd");
    assert_eq!(input.take(2), b"#e");
    assert_eq!(input.take_held(usize::MAX), b"abcd");
    assert_eq!(input.raw(), b"f.");
    assert!(!input.is_empty());
}

#[test]
fn text_is_checked_once_and_cut_between_characters() {
    let (mut input, mut pool) = fed("aé".as_bytes());
    input.hold(2, close_up);
    input.check_text().unwrap();
    assert_eq!(input.text_len(), 1);
    assert_eq!(input.take_text(usize::MAX), "a");
    input.hold(1, close_up);
    input.check_text().unwrap();
    assert_eq!(input.take_text(usize::MAX), "é");
    input.fill(b"\xc3x", &mut pool);
    input.hold(1, close_up);
    input.check_text().unwrap();
    input.hold(1, close_up);
    assert_eq!(input.check_text(), Err(NotUtf8));
}

#[test]
fn text_is_taken_in_pieces_between_characters() {
    let (mut input, _pool) = fed("aéb€".as_bytes());
    input.hold(7, close_up);
    input.check_text().unwrap();
    assert_eq!(input.take_text(2), "a");
    assert_eq!(input.take_text(2), "é");
    assert_eq!(input.take_text(3), "b");
    assert_eq!(input.take_text(3), "€");
    assert_eq!(input.held_len(), 0);
}

#[test]
fn derived_bytes_are_a_message_like_any_other() {
    let (mut input, mut pool) = fed(b"raw");
    input.derive("zw\u{f6}".as_bytes());
    input.derive(b"lf");
    input.check_text().unwrap();
    assert_eq!(input.take_text(usize::MAX), "zw\u{f6}lf");
    input.derive(b"next");
    assert_eq!(input.take_held(usize::MAX), b"next");
    assert_eq!(input.take(3), b"raw");
    input.release(&mut pool);
    assert_eq!(input.memory(), 0);
}

#[test]
fn what_was_checked_says_nothing_of_what_is_derived_later() {
    let (mut input, _pool) = fed(b"held");
    input.hold(4, close_up);
    input.check_text().expect("ASCII is text");
    input.derive(&[0xff; 4]);
    assert_eq!(&*input.take_text(4), "");
    input.check_text().expect_err("0xff is in no text");
}

#[test]
fn room_for_what_a_message_lacks_is_enough() {
    // All but the last bytes, which just fit behind them.
    let (mut input, mut pool) = fed(&vec![7; (1 << 20) - 26]);
    input.hold((1 << 20) - 26, close_up);
    let (place, memory) = (input.buffer.as_ptr(), input.memory());
    input.lacks(26);
    let room = input.space(&mut pool).len();
    assert!((26..64 << 10).contains(&room), "{room}");
    assert_eq!((input.buffer.as_ptr(), input.memory()), (place, memory));
    // Nothing is taken on a peer's word: of a terabyte that is to come neither.
    input.lacks(1 << 40);
    input.space(&mut pool);
    assert!(input.memory() <= 4 * memory);
}

#[test]
fn a_small_rest_waits_where_the_next_read_begins() {
    let (mut input, mut pool) = fed(&[7; 1000]);
    let place = input.buffer.as_ptr();
    input.take(900);
    assert_eq!(input.space(&mut pool).as_ptr(), place.wrapping_add(100));
    assert_eq!(input.raw(), [7; 100]);
}
