//! A server that has no file descriptors left: P-001 of the hostile list.
#![cfg(target_os = "linux")]
mod support;

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sansocket_core::Message;
use sansocket_smol::{connect, welcome};
use support::{bind, echo, run, sleep, start};

/// Descriptors of the server: enough to start, and for a few connections.
const FEW: usize = 64;

/// This test program again, as a server with few file descriptors.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start() -> Server {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {FEW}; exec \"$0\" --exact the_server --ignored --nocapture")])
            .arg(program)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address =
            lines.map_while(Result::ok).find_map(|line| Some(line.split_once("listening on ")?.1.to_owned()));
        Server { child, address: address.expect("the server says where it listens") }
    }

    /// Processor time it has used, in hundredths of a second: the 14th and 15th field of proc_pid_stat(5).
    fn processor_time(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields = stat.rsplit_once(')').unwrap().1.split_whitespace().skip(11).take(2);
        fields.map(|field| field.parse::<u64>().unwrap()).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "the other half of the test below"]
fn the_server() {
    run(async {
        let server = start(bind().await, welcome, echo);
        println!("listening on {}", server.address);
        server.ended.wait().await;
    });
}

#[test]
fn it_waits_without_work_serves_who_is_there_and_recovers_alone() {
    run(async {
        let server = Server::start();
        let uri = format!("ws://{}/", server.address);
        let mut early = connect(&uri).await.unwrap();

        // More than it can accept: the others wait in the backlog.
        let crowd: Vec<_> = (0..2 * FEW).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
        sleep(Duration::from_millis(300)).await;
        let before = server.processor_time();
        sleep(Duration::from_secs(1)).await;
        let used = server.processor_time() - before;
        assert!(used < 30, "{used} of 100 hundredths of a second spent on nothing");
        early.send(Message::text("still here?")).await.unwrap();
        assert_eq!(early.next().await, Some(Message::text("still here?")));

        drop(crowd);
        let mut late = connect(&uri).await.unwrap();
        late.send(Message::text("room again")).await.unwrap();
        assert_eq!(late.next().await, Some(Message::text("room again")));
    });
}
