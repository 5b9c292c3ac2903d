//! A connection: what one client's packets come by.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use sansocket_core::Deadlines;

use super::ids::{ConnectionId, SocketId};
use super::inlet::Inlet;
use super::outlet::Outlet;
use crate::handshake::Handshake;
use crate::{Decoder, Nsp};

/// A connection, until nobody can ask for it any more.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) handshake: Arc<Handshake>,
    pub(crate) decoder: Decoder,
    pub(crate) seats: Vec<Seat>,
    pub(crate) inlet: Inlet,
    pub(crate) outlet: Outlet,
    pub(crate) deadlines: Deadlines<Why, 2>,
    /// So many times it was refused a namespace.
    pub(crate) refusals: u32,
    pub(crate) phase: Phase,
    is_dirty: bool,
}

/// A namespace that the client is in, as it believes.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) nsp: Nsp,
    /// `None`: it was put out, and may not have heard of that. What it says meanwhile is not its fault.
    pub(crate) socket: Option<SocketId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    Open,
    /// When what waits has left it is to be closed.
    Closing,
    Closed,
}

/// Why a deadline stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    /// It is in no namespace.
    Connect,
    /// A packet waits for its attachments.
    Attachments,
}

impl sansocket_core::Reason for Why {
    const ALL: &'static [Why] = &[Why::Connect, Why::Attachments];

    fn index(self) -> usize {
        self as usize
    }
}

impl Connection {
    pub(crate) fn new(handshake: Arc<Handshake>, decoder: Decoder) -> Connection {
        Connection {
            handshake,
            decoder,
            seats: Vec::new(),
            inlet: Inlet::default(),
            outlet: Outlet::default(),
            deadlines: Deadlines::default(),
            refusals: 0,
            phase: Phase::Open,
            is_dirty: false,
        }
    }

    pub(crate) fn seat(&self, nsp: &Nsp) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.nsp == *nsp)
    }

    /// May a packet come like the one whose attachments are awaited? If not they are not worth waiting for.
    pub(crate) fn expects(&self) -> bool {
        self.decoder.waiting().is_some_and(|packet| self.seat(&packet.nsp).is_some())
    }

    /// The client is in this namespace now, or was put out of it.
    pub(crate) fn set_seat(&mut self, nsp: Nsp, socket: Option<SocketId>) {
        match self.seats.iter_mut().find(|seat| seat.nsp == nsp) {
            Some(seat) => seat.socket = socket,
            None => self.seats.push(Seat { nsp, socket }),
        }
    }

    /// It is in it no longer, and knows.
    pub(crate) fn remove_seat(&mut self, nsp: &Nsp) {
        self.seats.retain(|seat| seat.nsp != *nsp);
    }

    pub(crate) fn sockets(&self) -> impl Iterator<Item = SocketId> {
        self.seats.iter().filter_map(|seat| seat.socket)
    }

    /// Is nothing left that somebody could ask for?
    pub(crate) fn is_over(&self) -> bool {
        self.phase == Phase::Closed && self.inlet.is_empty()
    }

    /// Somebody should look.
    pub(crate) fn list(&mut self, id: ConnectionId, dirty: &mut VecDeque<ConnectionId>) {
        if !core::mem::replace(&mut self.is_dirty, true) {
            dirty.push_back(id);
        }
    }

    pub(crate) fn unlist(&mut self) {
        self.is_dirty = false;
    }
}
