//! A client of Engine.IO over real sockets, and servers that do little.
#[path = "support/house.rs"]
mod house;
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use futures_lite::StreamExt;
use sansocket_core::{Message, SendError};
use sansocket_engineio::{Reason, Transport};
use sansocket_smol::engineio::{Client, ConnectError};
use support::run;

const OPEN: &str =
    r#"0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}"#;

/// A server that answers each request with what `answer` says to its first line and its body, and closes the stream;
/// its address.
fn serve(answer: impl Fn(&str, String) -> String + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for tcp in listener.incoming() {
            let answer = answer.clone();
            std::thread::spawn(move || {
                let mut tcp = tcp.unwrap();
                let (line, body) = read(&tcp);
                tcp.write_all(answer(&line, body).as_bytes()).unwrap();
            });
        }
    });
    url
}

fn read(tcp: &TcpStream) -> (String, String) {
    let mut tcp = BufReader::new(tcp);
    let (mut first, mut length) = (String::new(), 0);
    tcp.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        tcp.read_line(&mut line).unwrap();
        if let Some(found) = line.strip_prefix("Content-Length: ") {
            length = found.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    tcp.read_exact(&mut body).unwrap();
    (first, String::from_utf8(body).unwrap())
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A server of one session that polls: what is posted is what the next poll gets.
fn echo() -> String {
    let (tell, told): (Sender<String>, Receiver<String>) = channel();
    let (tell, told) = (Mutex::new(tell), Mutex::new(told));
    serve(move |line, body| {
        if line.starts_with("POST") {
            // A goodbye releases the poll that waits.
            let echo = if body == "1" { "6".to_owned() } else { body };
            tell.lock().unwrap().send(echo).unwrap();
            ok("ok")
        } else if line.contains("sid=abc") {
            ok(&told.lock().unwrap().recv().unwrap())
        } else {
            ok(OPEN)
        }
    })
}

#[test]
fn messages_come_back_though_the_server_closes_each_stream() {
    run(async {
        let mut client = Client::connect(&echo()).await.unwrap();
        assert_eq!((&*client.sid(), client.transport()), ("abc", Transport::Polling));
        for number in 0..20 {
            client.send(Message::text(number.to_string())).await.unwrap();
            client.send(Message::binary(vec![number])).await.unwrap();
            assert_eq!(client.next().await, Some(Message::text(number.to_string())));
            assert_eq!(client.next().await, Some(Message::binary(vec![number])));
        }
        assert_eq!((client.closed(), client.fault()), (None, None));
        client.close().await;
        assert_eq!(client.closed(), Some(Reason::ForcedClose));
        let late = Message::text("late");
        assert_eq!(client.send(late.clone()).await, Err(SendError::Closed(late)));
        assert_eq!(client.next().await, None);
    });
}

#[test]
fn sessions_are_streams_of_messages() {
    run(async {
        let server = house::open(house::bind().await, async |session, _| {
            let client = session.handle();
            let mut numbers = pin!(session.take(3).enumerate());
            while let Some((number, message)) = numbers.next().await {
                let said = message.as_text().unwrap_or_default();
                client.send(Message::text(format!("{number}: {said}"))).await.unwrap();
            }
        });
        let client = Client::connect(&format!("http://{}", server.address)).await.unwrap();
        for said in ["a", "b", "c"] {
            client.send(Message::text(said)).await.unwrap();
        }
        let heard: Vec<Message> = client.collect().await;
        assert_eq!(heard, ["0: a", "1: b", "2: c"].map(Message::text));
    });
}

#[test]
fn who_has_a_handle_sends_and_closes_too() {
    run(async {
        let mut client = Client::connect(&echo()).await.unwrap();
        let handle = client.handle();
        handle.send(Message::text("one")).await.unwrap();
        handle.try_send(Message::text("two")).unwrap();
        handle.close();
        let late = Message::text("late");
        assert_eq!(handle.try_send(late.clone()), Err(SendError::Closed(late)));
        // What was queued leaves first; whether it comes back before the end is for the server to say.
        while client.next().await.is_some() {}
        assert_eq!(client.closed(), Some(Reason::ForcedClose));
    });
}

#[test]
fn what_is_no_server_says_why() {
    run(async {
        assert!(matches!(Client::connect("nowhere").await, Err(ConnectError::Uri(_))));
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(matches!(Client::connect(&format!("ws://{nobody}")).await, Err(ConnectError::Io(_))));
        let refuses = serve(|_, _| "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno".into());
        match Client::connect(&refuses).await {
            Err(ConnectError::Stream(trouble)) => {
                assert_eq!(trouble.to_string(), "the server answered with status 403");
            }
            other => panic!("{other:?}"),
        }
        let speaks_something_else = serve(|_, _| ok("hello"));
        assert!(matches!(Client::connect(&speaks_something_else).await, Err(ConnectError::Session(_))));
    });
}

#[test]
fn a_session_with_our_own_server_goes_on_over_a_websocket_and_nothing_is_lost() {
    run(async {
        let server = house::open(house::bind().await, house::echo);
        let mut client = Client::connect(&format!("http://{}", server.address)).await.unwrap();
        let mut said = 0;
        while client.transport() == Transport::Polling || said % 100 > 0 {
            for burst in said..said + 10 {
                client.send(Message::text(burst.to_string())).await.unwrap();
            }
            for burst in said..said + 10 {
                assert_eq!(client.next().await, Some(Message::text(burst.to_string())));
            }
            said += 10;
        }
        server.stop.raise();
        assert_eq!(client.next().await, None);
        assert_eq!((client.closed(), client.fault()), (Some(Reason::TransportClose), None));
        server.ended.wait().await;
    });
}
