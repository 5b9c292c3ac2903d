//! The comparison: everything, or what the command line asks for, as Markdown. See README.md.

use std::io;
use std::process::ExitCode;

use sansocket_benches::arguments::{Arguments, USAGE};
use sansocket_benches::report::Report;
use sansocket_benches::{codec, echo, engineio, short, socketio};
use sansocket_testkit::CountingAlloc;

#[global_allocator]
static ALLOC: CountingAlloc = CountingAlloc;

fn main() -> io::Result<ExitCode> {
    if std::env::args().nth(1).as_deref() == Some(echo::child::SERVE) {
        echo::child::serve(std::env::args().skip(2))?;
        return Ok(ExitCode::SUCCESS);
    }
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut report = Report::default();
    if arguments.wants_part(codec::PART) {
        codec::run(&arguments, &mut report);
    }
    if arguments.wants_part(engineio::PART) {
        engineio::run(&arguments, &mut report);
    }
    if arguments.wants_part(socketio::PART) {
        socketio::run(&arguments, &mut report);
    }
    if echo::PARTS.iter().any(|part| arguments.wants_part(part)) {
        echo::run(&arguments, &mut report)?;
    }
    if arguments.is_whole() {
        short::print(&report);
    }
    if let Some(folder) = arguments.out() {
        report.write(&folder)?;
    }
    Ok(ExitCode::SUCCESS)
}
