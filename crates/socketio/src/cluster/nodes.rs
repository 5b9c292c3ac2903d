//! Who else is there.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use sansocket_core::{Instant, Seated, Timetable};
use slotmap::{Key, SlotMap};

use super::Uid;

slotmap::new_key_type! {
    /// A node that is there.
    struct NodeKey;
}

impl Seated for NodeKey {
    fn seat(self) -> u32 {
        self.data().as_ffi() as u32
    }
}

/// The other nodes, each until it was not heard of for too long.
#[derive(Debug)]
pub(crate) struct Nodes {
    nodes: SlotMap<NodeKey, Node>,
    by_uid: BTreeMap<Uid, NodeKey>,
    timetable: Timetable<NodeKey>,
    timeout: Duration,
    most: usize,
}

#[derive(Debug)]
struct Node {
    uid: Uid,
    /// When it is given up, if it says nothing.
    until: Instant,
}

/// What it means that somebody spoke.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Heard {
    /// He may be listened to.
    Known,
    /// There are too many.
    Surplus,
}

impl Nodes {
    pub(crate) fn new(timeout: Duration, most: usize) -> Nodes {
        Nodes {
            nodes: SlotMap::with_key(),
            by_uid: BTreeMap::new(),
            timetable: Timetable::default(),
            timeout,
            most,
        }
    }

    /// `uid` said something.
    pub(crate) fn heard(&mut self, uid: &Uid, now: Instant) -> Heard {
        let until = now + self.timeout;
        if *uid == Uid::EMITTER {
            return Heard::Known;
        }
        if let Some(key) = self.by_uid.get(uid) {
            self.nodes[*key].until = until;
            return Heard::Known;
        }
        if self.nodes.len() >= self.most {
            return Heard::Surplus;
        }
        let key = self.nodes.insert(Node { uid: uid.clone(), until });
        self.by_uid.insert(uid.clone(), key);
        self.timetable.set(key, Some(until));
        Heard::Known
    }

    /// `uid` says that it goes.
    pub(crate) fn remove(&mut self, uid: &Uid) {
        if let Some(key) = self.by_uid.remove(uid) {
            self.timetable.set(key, None);
            self.nodes.remove(key);
        }
    }

    /// Takes one out that was not heard of for too long.
    pub(crate) fn expired(&mut self, now: Instant) -> Option<Uid> {
        while let Some(key) = self.timetable.expired(now) {
            let Some(node) = self.nodes.get(key) else { continue };
            if node.until > now {
                self.timetable.set(key, Some(node.until));
                continue;
            }
            let gone = self.nodes.remove(key).map(|node| node.uid);
            if let Some(uid) = &gone {
                self.by_uid.remove(uid);
            }
            return gone;
        }
        None
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.timetable.next()
    }

    pub(crate) fn uids(&self) -> Vec<Uid> {
        self.by_uid.keys().cloned().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn clear(&mut self) {
        *self = Nodes::new(self.timeout, self.most);
    }
}
