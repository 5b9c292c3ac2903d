//! Several servers in one program.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use sansocket_driver::Runtime;
use sansocket_socketio::cluster::{Body, Message, Outbound, Uid};

use super::io::Io;

/// Joins servers of one program, which may live on different threads and runtimes, to a cluster: whoever says something to
/// sockets of one of them reaches those of all.
///
/// ```
/// # use sansocket_driver::Runtime;
/// # use sansocket_app::socketio::{Bus, EmitError, Io};
/// # fn example<R: Runtime>(one: &Io<R>, other: &Io<R>) -> Result<(), EmitError> {
/// let bus = Bus::new();
/// bus.join(one);
/// bus.join(other);
/// one.everybody().emit("news", &"for the sockets of both")?;
/// # Ok(()) }
/// ```
///
/// A server leaves when it [closes](Io::close), or when nobody holds it any more. Clones are the same bus.
#[derive(Clone, Default)]
pub struct Bus(Arc<Mutex<Arc<[Member]>>>);

/// A server on it.
#[derive(Clone)]
struct Member {
    uid: Uid,
    /// Tells it something, if it is there still.
    tell: Arc<dyn Fn(Message) + Send + Sync>,
}

impl Bus {
    /// Nobody is on it.
    pub fn new() -> Bus {
        Bus::default()
    }

    /// This server, too. When it returns, all know each other.
    pub fn join<R: Runtime>(&self, io: &Io<R>) {
        // A bus keeps nobody alive.
        let shared = Arc::downgrade(&io.0.shared);
        let tell = move |message| {
            if let Some(shared) = shared.upgrade() {
                shared.hear(message);
            }
        };
        let member = Member { uid: io.uid(), tell: Arc::new(tell) };
        self.change(|members| {
            members.retain(|other| other.uid != member.uid);
            members.push(member);
        });
        let bus = self.clone();
        io.join_cluster(move |outbound| bus.carry(outbound));
    }

    fn carry(&self, outbound: Outbound) {
        let Outbound { to, message } = outbound;
        let is_meant = |member: &&Member| match &to {
            Some(to) => member.uid == *to,
            None => member.uid != message.uid,
        };
        // Whoever hears it may answer, join or leave meanwhile.
        let members = self.members();
        members.iter().filter(is_meant).for_each(|member| (member.tell)(message.clone()));
        if matches!(message.body, Body::AdapterClose) {
            self.change(|members| members.retain(|member| member.uid != message.uid));
        }
    }

    fn members(&self) -> Arc<[Member]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Member>)) {
        let mut members = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = members.to_vec();
        change(&mut changed);
        *members = changed.into();
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bus").field(&self.members().len()).finish()
    }
}
