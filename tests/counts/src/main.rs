//! What is counted: the bare work of one kind of traffic, through the public interface, over and over the same.
//!
//! `counts` names the cases. `counts CASE` makes ready, does one round of the case unseen (memory is taken, the processor
//! asked for what it can do), and one inside [`counted`]; then it prints how many messages that were. So callgrind, told to
//! look at `counted` alone, sees the same instructions each time.
#![forbid(unsafe_code)]

mod case;
mod echo;
mod handshake;
mod payload;
mod receiving;
mod sending;
mod side;
mod socketio;
mod source;

use std::process::ExitCode;

use case::Case;

fn main() -> ExitCode {
    let cases: Vec<Case> =
        [receiving::cases(), sending::cases(), echo::cases(), handshake::cases(), socketio::cases()]
            .into_iter()
            .flatten()
            .collect();
    let Some(name) = std::env::args().nth(1) else {
        cases.iter().for_each(|case| println!("{}", case.name));
        return ExitCode::SUCCESS;
    };
    let Some(case) = cases.into_iter().find(|case| case.name == name) else {
        eprintln!("there is no case '{name}'");
        return ExitCode::FAILURE;
    };
    // On a stack of its own, which begins where a page does: that of `main` begins behind the environment, and copies
    // to and from it take a few instructions more or less with its length.
    let counting = std::thread::spawn(|| {
        let mut round = (case.prepare)();
        (round.work)();
        counted(&mut round.work);
        println!("messages {}", round.messages);
    });
    if counting.join().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What callgrind looks at; it knows it by its name.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
}
