//! Echo over loopback: servers on one core, the load on another.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;

use rustix::thread::{CpuSet, sched_setaffinity};

mod load;
mod servers;

use servers::Server;

use crate::measure::median;
use crate::table;

/// How the load looks.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Connections.
    pub connections: usize,
    /// Messages under way on each.
    pub window: usize,
    /// Bytes of a message.
    pub size: usize,
}

const SHAPES: [Shape; 4] = [
    Shape { connections: 100, window: 1, size: 64 },
    Shape { connections: 100, window: 16, size: 16 },
    Shape { connections: 100, window: 64, size: 125 },
    Shape { connections: 50, window: 1, size: 16 << 10 },
];

/// How often every server has a turn.
const ROUNDS: usize = 5;

/// Measures what is `wanted`, and prints the table.
pub fn print(wanted: impl Fn(&str) -> bool) -> io::Result<()> {
    let shapes: Vec<_> = SHAPES.into_iter().filter(|shape| wanted(&shape.name())).collect();
    if shapes.is_empty() {
        return Ok(());
    }
    pin(1);
    let running: Vec<_> = servers::ALL.iter().map(|server| start(*server)).collect::<Result<_, _>>()?;
    let names: Vec<_> = shapes.iter().map(Shape::title).collect();
    println!("\n### Echo over loopback\n");
    println!(
        "Thousand messages/s: connections × messages under way on each, binary. The server has one core, the load another.\n"
    );
    println!("| | {} |\n|---{}|", names.join(" | "), "|---:".repeat(shapes.len()));
    let mut turns = vec![vec![Vec::new(); shapes.len()]; running.len()];
    for _ in 0..ROUNDS {
        for (column, shape) in shapes.iter().enumerate() {
            for (row, (server, address)) in running.iter().enumerate() {
                turns[row][column].push(load::load(*address, server.speech, *shape)?);
            }
        }
    }
    for ((server, _), turns) in running.iter().zip(turns) {
        let cells: Vec<_> = turns.into_iter().map(|turns| table::digits(median(turns) / 1000.0)).collect();
        println!("| {} | {} |", server.name, cells.join(" | "));
    }
    Ok(())
}

impl Shape {
    fn name(&self) -> String {
        format!("echo/{}x{}/{}", self.connections, self.window, self.size)
    }

    fn title(&self) -> String {
        let size =
            if self.size < 1024 { format!("{} B", self.size) } else { format!("{} KiB", self.size >> 10) };
        format!("{} × {}, {size}", self.connections, self.window)
    }
}

/// Starts a server on a thread that lives as long as the program, and sleeps while nobody is connected.
fn start(server: Server) -> io::Result<(Server, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        pin(0);
        (server.run)(listener);
    });
    Ok((server, address))
}

/// Binds this thread to a core. On a machine with one that fails, and does no harm.
fn pin(core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core);
    let _ = sched_setaffinity(None, &cores);
}
