//! What a handle may do with a wire, whatever its transport and its clock are.

use std::ops::ControlFlow;

use sansocket_core::{Instant, Machine, Transmit};

use super::{OutputMemory, Wire, Writing, gathered};
use crate::pool::pooled;
use crate::{Clock, Io};

/// What a handle may do with a wire while the driver sleeps, as long as there is one.
pub(crate) trait Line<M> {
    /// The time.
    fn time(&self) -> Option<Instant>;

    /// Lends the machine's output a buffer, until [`write_at_once`](Line::write_at_once) takes it back.
    fn attach(&mut self, machine: &mut M);

    /// Writes what the machine wants written. `Break` if that did not do it all, or there is more to do than to write:
    /// the driver has to come.
    fn write_at_once(&mut self, machine: &mut M) -> ControlFlow<()>;
}

impl<M: Machine, I: Io, C: Clock> Line<M> for Option<Wire<I, C>> {
    fn time(&self) -> Option<Instant> {
        self.as_ref().map(|wire| wire.clock.now())
    }

    fn attach(&mut self, machine: &mut M) {
        if let Some(wire) = self {
            wire.attach(machine);
        }
    }

    fn write_at_once(&mut self, machine: &mut M) -> ControlFlow<()> {
        let Some(wire) = self else { return ControlFlow::Break(()) };
        let written = wire.write_all(machine);
        // Whatever is left may wait for long.
        wire.output = OutputMemory::Own;
        pooled(|pool| machine.detach(pool));
        written?;
        // Only the driver sets the alarm, and only it knows the end.
        let rings = machine.poll_timeout().is_none_or(|at| wire.alarm.is_some_and(|set| set <= at));
        if rings && !machine.is_finished() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl<I: Io, C> Wire<I, C> {
    /// What fails here fails again when the driver tries it, who can tell why.
    fn write_all<M: Machine>(&mut self, machine: &mut M) -> ControlFlow<()> {
        while self.writing == Writing::Clean {
            match machine.poll_transmit() {
                None => return ControlFlow::Continue(()),
                Some(Transmit::Shutdown) => self.writing = Writing::Ending,
                Some(Transmit::Bytes(out)) => match gathered(out, |slices| self.io.try_write(slices)) {
                    Ok(n @ 1..) => out.written(n),
                    _ => break,
                },
            }
        }
        ControlFlow::Break(())
    }
}
