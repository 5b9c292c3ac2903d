//! What sessions cost that nobody uses: the server's memory (RSS), shared out among them.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use super::session;
use crate::arguments::{Arguments, Pace};
use crate::codec::frames::{self, FIN};
use crate::codec::opening::KEY;
use crate::echo::child::{Child, Duty};
use crate::echo::servers::Server;
use crate::report::{self, Record, Report, digits};

/// The part of its rows.
const PART: &str = super::PART;
/// Time for a server to come to rest.
const REST: Duration = Duration::from_millis(300);
/// The opcode of text.
const TEXT: u8 = 1;

pub(super) fn run(servers: &[&'static Server], arguments: &Arguments, report: &mut Report) -> io::Result<()> {
    if !arguments.wants_row("memory") {
        return Ok(());
    }
    let many = if arguments.pace == Pace::Full { 10_000 } else { 2000 };
    println!("\n### Memory of {many} sessions that nobody uses, bytes of RSS each\n");
    println!("{}", report::head(&["", "polling, not polled", "upgraded to a WebSocket"]));
    for server in servers {
        let polling =
            measure(server, many, |address| session::open(&mut session::connect(address)?).map(drop))?;
        let upgraded = measure(server, many, upgrade)?;
        println!("| {} | {} | {} |", server.name, digits(polling), digits(upgraded));
        for (row, value) in [("memory, polling", polling), ("memory, upgraded", upgraded)] {
            report.add(vec![Record::new(PART, "Memory", row.into(), server.name, value)]);
        }
    }
    Ok(())
}

/// What each of `many` costs that `begin` makes, which are kept.
fn measure<T>(
    server: &'static Server,
    many: usize,
    begin: impl Fn(SocketAddr) -> io::Result<T>,
) -> io::Result<f64> {
    let child = Child::start(server, Duty::Echo)?;
    // One first, so that what is made once is not counted.
    let first = begin(child.address)?;
    let before = child.memory()?;
    let all = (0..many).map(|_| begin(child.address)).collect::<io::Result<Vec<_>>>()?;
    thread::sleep(REST);
    let each = (child.memory()? - before) / many as f64;
    drop((first, all));
    Ok(each)
}

/// A session that went from polling to a WebSocket, which is open as long as this is.
fn upgrade(address: SocketAddr) -> io::Result<TcpStream> {
    let sid = session::open(&mut session::connect(address)?)?;
    let mut stream = session::connect(address)?;
    let request = format!(
        "GET /engine.io/?EIO=4&transport=websocket&sid={sid} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", head.escape_ascii());
    let say = |packet: &[u8]| {
        let mut frame = Vec::new();
        frames::put(&mut frame, FIN | TEXT, Some([1, 2, 3, 4]), packet);
        frame
    };
    stream.write_all(&say(b"2probe"))?;
    let mut answer = [0; 8];
    stream.read_exact(&mut answer)?;
    assert_eq!(&answer[2..], b"3probe");
    stream.write_all(&say(b"5"))?;
    Ok(stream)
}
