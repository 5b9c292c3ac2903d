//! `sansocket`: WebSocket, Engine.IO and Socket.IO on the command line.
//!
//! Each command has a file of its own. None of them knows a protocol: they ask the machines of `sansocket-websocket`,
//! `sansocket-engineio` and `sansocket-socketio`, over the adapters for tokio and smol.

#![forbid(unsafe_code)]

mod application;
mod bench;
mod close;
mod connect;
mod dial;
mod engineio;
mod exit;
mod inspect;
mod runtime;
mod serve;
mod socketio;
mod stop;
mod terminal;
mod units;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Servers and clients of WebSocket, Engine.IO and Socket.IO out of pure state machines, on tokio or on smol.
#[derive(Parser)]
#[command(name = "sansocket", version, after_help = exit::HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Connect(connect::Connect),
    Bench(bench::Bench),
    Inspect(inspect::Inspect),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Connect(connect) => connect.run(),
        Command::Bench(bench) => bench.run(),
        Command::Inspect(inspect) => inspect.run(),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report(),
    }
}
