//! The wish that we end: SIGINT (Ctrl-C), SIGTERM or SIGHUP.

use sansocket_driver::Signal;

use crate::exit::Failure;

/// What a second signal ends us with: 128 + SIGINT, as a shell has it.
const IMPATIENT: i32 = 130;

/// From now on the first signal of the operating system is a wish that we end, and the second ends us at once.
pub(crate) fn on_signals() -> Result<Signal, Failure> {
    let stop = Signal::default();
    let raised = stop.clone();
    ctrlc::set_handler(move || {
        if raised.is_raised() {
            std::process::exit(IMPATIENT);
        }
        raised.raise();
    })
    .map_err(|error| Failure::new(format!("cannot listen for signals: {error}")))?;
    Ok(stop)
}
