//! The hostile list against a client's connection: the entries of the layer `http1` that attack a client, and those of
//! a server's whose bytes a server could send as well.

use sansocket_core::Machine;
use sansocket_http1::client::{ClientClosed, Fault, RequestError};
use sansocket_http1::{BodyError, ClientOptions, Delivery, HeadError};
use sansocket_testkit::http::{Answered, Talk, get};
use sansocket_testkit::{CountingAlloc, hostile};

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

#[test]
fn every_entry_of_the_list_is_tested() {
    for entry in hostile::entries("http1").into_iter().filter(|entry| entry.role != "server") {
        let name = format!("fn {}_", entry.id.to_lowercase().replace('-', ""));
        assert!(
            include_str!("hostile_client.rs").contains(&name),
            "nothing tests {} {}",
            entry.id,
            entry.title
        );
    }
}

/// Why the connection ended that was answered so; it holds nothing, and takes no other request.
fn answered(reads: &[&[u8]], delivery: Delivery) -> ClientClosed {
    let mut talk = Talk::client(ClientOptions { delivery, ..ClientOptions::default() });
    talk.ask(&get("/engine.io/?EIO=4&transport=polling")).unwrap();
    for read in reads {
        talk.say(read);
    }
    let last = talk.heard().pop();
    assert_eq!(talk.ask(&get("/")), Err(RequestError::Closed), "it is not used again");
    talk.answers();
    assert!(talk.side.is_shut_down() && talk.side.machine.is_finished());
    assert_eq!(talk.side.input.memory(), 0);
    match last {
        Some(Answered::Closed(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn t090_hostile_answers_end_the_connection() {
    let endless =
        ["X: y\r\n".repeat(101), "X".repeat(9000), format!("X: {}\r\n", "y".repeat(7000)).repeat(3)];
    let cases: [(&str, Fault); 14] = [
        ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BodyError::TwoLengths.into()),
        ("Content-Length: 1\r\nContent-Length: 2\r\n\r\n44", BodyError::ContentLengthRepeated.into()),
        ("Content-Length: +1\r\n\r\n4", BodyError::ContentLength.into()),
        ("Content-Length: 1, 1\r\n\r\n4", BodyError::ContentLength.into()),
        ("Transfer-Encoding: gzip, chunked\r\n\r\n", BodyError::TransferEncoding.into()),
        ("Transfer-Encoding: chunked\r\n\r\n0x1\r\n4\r\n0\r\n\r\n", BodyError::ChunkSize.into()),
        ("Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n", BodyError::TooLarge.into()),
        ("Transfer-Encoding: chunked\r\n\r\n1\r\n40\r\n\r\n", BodyError::ChunkEnd.into()),
        ("Content-Length: 1000001\r\n\r\n", BodyError::TooLarge.into()),
        ("X: y\n\r\n", HeadError::BareLf.into()),
        ("X: y\r\n z\r\n\r\n", HeadError::Folded.into()),
        (&endless[0], HeadError::TooManyHeaders.into()),
        (&endless[1], HeadError::LineTooLong.into()),
        (&endless[2], HeadError::TooLarge.into()),
    ];
    for (rest, fault) in cases {
        let answer = format!("HTTP/1.1 200 OK\r\n{rest}");
        for delivery in [Delivery::Whole, Delivery::Pieces] {
            for cut in [answer.len(), 1, 7] {
                let reads: Vec<&[u8]> = answer.as_bytes().chunks(cut).collect();
                let (why, grown) = CountingAlloc::measure(|| answered(&reads, delivery));
                assert_eq!(why, ClientClosed::Fault(fault), "{rest}");
                assert!(grown.peak <= 300_000, "one pooled buffer, and little else: {rest}: {grown:?}");
            }
        }
    }
}

#[test]
fn t090_a_body_that_never_ends_is_cut() {
    let head: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let extension = format!("1;{}\r\n4\r\n", "a".repeat(100));
    let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
    let floods: [(&[u8], BodyError); 3] = [
        (extension.as_bytes(), BodyError::TooMuchOverhead),
        (chunk.as_bytes(), BodyError::TooLarge),
        (b"0\r\n", BodyError::Trailer),
    ];
    for (piece, error) in floods {
        let reads: Vec<&[u8]> = std::iter::once(head).chain(std::iter::repeat_n(piece, 2000)).collect();
        assert_eq!(answered(&reads, Delivery::Whole), ClientClosed::Fault(error.into()));
    }
}

#[test]
fn t091_a_redirect_is_handed_over_and_not_followed() {
    let mut talk = Talk::client(ClientOptions::default());
    talk.ask(&get("/engine.io/?EIO=4&transport=polling")).unwrap();
    talk.say("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
    let response = talk.response();
    assert_eq!(response.headers.get("location"), Some(&b"http://169.254.169.254/"[..]));
    assert_eq!((response.status, talk.answers()), (302, String::new()), "nothing is asked by itself");
}
